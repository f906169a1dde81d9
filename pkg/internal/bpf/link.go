package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// linkAttr is the start of union bpf_attr of BPF_LINK_CREATE; many kinds of link need
// nothing else.
type linkAttr struct {
	program    uint32 // or a struct_ops map
	target     uint32 // a descriptor or an ifindex
	attachType uapi.AttachType
	flags      uint32
}

// The fields after linkAttr, for the other kinds.
type (
	linkTracingAttr struct {
		linkAttr
		targetBTF, _ uint32
		cookie       uint64
	}
	linkPerfAttr struct {
		linkAttr
		cookie uint64
	}
	linkIterAttr struct {
		linkAttr
		info    ptr64
		infoLen uint32
		_       uint32
	}
	linkOrderAttr struct {
		linkAttr
		relative, _ uint32
		revision    uint64
	}
	linkNetfilterAttr struct {
		linkAttr
		family    uapi.NFProto
		hook      uapi.NFHook
		priority  int32
		hookFlags uapi.NetfilterFlags
	}
)

// simpleLink makes a link of a kind without options.
func simpleLink(program, target int, attachType uapi.AttachType, flags uint32) (int, error) {
	attr := linkAttr{program: uint32(program), target: uint32(target), attachType: attachType, flags: flags}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}

// LinkXDP attaches to a network interface.
func LinkXDP(program, ifindex int, attachType uapi.AttachType, flags uapi.XDPFlags) (int, error) {
	return simpleLink(program, ifindex, attachType, uint32(flags))
}

// LinkNetns attaches to the network namespace behind netns.
func LinkNetns(program, netns int, attachType uapi.AttachType) (int, error) {
	return simpleLink(program, netns, attachType, 0)
}

// LinkSockmap attaches to a map of sockets, from Linux 6.10 on.
func LinkSockmap(program, sockmap int, attachType uapi.AttachType) (int, error) {
	return simpleLink(program, sockmap, attachType, 0)
}

// LinkStructOps registers a struct_ops map that was made with BPF_F_LINK, from Linux
// 6.4 on.
func LinkStructOps(structOps int) (int, error) {
	return simpleLink(structOps, 0, uapi.AttachTypeStructOps, 0)
}

// LinkCgroup attaches to the cgroup behind cgroup. An order requires Linux 6.17.
func LinkCgroup(program, cgroup int, attachType uapi.AttachType, o Order) (int, error) {
	return orderedLink(program, cgroup, attachType, o)
}

// LinkTCX attaches to the traffic of a network interface, from Linux 6.6 on.
func LinkTCX(program, ifindex int, attachType uapi.AttachType, o Order) (int, error) {
	return orderedLink(program, ifindex, attachType, o)
}

// LinkNetkit attaches to a netkit interface, from Linux 6.7 on.
func LinkNetkit(program, ifindex int, attachType uapi.AttachType, o Order) (int, error) {
	return orderedLink(program, ifindex, attachType, o)
}

func orderedLink(program, target int, attachType uapi.AttachType, o Order) (int, error) {
	relative, flags, err := o.relative()
	if err != nil {
		return -1, err
	}
	attr := linkOrderAttr{
		linkAttr: linkAttr{program: uint32(program), target: uint32(target), attachType: attachType, flags: flags},
		relative: relative, revision: o.Revision,
	}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}

// LinkPerfEvent attaches to the perf event behind event, from Linux 5.15 on. The event
// runs the program once it is enabled.
func LinkPerfEvent(program, event int, cookie uint64) (int, error) {
	attr := linkPerfAttr{
		linkAttr: linkAttr{program: uint32(program), target: uint32(event), attachType: uapi.AttachTypePerfEvent}, cookie: cookie,
	}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}

// LinkIter makes a program an iterator. info is a union bpf_iter_link_info, or empty.
func LinkIter(program int, info []byte) (int, error) {
	at, size, err := bytesPointer(info)
	if err != nil {
		return -1, err
	}
	attr := linkIterAttr{linkAttr: linkAttr{program: uint32(program), attachType: uapi.AttachTypeTraceIter}, info: at, infoLen: size}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}

// NetfilterHook is the hook of netfilter at which a program runs.
type NetfilterHook struct {
	Family   uapi.NFProto
	Hook     uapi.NFHook
	Priority int32
	Flags    uapi.NetfilterFlags
}

// LinkNetfilter attaches to netfilter in the network namespace of the calling thread,
// from Linux 6.4 on.
func LinkNetfilter(program int, h NetfilterHook) (int, error) {
	attr := linkNetfilterAttr{
		linkAttr: linkAttr{program: uint32(program), attachType: uapi.AttachTypeNetfilter},
		family:   h.Family, hook: h.Hook, priority: h.Priority, hookFlags: h.Flags,
	}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}
