//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim_skel.h"
*/
import "C"

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Map is one map of a skeleton; it lives as long as the skeleton.
type Map struct {
	m    *C.struct_bpf_map
	skel *Skeleton
	i    int // -1 for the template of a map of maps
}

// Name is the map's name (bpf_map__name).
func (m Map) Name() string { return C.GoString(C.bpf_map__name(m.m)) }

// FD is the map's file descriptor, negative before load and if the map was not created
// (bpf_map__fd). The object owns it.
func (m Map) FD() int { return int(C.bpf_map__fd(m.m)) }

// Type and the rest are libbpf's view of the map: as the object declares it, then as
// setters, a pin or a reused fd change it. Sizes are in bytes.
func (m Map) Type() uapi.MapType   { return uapi.MapType(C.bpf_map__type(m.m)) }
func (m Map) KeySize() uint32      { return uint32(C.bpf_map__key_size(m.m)) }
func (m Map) ValueSize() uint32    { return uint32(C.bpf_map__value_size(m.m)) }
func (m Map) MaxEntries() uint32   { return uint32(C.bpf_map__max_entries(m.m)) }
func (m Map) Flags() uapi.MapFlags { return uapi.MapFlags(C.bpf_map__map_flags(m.m)) }
func (m Map) NUMANode() uint32     { return uint32(C.bpf_map__numa_node(m.m)) }
func (m Map) Extra() uint64        { return uint64(C.bpf_map__map_extra(m.m)) }
func (m Map) Ifindex() uint32      { return uint32(C.bpf_map__ifindex(m.m)) }
func (m Map) KeyTypeID() uint32    { return uint32(C.bpf_map__btf_key_type_id(m.m)) }
func (m Map) ValueTypeID() uint32  { return uint32(C.bpf_map__btf_value_type_id(m.m)) }
func (m Map) Autocreate() bool     { return bool(C.bpf_map__autocreate(m.m)) }
func (m Map) Autoattach() bool     { return bool(C.bpf_map__autoattach(m.m)) }
func (m Map) Internal() bool       { return bool(C.bpf_map__is_internal(m.m)) }
func (m Map) Pinned() bool         { return bool(C.bpf_map__is_pinned(m.m)) }
func (m Map) PinPath() string      { return C.GoString(C.bpf_map__pin_path(m.m)) }

// Setters, before load (bpf_map__set_*). The setters of a map's shape are in
// mapshape.go.

func (m Map) SetFlags(f uapi.MapFlags) error {
	return result("set the flags", C.bpf_map__set_map_flags(m.m, C.__u32(f)), nil)
}

func (m Map) SetNUMANode(n uint32) error {
	return result("set the NUMA node", C.bpf_map__set_numa_node(m.m, C.__u32(n)), nil)
}

func (m Map) SetExtra(x uint64) error {
	return result("set map_extra", C.bpf_map__set_map_extra(m.m, C.__u64(x)), nil)
}

func (m Map) SetAutocreate(on bool) error {
	return result("set autocreate", C.bpf_map__set_autocreate(m.m, C.bool(on)), nil)
}

func (m Map) SetAutoattach(on bool) error {
	return result("set autoattach", C.bpf_map__set_autoattach(m.m, C.bool(on)), nil)
}

// SetPinPath sets the path at which load pins the map or finds its pin; "" for none.
func (m Map) SetPinPath(path string) error {
	cpath := cStringOrNull(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: our own C memory; libbpf copied it
	return result("set the pin path", C.bpf_map__set_pin_path(m.m, cpath), nil)
}

// Remap puts the kernel's map at the address of its initial image, which is at and size
// bytes long. libbpf does this for maps that it creates, but not for maps that it
// reuses. After an error the image remains.
func (m Map) Remap(at unsafe.Pointer, size int, readonly bool) error {
	rc := C.bpfskel_map_remap(m.m, at, C.size_t(size), C.bool(readonly))
	return result("map", rc, nil)
}

// DenyAccess makes every use of an initial image, which is at and size bytes long, a
// memory fault. libbpf still unmaps it.
func (m Map) DenyAccess(at unsafe.Pointer, size int) { C.bpfskel_memory_deny(at, C.size_t(size)) }

// Memory is the address at which the map's data are mapped: before load the image that
// will initialize it, afterwards the map itself. It is nil if there is none.
func (m Map) Memory() unsafe.Pointer {
	if s := m.skel.mapSkel(m.i); s.mmaped != nil {
		return *s.mmaped
	}
	return nil
}

// updateMemory updates the address of the map's data, which libbpf does not do.
func (m Map) updateMemory() {
	if s := m.skel.mapSkel(m.i); s.mmaped != nil {
		*s.mmaped = mem.Of(m.InitialValue())
	}
}

// Inner is the template of a map of maps (bpf_map__inner_map).
func (m Map) Inner() (backend.Map, bool) {
	inner := C.bpf_map__inner_map(m.m)
	return Map{inner, m.skel, -1}, inner != nil
}

// SetInnerFD makes the map behind fd the template (bpf_map__set_inner_map_fd). The
// caller keeps the fd open until after load.
func (m Map) SetInnerFD(fd int) error {
	var log C.struct_bpfskel_log
	rc := C.bpfskel_map_set_inner_fd(m.m, C.int(fd), &log)
	return result("set the inner map", rc, takeLog(&log))
}

// cStringOrNull returns NULL for "", otherwise C memory that the caller frees.
func cStringOrNull(s string) *C.char {
	if s == "" {
		return nil
	}
	return C.CString(s)
}
