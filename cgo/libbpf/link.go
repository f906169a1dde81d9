//go:build linux

package libbpf

/*
#include "shim_skel.h"
*/
import "C"

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

// FD is the link's file descriptor (bpf_link__fd), negative where it has none.
// The link owns it.
func (l *Link) FD() int { return int(C.bpf_link__fd(l.l)) }

// AttachStructOps registers a struct_ops map (bpf_map__attach_struct_ops).
func (m Map) AttachStructOps() (Link, error) {
	var log C.struct_bpfskel_log
	var l Link
	rc := C.bpfskel_map_attach_struct_ops(m.m, &l.l, &log)
	return l, result("attach", rc, takeLog(&log))
}

// UpdateMap makes a struct_ops link use another map (bpf_link__update_map).
func (l *Link) UpdateMap(m Map) error {
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link_update_map(l.l, m.m, &log)
	return result("update", rc, takeLog(&log))
}
