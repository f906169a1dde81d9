package skel

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// OrderFlags set the position of a program among the others of its hook.
type OrderFlags = uapi.AttachFlags

// Flags of OrderOptions. The kernel's names are BPF_F_*.
const (
	OrderBefore = uapi.AttachFlagBefore // before the relative; without one, first
	OrderAfter  = uapi.AttachFlagAfter  // after the relative; without one, last
	OrderID     = uapi.AttachFlagID     // the relative is RelativeID, not RelativeFD
	OrderLink   = uapi.AttachFlagLink   // the relative is a link, not a program
)

// OrderOptions place a program among the others of its hook. The zero value puts
// it at the end.
type OrderOptions struct {
	Flags OrderFlags
	// RelativeFD or RelativeID is the program or link that Flags refer to.
	RelativeFD int
	RelativeID uint32
	// Revision makes the attach fail with ESTALE unless the hook still has this
	// revision.
	Revision uint64
}

// check refuses a relative that C would truncate.
func (o *OrderOptions) check() error {
	if o == nil {
		return nil
	}
	return checkFD(o.RelativeFD)
}

func (o *OrderOptions) order() bpf.Order { return bpf.Order(optionsOf(o)) }

// AttachCgroup attaches to the cgroup (of version 2) whose folder is open as fd,
// which the caller keeps. Options need libbpf 1.6 and Linux 6.17.
// (bpf_program__attach_cgroup_opts)
func (p *Program) AttachCgroup(fd int, o *OrderOptions) (*Link, error) {
	return p.attachBySyscall(fdRequest(methodCgroup, fd), firstError(checkFD(fd), o.check()), func(program int) (int, error) {
		return bpf.LinkCgroup(program, fd, p.lp.AttachType(), o.order())
	})
}

// AttachTCX attaches to the traffic of a network interface, in the direction of
// its section. (bpf_program__attach_tcx)
func (p *Program) AttachTCX(ifindex int, o *OrderOptions) (*Link, error) {
	return p.attachBySyscall(interfaceRequest(methodTCX, ifindex), firstError(checkIfindex(ifindex), o.check()), func(program int) (int, error) {
		return bpf.LinkTCX(program, ifindex, p.lp.AttachType(), o.order())
	})
}

// AttachNetkit attaches to a netkit interface. (bpf_program__attach_netkit)
func (p *Program) AttachNetkit(ifindex int, o *OrderOptions) (*Link, error) {
	return p.attachBySyscall(interfaceRequest(methodNetkit, ifindex), firstError(checkIfindex(ifindex), o.check()), func(program int) (int, error) {
		return bpf.LinkNetkit(program, ifindex, p.lp.AttachType(), o.order())
	})
}

// AttachNetns attaches to the network namespace that is open as fd, which the
// caller keeps. (bpf_program__attach_netns)
func (p *Program) AttachNetns(fd int) (*Link, error) {
	return p.attachBySyscall(fdRequest(methodNetns, fd), checkFD(fd), func(program int) (int, error) {
		return bpf.LinkNetns(program, fd, p.lp.AttachType())
	})
}

// AttachSockmap attaches to a map of sockets, of this skeleton or another.
// (bpf_program__attach_sockmap)
func (p *Program) AttachSockmap(m Descriptor) (*Link, error) {
	a := newRequest(methodSockmap, "")
	fd, err := copyFD(m, bpf.KindMap)
	if err != nil {
		return nil, p.fail(a.op, err)
	}
	defer closeFD(fd)
	return p.attachBySyscall(a, nil, func(program int) (int, error) {
		return bpf.LinkSockmap(program, fd, p.lp.AttachType())
	})
}

// XDPFlags are the kernel's XDP_FLAGS_*.
type XDPFlags = uapi.XDPFlags

// Modes of an XDP program; the kernel chooses one if none is set.
const (
	XDPGeneric  = uapi.XDPFlagSkbMode      // in the network stack (SKB_MODE)
	XDPDriver   = uapi.XDPFlagDriverMode   // in the driver (DRV_MODE)
	XDPHardware = uapi.XDPFlagHardwareMode // in the device (HW_MODE)
)

// XDPOptions are the options of AttachXDP.
type XDPOptions struct {
	Flags XDPFlags
}

// AttachXDP attaches to a network interface. (bpf_program__attach_xdp)
func (p *Program) AttachXDP(ifindex int, o *XDPOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attachBySyscall(interfaceRequest(methodXDP, ifindex), checkIfindex(ifindex), func(program int) (int, error) {
		return bpf.LinkXDP(program, ifindex, p.lp.AttachType(), opts.Flags)
	})
}

// NetfilterOptions select the netfilter hook of a program.
type NetfilterOptions struct {
	Family   uapi.NFProto // NFProtoIPv4, NFProtoIPv6
	Hook     uapi.NFHook
	Priority int32 // neither the lowest nor the highest is allowed
	Flags    uapi.NetfilterFlags
}

// AttachNetfilter attaches to netfilter, in the network namespace of the calling
// thread. (bpf_program__attach_netfilter)
func (p *Program) AttachNetfilter(o NetfilterOptions) (*Link, error) {
	return p.attachBySyscall(newRequest(methodNetfilter, fmt.Sprintf("hook %v of family %v", o.Hook, o.Family)), nil, func(program int) (int, error) {
		return bpf.LinkNetfilter(program, bpf.NetfilterHook(o))
	})
}
