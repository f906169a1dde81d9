//go:build linux

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

// LinkObjects writes one object of several into the file out, as "bpftool gen object" does
// (bpf_linker__new, bpf_linker__add_file, bpf_linker__finalize).
func LinkObjects(out string, in ...string) error {
	count := len(in)
	array := C.calloc(C.size_t(count+1), C.size_t(unsafe.Sizeof((*C.char)(nil))))
	if array == nil {
		return &Error{Op: "link", Err: syscall.ENOMEM}
	}
	defer C.free(array)
	files := unsafe.Slice((**C.char)(array), count) // SAFETY: C memory for count+1 pointers
	for i, name := range in {
		files[i] = C.CString(name)
		defer C.free(unsafe.Pointer(files[i])) // SAFETY: our own C memory
	}
	to := C.CString(out)
	defer C.free(unsafe.Pointer(to)) // SAFETY: our own C memory
	var log C.struct_bpfskel_log
	rc := C.bpfskel_link(to, (**C.char)(array), C.int(count), &log)
	return result("link", rc, takeLog(&log))
}
