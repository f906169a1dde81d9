//go:build linux

package libbpf

/*
#include "shim_attach.h"
*/
import "C"

// Order is a place among the programs of a hook, in the kernel's terms.
type Order struct {
	Flags      uint32
	RelativeFD int
	RelativeID uint32
	Revision   uint64
}

func (o Order) c() *C.struct_bpfskel_order {
	return &C.struct_bpfskel_order{
		flags: C.uint32_t(o.Flags), relative_fd: C.uint32_t(o.RelativeFD), relative_id: C.uint32_t(o.RelativeID), revision: C.uint64_t(o.Revision),
	}
}

// AttachCgroup attaches to the cgroup behind fd (bpf_program__attach_cgroup_opts).
func (p Program) AttachCgroup(fd int, o Order) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_cgroup(p.p, C.int(fd), o.c(), l, log)
	})
}

// AttachTCX attaches to a network interface (bpf_program__attach_tcx).
func (p Program) AttachTCX(ifindex int, o Order) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_tcx(p.p, C.int(ifindex), o.c(), l, log)
	})
}

// AttachNetkit attaches to a netkit interface (bpf_program__attach_netkit).
func (p Program) AttachNetkit(ifindex int, o Order) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_netkit(p.p, C.int(ifindex), o.c(), l, log)
	})
}

// AttachNetns attaches to the network namespace behind fd
// (bpf_program__attach_netns).
func (p Program) AttachNetns(fd int) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_netns(p.p, C.int(fd), l, log)
	})
}

// AttachSockmap attaches to the sockmap behind fd (bpf_program__attach_sockmap).
func (p Program) AttachSockmap(fd int) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_sockmap(p.p, C.int(fd), l, log)
	})
}

// AttachXDP attaches to a network interface, with XDP_FLAGS_*
// (bpf_program__attach_xdp).
func (p Program) AttachXDP(ifindex int, flags uint32) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_xdp(p.p, C.int(ifindex), C.uint32_t(flags), l, log)
	})
}

// AttachNetfilter attaches to a netfilter hook (bpf_program__attach_netfilter).
func (p Program) AttachNetfilter(family, hook uint32, priority int32, flags uint32) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_netfilter(p.p, C.uint32_t(family), C.uint32_t(hook), C.int32_t(priority), C.uint32_t(flags), l, log)
	})
}
