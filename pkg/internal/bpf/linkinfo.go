package bpf

import (
	"encoding/binary"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Kinds of perf event of a link (enum bpf_perf_event_type). Kernels before 6.6 do not
// report it.
const (
	perfUnknown    = 0
	perfUprobe     = 1
	perfUretprobe  = 2
	perfKprobe     = 3
	perfKretprobe  = 4
	perfTracepoint = 5
	perfEvent      = 6
)

// LinkInfo is the kernel's information on a link. Fields that its kind does not have,
// or that an older kernel does not report, are zero.
type LinkInfo struct {
	Type       uapi.LinkType
	ID         uint32
	ProgramID  uint32 // 0 for struct_ops
	AttachType uapi.AttachType
	Ifindex    int    // of xdp, tcx, netkit
	CgroupID   uint64 // of cgroup
	NetnsInode uint32 // of netns
	MapID      uint32 // of struct_ops, sockmap, and iterators of maps
	// TargetObject and TargetBTF are the target of tracing and freplace: the id of a
	// program or BTF, and the id of a type in it.
	TargetObject, TargetBTF uint32
	// Cookie is set for a perf event, kprobe, uprobe or tracepoint; for tracing and raw
	// tracepoints too, from Linux 6.19 and 6.9 on.
	Cookie uint64
	// Name is a tracepoint, a function, a file, or a kind of iterator.
	Name string
}

// linkInfo is struct bpf_link_info with its union as bytes, and room to grow. Offsets
// in this file are relative to the start of the union, which is aligned to 8.
type linkInfo struct {
	linkInfoHead
	union linkUnion
}

type linkUnion [112]byte

func (u *linkUnion) u32(offset int) uint32                 { return binary.NativeEndian.Uint32(u[offset:]) }
func (u *linkUnion) attachType(offset int) uapi.AttachType { return uapi.AttachType(u.u32(offset)) }
func (u *linkUnion) u64(offset int) uint64                 { return binary.NativeEndian.Uint64(u[offset:]) }

// InfoOfLink asks the kernel (bpf_link_get_info_by_fd). A name of more than 4095 bytes
// is cut.
func InfoOfLink(fd int) (LinkInfo, error) {
	if err := CheckKind(fd, KindLink); err != nil {
		return LinkInfo{}, err
	}
	var c linkInfo
	known, errno := getInfo(fd, &c)
	if errno != 0 {
		return LinkInfo{}, errno
	}
	info := LinkInfo{Type: c.kind, ID: c.id, ProgramID: c.program}
	info.readUnion(&c.union)
	var err error
	info.Name, err = linkName(fd, &c, known)
	return info, err
}

// readUnion reads the members of the link's kind.
func (info *LinkInfo) readUnion(u *linkUnion) {
	switch info.Type {
	case uapi.LinkTypeRawTracepoint:
		info.Cookie = u.u64(16)
	case uapi.LinkTypeTracing:
		info.AttachType, info.TargetObject, info.TargetBTF = u.attachType(0), u.u32(4), u.u32(8)
		info.Cookie = u.u64(16)
	case uapi.LinkTypeCgroup:
		info.CgroupID, info.AttachType = u.u64(0), u.attachType(8)
	case uapi.LinkTypeIter:
		info.MapID = u.u32(12)
	case uapi.LinkTypeNetns:
		info.NetnsInode, info.AttachType = u.u32(0), u.attachType(4)
	case uapi.LinkTypeXDP:
		info.Ifindex = int(u.u32(0))
	case uapi.LinkTypeTCX, uapi.LinkTypeNetkit:
		info.Ifindex, info.AttachType = int(u.u32(0)), u.attachType(4)
	case uapi.LinkTypeSockMap:
		info.MapID, info.AttachType = u.u32(0), u.attachType(4)
	case uapi.LinkTypeStructOps:
		info.MapID = u.u32(0)
	case uapi.LinkTypePerfEvent:
		info.Cookie = perfCookie(u)
	}
}

func perfCookie(u *linkUnion) uint64 {
	switch u.u32(0) {
	case perfUprobe, perfUretprobe, perfTracepoint, perfEvent:
		return u.u64(24)
	case perfKprobe, perfKretprobe:
		return u.u64(40)
	}
	return 0
}
