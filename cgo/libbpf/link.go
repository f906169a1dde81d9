//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim_prog.h"
#include "shim_skel.h"
*/
import "C"

import (
	"strings"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Link is a struct bpf_link, which is freed by Destroy.
type Link struct {
	l *C.struct_bpf_link
	// noFD is set for links without their own descriptor: the many links of a USDT, and
	// struct_ops maps registered without a link of the kernel.
	noFD bool
}

// newLink wraps a link of libbpf. It returns nil if l is NULL.
func newLink(l *C.struct_bpf_link, noFD bool) backend.Link {
	if l == nil {
		return nil
	}
	return &Link{l, noFD}
}

// isUSDT reports whether a program's section attaches to a USDT: libbpf then makes several
// links in one.
func (p Program) isUSDT() bool {
	kind, _, _ := strings.Cut(p.Section(), "/")
	return strings.TrimSuffix(kind, ".s") == "usdt"
}

// hasNoLink reports whether a struct_ops map is registered without a link.
func (m Map) hasNoLink() bool { return m.Flags()&uapi.MapFlagLink == 0 }

// Destroy detaches unless the link was disconnected or is pinned, and frees it
// (bpf_link__destroy).
func (l *Link) Destroy() error {
	taken := l.l
	if taken == nil {
		return nil
	}
	l.l = nil
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_destroy(taken, &log)
	return result("detach", rc, takeLog(&log))
}

// Disconnect makes Destroy leave the attachment in place (bpf_link__disconnect).
func (l *Link) Disconnect() { C.bpf_link__disconnect(l.l) }

// FD is the link's file descriptor, -1 if it does not have its own (bpf_link__fd). The
// link owns it.
func (l *Link) FD() int {
	if l.noFD {
		return -1
	}
	return int(C.bpf_link__fd(l.l))
}

// Pin pins the link (bpf_link__pin).
func (l *Link) Pin(path string) error {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: our own C memory; libbpf copied it
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

// PinPath returns the path at which the link is pinned, "" if it is not
// (bpf_link__pin_path).
func (l *Link) PinPath() string { return C.GoString(C.bpf_link__pin_path(l.l)) }

// structOpsLink is the link of a struct_ops map, which UpdateMap may replace by another
// map.
type structOpsLink struct{ Link }

func (m Map) newLink(l *C.struct_bpf_link) backend.Link {
	if l == nil || m.hasNoLink() {
		return newLink(l, true)
	}
	return &structOpsLink{Link{l: l}}
}

// Attach registers a struct_ops map (bpf_map__attach_struct_ops).
func (m Map) Attach() (backend.Link, error) {
	var log C.struct_bpfskel_log
	var l *C.struct_bpf_link
	rc := C.bpfskel_map_attach_struct_ops(m.m, &l, &log)
	return m.newLink(l), result("attach", rc, takeLog(&log))
}

// UpdateMap makes the link use another map (bpf_link__update_map).
func (l *structOpsLink) UpdateMap(to backend.Map) error {
	m, ok := to.(Map)
	if !ok {
		return syscall.EINVAL
	}
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_update_map(l.l, m.m, &log)
	return result("update", rc, takeLog(&log))
}

// AutoAttach attaches the program as bpf_object__attach_skeleton does: it skips a
// program without autoload or autoattach, or whose section does not name a target.
func (p Program) AutoAttach() (backend.Link, error) {
	var log C.struct_bpfskel_log
	rc := C.bpfskel_skeleton_attach_prog(p.skel.s, C.int(p.i), &log)
	link := p.skel.progSkel(p.i).link
	return newLink(takeLink(link), p.isUSDT()), result("attach", rc, takeLog(&log))
}

// AutoAttach does the same for a struct_ops map.
func (m Map) AutoAttach() (backend.Link, error) {
	link := m.skel.mapLink(m.i)
	if link == nil {
		return nil, nil
	}
	var log C.struct_bpfskel_log
	rc := C.bpfskel_skeleton_attach_map(m.skel.s, C.int(m.i), &log)
	return m.newLink(takeLink(link)), result("attach", rc, takeLog(&log))
}

// takeLink removes a link from the C skeleton: links belong to package skel.
func takeLink(link **C.struct_bpf_link) *C.struct_bpf_link {
	l := *link
	*link = nil
	return l
}
