package bpf

import (
	"math"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// KprobeMulti is the target of LinkKprobeMulti: functions of the kernel by
// name, or if Names is empty, by address. Cookies has one element per function, or none.
type KprobeMulti struct {
	Names              []string
	Addresses, Cookies []uint64
	Return, Session    bool
}

// UprobeMulti is the target of LinkUprobeMulti: places in the file at Path. RefCounters
// and Cookies are empty or have one element per offset.
type UprobeMulti struct {
	Path                          string
	Offsets, RefCounters, Cookies []uint64
	PID                           int // 0 for all processes
	Return, Session               bool
}

// The kernel's BPF_F_KPROBE_MULTI_RETURN and BPF_F_UPROBE_MULTI_RETURN.
const multiReturn = 1

// Each list is an array of 8-byte elements on every kernel that has these links.
type (
	linkKprobeMultiAttr struct {
		linkAttr
		flags, count              uint32
		names, addresses, cookies ptr64
	}
	linkUprobeMultiAttr struct {
		linkAttr
		path, offsets, refCounters, cookies ptr64
		count, flags, pid, _                uint32
	}
)

// LinkKprobeMulti attaches to functions of the kernel, from Linux 5.18 on, or from 6.10
// on as a session.
func LinkKprobeMulti(program int, t KprobeMulti) (int, error) {
	attr := linkKprobeMultiAttr{
		linkAttr: multiAttr(program, t.Session, uapi.AttachTypeTraceKprobeMulti, uapi.AttachTypeTraceKprobeSession),
		flags:    returnFlag(t.Return),
	}
	where := t.Addresses
	if len(t.Names) > 0 {
		where = nil
	}
	var err error
	if attr.names, err = texts(t.Names); err != nil {
		return -1, err
	}
	attr.addresses = ptr64{p: mem.Of(where)}
	if attr.count, attr.cookies, err = perTarget(max(len(t.Names), len(where)), t.Cookies); err != nil {
		return -1, err
	}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}

// LinkUprobeMulti attaches to places in a file, from Linux 6.6 on, or from 6.13 on as a
// session.
func LinkUprobeMulti(program int, t UprobeMulti) (int, error) {
	attr := linkUprobeMultiAttr{
		linkAttr: multiAttr(program, t.Session, uapi.AttachTypeTraceUprobeMulti, uapi.AttachTypeTraceUprobeSession),
		offsets:  ptr64{p: mem.Of(t.Offsets)}, flags: returnFlag(t.Return), pid: uint32(t.PID),
	}
	var err error
	if attr.path, err = cString(t.Path); err != nil {
		return -1, err
	}
	if attr.count, attr.refCounters, err = perTarget(len(t.Offsets), t.RefCounters); err != nil {
		return -1, err
	}
	if attr.count, attr.cookies, err = perTarget(len(t.Offsets), t.Cookies); err != nil {
		return -1, err
	}
	return callAttrFD(uapi.CmdLinkCreate, &attr)
}

func multiAttr(program int, session bool, once, twice uapi.AttachType) linkAttr {
	if session {
		once = twice
	}
	return linkAttr{program: uint32(program), attachType: once}
}

func returnFlag(onReturn bool) uint32 {
	if onReturn {
		return multiReturn
	}
	return 0
}

// perTarget returns the number of targets and the list that has one element per target.
// The error is EINVAL if it has another number of them: the kernel would read past it.
func perTarget(count int, list []uint64) (uint32, ptr64, error) {
	if len(list) != 0 && len(list) != count {
		return 0, ptr64{}, errInvalid
	}
	if uint64(count) > math.MaxUint32 {
		return 0, ptr64{}, errTooBig
	}
	return uint32(count), ptr64{p: mem.Of(list)}, nil
}

// texts converts strings to an array of pointers. All lie in one piece of memory, which
// the pointers keep.
func texts(list []string) (ptr64, error) {
	if len(list) == 0 {
		return ptr64{}, nil
	}
	size := 0
	for _, s := range list {
		if strings.IndexByte(s, 0) >= 0 {
			return ptr64{}, errInvalid
		}
		size += len(s) + 1
	}
	all, at := make([]byte, 0, size), make([]ptr64, len(list))
	for i, s := range list {
		all = append(append(all, s...), 0)
		at[i] = ptr64{p: mem.Of(all[len(all)-len(s)-1:])}
	}
	return ptr64{p: mem.Of(at)}, nil
}
