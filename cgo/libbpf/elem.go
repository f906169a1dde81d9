//go:build linux

package libbpf

/*
#include <stdlib.h>
#include "shim_skel.h"

#cgo noescape bpfskel_map_elem
#cgo nocallback bpfskel_map_elem
#cgo noescape bpfskel_map_batch
#cgo nocallback bpfskel_map_batch
*/
import "C"

import (
	"math"
	"syscall"
	"unsafe"
)

// Element operations, with the numbers of enum bpf_cmd.
const (
	MapLookup          = 1
	MapUpdate          = 2
	MapDelete          = 3
	MapNextKey         = 4
	MapLookupAndDelete = 21
)

// MapElem makes one call on an element of the map behind fd
// (bpf_map_lookup_elem_flags and its sisters). value is the next key for
// MapNextKey. Both have the sizes that the kernel uses; neither is kept.
func MapElem(op uintptr, fd int, key, value unsafe.Pointer, flags uint64) syscall.Errno {
	return syscall.Errno(-C.bpfskel_map_elem(C.int(op), C.int(fd), (*C.uint8_t)(key), (*C.uint8_t)(value), C.uint64_t(flags)))
}

// Batch operations, with the numbers of enum bpf_cmd.
const (
	MapLookupBatch          = 24
	MapLookupAndDeleteBatch = 25
	MapUpdateBatch          = 26
	MapDeleteBatch          = 27
)

// MapBatch makes one call on count elements (bpf_map_lookup_batch and its
// sisters) and returns how many the kernel dealt with. in and out are positions,
// in is nil at the start.
func MapBatch(op uintptr, fd int, in, out, keys, values unsafe.Pointer, count int, flags uint64) (int, syscall.Errno) {
	if count < 0 || uint64(count) > math.MaxUint32 {
		return 0, syscall.EINVAL
	}
	n := C.uint32_t(count)
	rc := C.bpfskel_map_batch(C.int(op), C.int(fd), (*C.uint8_t)(in), (*C.uint8_t)(out), (*C.uint8_t)(keys), (*C.uint8_t)(values), &n, C.uint64_t(flags))
	return int(n), syscall.Errno(-rc)
}

// MapFDByID opens a map by its id (bpf_map_get_fd_by_id). The caller closes it.
func MapFDByID(id uint32) (int, error) {
	fd := C.bpf_map_get_fd_by_id(C.__u32(id))
	return int(fd), result("open by id", fd, nil)
}

// MapFreeze forbids changes from user space (bpf_map_freeze).
func MapFreeze(fd int) error { return result("freeze", C.bpf_map_freeze(C.int(fd)), nil) }

// PinFD pins what is behind fd (bpf_obj_pin).
func PinFD(fd int, path string) error {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: C memory of our own
	return result("pin", C.bpf_obj_pin(C.int(fd), cpath), nil)
}

// OpenPin opens what is pinned at path (bpf_obj_get). The caller closes it.
func OpenPin(path string) (int, error) {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: C memory of our own
	fd := C.bpf_obj_get(cpath)
	return int(fd), result("open the pin", fd, nil)
}
