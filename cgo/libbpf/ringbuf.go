//go:build linux && cgo

package libbpf

/*
#include "shim_ring.h"
*/
import "C"

import "unsafe"

// KernelMap is what the kernel says of a map.
type KernelMap struct {
	Name                                  string // cut at 15 bytes
	ID, Type                              uint32
	KeySize, ValueSize, MaxEntries, Flags uint32
	Extra                                 uint64 // map_extra
	BTFID, KeyTypeID, ValueTypeID         uint32 // 0 where the kernel has no BTF of the map
}

// MapInfoByFD asks the kernel for the map behind fd (bpf_map_get_info_by_fd). A
// descriptor of something else is EINVAL.
func MapInfoByFD(fd int) (KernelMap, error) {
	if err := CheckFD(fd, MapFD); err != nil {
		return KernelMap{}, err
	}
	var info C.struct_bpf_map_info
	rc := C.bpfskel_map_info(C.int(fd), &info)
	if err := result("get the map's info", rc, nil); err != nil {
		return KernelMap{}, err
	}
	// SAFETY: the kernel ends the name with a NUL.
	return KernelMap{
		Name: C.GoString((*C.char)(unsafe.Pointer(&info.name))), ID: uint32(info.id), Type: uint32(info._type),
		KeySize: uint32(info.key_size), ValueSize: uint32(info.value_size),
		MaxEntries: uint32(info.max_entries), Flags: uint32(info.map_flags), Extra: uint64(info.map_extra),
		BTFID: uint32(info.btf_id), KeyTypeID: uint32(info.btf_key_type_id), ValueTypeID: uint32(info.btf_value_type_id),
	}, nil
}
