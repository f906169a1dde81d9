//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"syscall"
	"unsafe"
)

// Loader is the program that libbpf wrote to load an object, and the bytes that it works
// on, in the object's byte order.
type Loader struct{ Insns, Blob []byte }

// OpenForLoader is like OpenMem, for WriteLoader. kconfig has lines like those of the
// kernel's configuration, which is read only for the variables that kconfig does not set.
func OpenForLoader(data []byte, name, kconfig string) (*Object, Log, error) {
	if len(data) == 0 {
		return nil, nil, &Error{Op: "open", Err: syscall.EINVAL, Log: Log{{Text: "the file is empty"}}}
	}
	cname, config := C.CString(name), cStringOrNull(kconfig)
	defer C.free(unsafe.Pointer(cname))  // SAFETY: C memory of our own; libbpf copied it
	defer C.free(unsafe.Pointer(config)) // SAFETY: C memory of our own; libbpf copied it
	var obj *C.struct_bpf_object
	var clog C.struct_bpfskel_log
	rc := C.bpfskel_loader_open(&obj, bytesPtr(data), C.size_t(len(data)), cname, config, &clog)
	log := takeLog(&clog)
	if err := result("open", rc, log); err != nil {
		return nil, nil, err
	}
	return &Object{obj}, log, nil
}

// WriteLoader writes the object's loader (bpf_object__gen_loader, bpf_object__load),
// without any bpf(2) system call. Afterwards the object can only be closed. The caller
// checks before that the object has neither struct_ops maps nor variables in an arena,
// for which libbpf crashes.
func (o *Object) WriteLoader() (*Loader, error) {
	var out C.struct_bpfskel_loader
	var clog C.struct_bpfskel_log
	rc := C.bpfskel_loader_write(o.obj, &out, &clog)
	if err := result("write the loader", rc, takeLog(&clog)); err != nil {
		return nil, err
	}
	// SAFETY: both belong to the object, which is open; copied.
	return &Loader{
		Insns: C.GoBytes(unsafe.Pointer(out.insns), C.int(out.insns_size)),
		Blob:  C.GoBytes(unsafe.Pointer(out.blob), C.int(out.blob_size)),
	}, nil
}

// SetMapEntries sets max_entries of map i of Maps (bpf_map__set_max_entries).
func (o *Object) SetMapEntries(i int, n uint32) error {
	return result("set max_entries", C.bpf_map__set_max_entries(o.mapAt(i), C.__u32(n)), nil)
}

// SetMapExtra sets map_extra of map i of Maps (bpf_map__set_map_extra).
func (o *Object) SetMapExtra(i int, x uint64) error {
	return result("set map_extra", C.bpf_map__set_map_extra(o.mapAt(i), C.__u64(x)), nil)
}

// ClearPinPath makes map i of Maps one that is not pinned (bpf_map__set_pin_path).
func (o *Object) ClearPinPath(i int) error {
	return result("clear the pin path", C.bpf_map__set_pin_path(o.mapAt(i), nil), nil)
}

// SetAutoload sets whether program i of Programs is loaded (bpf_program__set_autoload).
func (o *Object) SetAutoload(i int, on bool) error {
	return result("set autoload", C.bpf_program__set_autoload(o.programAt(i), C.bool(on)), nil)
}

func (o *Object) mapAt(i int) *C.struct_bpf_map {
	m := C.bpf_object__next_map(o.obj, nil)
	for ; i > 0; i-- {
		m = C.bpf_object__next_map(o.obj, m)
	}
	return m
}

func (o *Object) programAt(i int) *C.struct_bpf_program {
	p := C.bpf_object__next_program(o.obj, nil)
	for ; i > 0; i-- {
		p = C.bpf_object__next_program(o.obj, p)
	}
	return p
}
