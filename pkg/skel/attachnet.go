package skel

import (
	"fmt"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// OrderFlags say where a program goes among the others of its hook.
type OrderFlags = uapi.AttachFlags

// Flags of OrderOptions, of the kernel's names BPF_F_*.
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
	// RelativeFD or RelativeID is the program or link that Flags are about.
	RelativeFD int
	RelativeID uint32
	// Revision makes the attach fail with ESTALE unless the hook has it still.
	Revision uint64
}

// check refuses a relative that C would cut.
func (o *OrderOptions) check() error {
	if o == nil {
		return nil
	}
	return checkFD(o.RelativeFD)
}

func (o *OrderOptions) order() libbpf.Order {
	if o == nil {
		return libbpf.Order{}
	}
	return libbpf.Order{Flags: uint32(o.Flags), RelativeFD: o.RelativeFD, RelativeID: o.RelativeID, Revision: o.Revision}
}

// AttachCgroup attaches to the cgroup (of version 2) whose folder is open as fd,
// which the caller keeps. Options need libbpf 1.6 and Linux 6.17.
// (bpf_program__attach_cgroup_opts)
func (p *Program) AttachCgroup(fd int, o *OrderOptions) (*Link, error) {
	return p.attachChecked(attemptFD(wayCgroup, fd), firstError(checkFD(fd), o.check()), func(lp libbpf.Program) (libbpf.Link, error) { return lp.AttachCgroup(fd, o.order()) })
}

// AttachTCX attaches to the traffic of a network interface, in the direction of
// its section. (bpf_program__attach_tcx)
func (p *Program) AttachTCX(ifindex int, o *OrderOptions) (*Link, error) {
	return p.attachChecked(attemptOn(wayTCX, ifindex), firstError(checkIfindex(ifindex), o.check()), func(lp libbpf.Program) (libbpf.Link, error) { return lp.AttachTCX(ifindex, o.order()) })
}

// AttachNetkit attaches to a netkit interface. (bpf_program__attach_netkit)
func (p *Program) AttachNetkit(ifindex int, o *OrderOptions) (*Link, error) {
	return p.attachChecked(attemptOn(wayNetkit, ifindex), firstError(checkIfindex(ifindex), o.check()), func(lp libbpf.Program) (libbpf.Link, error) { return lp.AttachNetkit(ifindex, o.order()) })
}

// AttachNetns attaches to the network namespace that is open as fd, which the
// caller keeps. (bpf_program__attach_netns)
func (p *Program) AttachNetns(fd int) (*Link, error) {
	return p.attachChecked(attemptFD(wayNetns, fd), checkFD(fd), func(lp libbpf.Program) (libbpf.Link, error) { return lp.AttachNetns(fd) })
}

// AttachSockmap attaches to a map of sockets, of this skeleton or another.
// (bpf_program__attach_sockmap)
func (p *Program) AttachSockmap(m Descriptor) (*Link, error) {
	a := attemptAt(waySockmap, "")
	fd, err := copyFD(m, bpf.KindMap)
	if err != nil {
		return nil, p.fail(a.op, err)
	}
	defer closeFD(fd)
	return p.attachFD(a, func(lp libbpf.Program) (libbpf.Link, error) { return lp.AttachSockmap(fd) })
}

// XDPFlags are the kernel's XDP_FLAGS_*.
type XDPFlags = uapi.XDPFlags

// Where an XDP program runs; the kernel chooses where none is given.
const (
	XDPGeneric  = uapi.XDPFlagSkbMode      // in the network stack (SKB_MODE)
	XDPDriver   = uapi.XDPFlagDriverMode   // in the driver (DRV_MODE)
	XDPHardware = uapi.XDPFlagHardwareMode // in the device (HW_MODE)
)

// XDPOptions are for AttachXDP.
type XDPOptions struct {
	Flags XDPFlags
}

// AttachXDP attaches to a network interface. (bpf_program__attach_xdp)
func (p *Program) AttachXDP(ifindex int, o *XDPOptions) (*Link, error) {
	opts := orZero(o)
	return p.attachChecked(attemptOn(wayXDP, ifindex), checkIfindex(ifindex), func(lp libbpf.Program) (libbpf.Link, error) { return lp.AttachXDP(ifindex, uint32(opts.Flags)) })
}

// NetfilterOptions say at which hook of netfilter a program runs.
type NetfilterOptions struct {
	Family   uapi.NFProto // NFProtoIPv4, NFProtoIPv6
	Hook     uapi.NFHook
	Priority int32 // neither the lowest nor the highest is allowed
	Flags    uapi.NetfilterFlags
}

// AttachNetfilter attaches to netfilter, in the network namespace of the calling
// thread. (bpf_program__attach_netfilter)
func (p *Program) AttachNetfilter(o NetfilterOptions) (*Link, error) {
	return p.attachFD(attemptAt(wayNetfilter, fmt.Sprintf("hook %v of family %v", o.Hook, o.Family)), func(lp libbpf.Program) (libbpf.Link, error) {
		return lp.AttachNetfilter(uint32(o.Family), uint32(o.Hook), o.Priority, uint32(o.Flags))
	})
}
