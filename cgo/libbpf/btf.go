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

// BTF is type information that libbpf has read. The BTF of an Object lives as long as
// that object; the caller closes one from LoadBTF or KernelBTF.
type BTF struct {
	btf   *C.struct_btf
	owned bool
}

// LoadBTF reads the BTF in a file, raw or in an ELF's .BTF section (btf__parse).
func LoadBTF(path string) (*BTF, error) {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: our own C memory
	var log C.struct_bpfskel_log
	var btf *C.struct_btf
	rc := C.bpfskel_btf_parse(&btf, cpath, &log)
	if err := result("read BTF", rc, takeLog(&log)); err != nil {
		return nil, err
	}
	return &BTF{btf, true}, nil
}

// KernelBTF reads the running kernel's BTF (btf__load_vmlinux_btf).
func KernelBTF() (*BTF, error) {
	var log C.struct_bpfskel_log
	var btf *C.struct_btf
	rc := C.bpfskel_btf_kernel(&btf, &log)
	if err := result("read the kernel's BTF", rc, takeLog(&log)); err != nil {
		return nil, err
	}
	return &BTF{btf, true}, nil
}

// Close frees a BTF that the caller owns (btf__free); for a borrowed one it
// does nothing.
func (b *BTF) Close() {
	if b.owned {
		C.btf__free(b.btf)
		b.owned, b.btf = false, nil
	}
}

// Len is one more than the highest type id (btf__type_cnt).
func (b *BTF) Len() int { return int(C.btf__type_cnt(b.btf)) }

// BigEndian is the byte order that the BTF was written in (btf__endianness).
func (b *BTF) BigEndian() bool { return C.btf__endianness(b.btf) == C.BTF_BIG_ENDIAN }

// BTFType is one type in the kernel's own encoding, decoded by libbpf's accessors.
// Which fields are used depends on Kind (enum in linux/btf.h).
type BTFType struct {
	Name  string
	Kind  uint32
	Vlen  int
	Size  int    // in bytes, for kinds that have a size
	Elem  uint32 // for kinds that refer to a type
	Len   int    // of an array
	Align int    // btf__align_of: bytes, or a negative errno

	Bits, BitOffset    int
	Signed, Char, Bool bool
	Linkage            uint8
	Component          int
	KindFlag           bool
}

// BTFItem is one member, enumerator, parameter or section variable of a type.
// Offset and Size are in bits for members (Size 0 unless a bitfield), in bytes
// for variables.
type BTFItem struct {
	Name         string
	Type         uint32
	Offset, Size int
	Value        uint64
}

// Type returns the type with the given id (btf__type_by_id).
func (b *BTF) Type(id uint32) (BTFType, error) {
	var t C.struct_bpfskel_btf_type
	if rc := C.bpfskel_btf_type(b.btf, C.uint32_t(id), &t); rc < 0 {
		return BTFType{}, result("read a BTF type", rc, nil)
	}
	return BTFType{
		Name: goString(t.name), Kind: uint32(t.kind), Vlen: int(t.vlen), Size: int(t.size),
		Elem: uint32(t.elem), Len: int(t.len), Align: int(t.align),
		Bits: int(t.bits), BitOffset: int(t.bit_offset),
		Signed:  t.encoding&C.BTF_INT_SIGNED != 0,
		Char:    t.encoding&C.BTF_INT_CHAR != 0,
		Bool:    t.encoding&C.BTF_INT_BOOL != 0,
		Linkage: uint8(t.linkage), Component: int(t.component), KindFlag: bool(t.kflag),
	}, nil
}

// Item returns the i-th of the Vlen items of a type.
func (b *BTF) Item(id uint32, i int) (BTFItem, error) {
	if i < 0 {
		return BTFItem{}, syscall.EINVAL
	}
	var it C.struct_bpfskel_btf_item
	if rc := C.bpfskel_btf_item(b.btf, C.uint32_t(id), C.uint32_t(i), &it); rc < 0 {
		return BTFItem{}, result("read an item of a BTF type", rc, nil)
	}
	return BTFItem{
		Name: goString(it.name), Type: uint32(it._type),
		Offset: int(it.offset), Size: int(it.size), Value: uint64(it.value),
	}, nil
}

func goString(s *C.char) string {
	if s == nil {
		return ""
	}
	return C.GoString(s)
}
