//go:build linux && cgo

package libbpf

/*
#include "shim_skel.h"
*/
import "C"

import (
	"os"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// SetType sets the kind of a map for which libbpf does not keep memory
// (bpf_map__set_type).
func (m Map) SetType(t uapi.MapType) error {
	const op = "set the type"
	if err := backend.CheckShape(m, op); err != nil {
		return err
	}
	if t == uapi.MapTypeStructOps || t == uapi.MapTypeArena {
		return backend.Refuse(op, "only the object can declare a map of this type")
	}
	return result(op, C.bpf_map__set_type(m.m, uint32(t)), nil)
}

// SetKeySize sets the size of a key in bytes (bpf_map__set_key_size).
func (m Map) SetKeySize(n uint32) error {
	const op = "set the key size"
	if err := backend.CheckShape(m, op); err != nil {
		return err
	}
	return result(op, C.bpf_map__set_key_size(m.m, C.__u32(n)), nil)
}

// SetValueSize sets the size of a value in bytes. It moves the memory of a data
// section, whose old address is then unmapped: read InitialValue again
// (bpf_map__set_value_size).
func (m Map) SetValueSize(n uint32) error {
	const op = "set the value size"
	if !m.Internal() {
		if err := backend.CheckShape(m, op); err != nil {
			return err
		}
	}
	var log C.struct_bpfskel_log
	rc := C.bpfskel_map_set_value_size(m.m, C.uint32_t(n), &log)
	if rc == 0 {
		m.updateMemory()
	}
	return result(op, rc, takeLog(&log))
}

// SetMaxEntries sets the number of elements; for an arena, the number of pages, which
// must hold its data (bpf_map__set_max_entries).
func (m Map) SetMaxEntries(n uint32) error {
	const op = "set max_entries"
	if m.Type() == uapi.MapTypeArena {
		if data := len(m.InitialValue()); uint64(n)*uint64(os.Getpagesize()) < uint64(data) {
			return backend.Refuse(op, "the arena is too small for its variables, which have %d bytes", data)
		}
	} else if err := backend.CheckShape(m, op); err != nil {
		return err
	}
	return result(op, C.bpf_map__set_max_entries(m.m, C.__u32(n)), nil)
}

// ReuseFD makes load use the map behind fd, which the caller keeps (bpf_map__reuse_fd).
// Type, sizes, entries and flags become those of the map behind fd; if libbpf has
// memory for the map, they must be the same.
func (m Map) ReuseFD(fd int) error {
	const op = "reuse an fd"
	var log C.struct_bpfskel_log
	rc := C.bpfskel_map_reuse_fd(m.m, C.int(fd), &log)
	return result(op, rc, takeLog(&log))
}

// SetInitialValue sets the initial contents of a data section or arena; data has its
// exact size (bpf_map__set_initial_value).
func (m Map) SetInitialValue(data []byte) error {
	rc := C.bpfskel_map_set_initial_value(m.m, bytesPtr(data), C.size_t(len(data)))
	return result("set the initial value", rc, nil)
}

// InitialValue is the memory that will initialize the map, until load or a
// resize; nil if there is none (bpf_map__initial_value).
func (m Map) InitialValue() []byte {
	var size C.size_t
	p := C.bpfskel_map_initial_value(m.m, *m.skel.s.obj, &size)
	if p == nil {
		return nil
	}
	// SAFETY: libbpf keeps size bytes at p.
	return unsafe.Slice((*byte)(p), int(size))
}
