//go:build linux

package libbpf

/*
#include <stdlib.h>
#include "shim_prog.h"
*/
import "C"

import "unsafe"

// Link is a place for one struct bpf_link pointer: empty, or the owner of what
// it points to. A skeleton's places are in C memory; others are a Go variable.
type Link struct {
	l *C.struct_bpf_link
}

// Attached tells whether the place holds a link.
func (l *Link) Attached() bool { return l.l != nil }

// Take empties the place and returns what it held.
func (l *Link) Take() Link {
	taken := *l
	l.l = nil
	return taken
}

// Put fills an empty place.
func (l *Link) Put(from Link) { l.l = from.l }

// Destroy detaches unless the link was disconnected or is pinned, frees it, and
// empties the place (bpf_link__destroy). An empty place is left alone.
func (l *Link) Destroy() error {
	if l.l == nil {
		return nil
	}
	taken := l.Take()
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_destroy(taken.l, &log)
	return result("detach", rc, takeLog(&log))
}

// Disconnect makes Destroy leave the attachment alone (bpf_link__disconnect).
func (l *Link) Disconnect() { C.bpf_link__disconnect(l.l) }

// FD is the link's file descriptor (bpf_link__fd). The link owns it. It means
// nothing where the link is one of a USDT.
func (l *Link) FD() int { return int(C.bpf_link__fd(l.l)) }

// Pin pins the link (bpf_link__pin).
func (l *Link) Pin(path string) error {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: C memory of our own; libbpf copied it
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_pin(l.l, cpath, &log)
	return result("pin", rc, takeLog(&log))
}

// Unpin removes the link's pin (bpf_link__unpin).
func (l *Link) Unpin() error {
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_unpin(l.l, &log)
	return result("unpin", rc, takeLog(&log))
}

// PinPath is where the link is pinned, "" where it is not (bpf_link__pin_path).
func (l *Link) PinPath() string { return C.GoString(C.bpf_link__pin_path(l.l)) }

// OpenLink opens a link that is pinned (bpf_link__open).
func OpenLink(path string) (Link, error) {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: C memory of our own; libbpf copied it
	var log C.struct_bpfskel_log
	var l Link
	rc := C.bpfskel_link_open(cpath, &l.l, &log)
	if err := result("open", rc, takeLog(&log)); err != nil {
		return Link{}, err
	}
	if err := CheckFD(l.FD(), LinkFD); err != nil {
		_ = l.Destroy() // closes the descriptor, and does no more
		return Link{}, err
	}
	return l, nil
}

// UpdateLink makes the link behind fd run the program behind program
// (bpf_link_update).
func UpdateLink(fd, program int) error {
	if err := CheckFD(program, ProgramFD); err != nil {
		return err
	}
	return result("update", C.bpf_link_update(C.int(fd), C.int(program), nil), nil)
}

// AttachStructOps registers a struct_ops map (bpf_map__attach_struct_ops).
func (m Map) AttachStructOps() (Link, error) {
	var log C.struct_bpfskel_log
	var l Link
	rc := C.bpfskel_map_attach_struct_ops(m.m, &l.l, &log)
	return l, result("attach", rc, takeLog(&log))
}

// UpdateMap makes a link of a struct_ops map, and of nothing else, use another
// map (bpf_link__update_map).
func (l *Link) UpdateMap(m Map) error {
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_update_map(l.l, m.m, &log)
	return result("update", rc, takeLog(&log))
}

// NewIterator makes a file to read what the iterator behind fd says
// (bpf_iter_create). The caller closes it.
func NewIterator(fd int) (int, error) {
	made := C.bpf_iter_create(C.int(fd))
	return int(made), result("iterate", made, nil)
}

// LinkInfo is what the kernel says of a link; what its type lacks is zero.
type LinkInfo struct {
	Type      uint32 // enum bpf_link_type
	TypeName  string
	ID        uint32
	ProgramID uint32 // 0 for struct_ops
	// AttachType is an enum bpf_attach_type.
	AttachType uint32
	Ifindex    int    // of xdp, tcx, netkit
	CgroupID   uint64 // of cgroup
	NetnsInode uint32 // of netns
	MapID      uint32 // of struct_ops, sockmap, and iterators of maps
	// TargetObject and TargetBTF are what tracing and freplace are attached to: a
	// program's id or that of a BTF, and the id of a type in it.
	TargetObject, TargetBTF uint32
	Cookie                  uint64 // of perf events, kprobes, uprobes and tracepoints
	// Name is a tracepoint, a function, a file, or a kind of iterator.
	Name string
}

// LinkInfoByFD asks the kernel (bpf_link_get_info_by_fd).
func LinkInfoByFD(fd int) (LinkInfo, error) {
	if err := CheckFD(fd, LinkFD); err != nil {
		return LinkInfo{}, err
	}
	var c C.struct_bpfskel_link_info
	if err := result("get info", C.bpfskel_link_info(C.int(fd), &c), nil); err != nil {
		return LinkInfo{}, err
	}
	// SAFETY: the kernel ends the name with a NUL.
	return LinkInfo{
		Type: uint32(c._type), TypeName: C.GoString(C.libbpf_bpf_link_type_str(uint32(c._type))),
		ID: uint32(c.id), ProgramID: uint32(c.prog_id), AttachType: uint32(c.attach_type),
		Ifindex: int(c.ifindex), CgroupID: uint64(c.cgroup_id), NetnsInode: uint32(c.netns), MapID: uint32(c.map_id),
		TargetObject: uint32(c.target_obj), TargetBTF: uint32(c.target_btf), Cookie: uint64(c.cookie),
		Name: C.GoString((*C.char)(unsafe.Pointer(&c.name))),
	}, nil
}
