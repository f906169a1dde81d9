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

// Object is a BPF object that is opened only to be read, not loaded. One goroutine uses
// it at a time; the caller closes it.
type Object struct {
	obj *C.struct_bpf_object
}

// OpenMem opens the object in data (bpf_object__open_mem) without any bpf(2) system
// call. The object is called name, which libbpf puts before the names of data maps;
// data is not used after the call. The Log has libbpf's warnings, even if the object
// was opened.
func OpenMem(data []byte, name string) (*Object, Log, error) {
	if len(data) == 0 {
		return nil, nil, &Error{Op: "open", Err: syscall.EINVAL, Log: Log{{Text: "the file is empty"}}}
	}
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname)) // SAFETY: our own C memory; libbpf copied it
	var obj *C.struct_bpf_object
	var clog C.struct_bpfskel_log
	rc := C.bpfskel_object_open(&obj, bytesPtr(data), C.size_t(len(data)), cname, &clog)
	log := takeLog(&clog)
	if err := result("open", rc, log); err != nil {
		return nil, nil, err
	}
	return &Object{obj}, log, nil
}

// Close frees the object (bpf_object__close) and everything borrowed from it.
func (o *Object) Close() {
	C.bpf_object__close(o.obj)
	o.obj = nil
}

// BTF returns the object's BTF, which lives as long as the object; nil if it has none.
func (o *Object) BTF() *BTF {
	if btf := C.bpf_object__btf(o.obj); btf != nil {
		return &BTF{btf: btf}
	}
	return nil
}

// MapInfo is libbpf's information on a map before load. Sizes are in bytes.
type MapInfo struct {
	Name                           string
	Type                           uint32 // enum bpf_map_type
	TypeName                       string // libbpf's name for it, "" if it has none
	KeySize, ValueSize, MaxEntries uint32
	Flags                          uint32
	NUMANode                       uint32
	Extra                          uint64
	KeyTypeID, ValueTypeID         uint32 // BTF ids, 0 if there is none
	Internal                       bool   // made by libbpf for a data section
	HasData                        bool   // bpf_map__initial_value is not NULL
	DataSize                       int
	PinPath                        string   // "" if it is not pinned
	Inner                          *MapInfo // the template of a map of maps
}

// Maps returns the maps in the order in which libbpf creates them.
func (o *Object) Maps() []MapInfo {
	var out []MapInfo
	for m := C.bpf_object__next_map(o.obj, nil); m != nil; m = C.bpf_object__next_map(o.obj, m) {
		out = append(out, *mapInfo(m))
	}
	return out
}

func mapInfo(m *C.struct_bpf_map) *MapInfo {
	var size C.size_t
	data := C.bpf_map__initial_value(m, &size)
	info := &MapInfo{
		Name:        C.GoString(C.bpf_map__name(m)),
		Type:        uint32(C.bpf_map__type(m)),
		TypeName:    C.GoString(C.libbpf_bpf_map_type_str(C.bpf_map__type(m))),
		KeySize:     uint32(C.bpf_map__key_size(m)),
		ValueSize:   uint32(C.bpf_map__value_size(m)),
		MaxEntries:  uint32(C.bpf_map__max_entries(m)),
		Flags:       uint32(C.bpf_map__map_flags(m)),
		NUMANode:    uint32(C.bpf_map__numa_node(m)),
		Extra:       uint64(C.bpf_map__map_extra(m)),
		KeyTypeID:   uint32(C.bpf_map__btf_key_type_id(m)),
		ValueTypeID: uint32(C.bpf_map__btf_value_type_id(m)),
		Internal:    bool(C.bpf_map__is_internal(m)),
		HasData:     data != nil,
		PinPath:     C.GoString(C.bpf_map__pin_path(m)),
	}
	if data != nil {
		info.DataSize = int(size)
	}
	if inner := C.bpf_map__inner_map(m); inner != nil {
		info.Inner = mapInfo(inner)
	}
	return info
}

// ProgramInfo is libbpf's information on a program before load.
type ProgramInfo struct {
	Name       string
	Section    string
	Type       uint32 // enum bpf_prog_type
	TypeName   string
	AttachType uint32 // expected attach type
	Flags      uint32
	Autoload   bool
}

// Programs returns the programs in libbpf's order.
func (o *Object) Programs() []ProgramInfo {
	var out []ProgramInfo
	for p := C.bpf_object__next_program(o.obj, nil); p != nil; p = C.bpf_object__next_program(o.obj, p) {
		out = append(out, ProgramInfo{
			Name:       C.GoString(C.bpf_program__name(p)),
			Section:    C.GoString(C.bpf_program__section_name(p)),
			Type:       uint32(C.bpf_program__type(p)),
			TypeName:   C.GoString(C.libbpf_bpf_prog_type_str(C.bpf_program__type(p))),
			AttachType: uint32(C.bpf_program__expected_attach_type(p)),
			Flags:      uint32(C.bpf_program__flags(p)),
			Autoload:   bool(C.bpf_program__autoload(p)),
		})
	}
	return out
}
