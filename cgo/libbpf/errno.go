//go:build linux

package libbpf

/*
#include <string.h>
#include "shim.h"
*/
import "C"

import "unsafe"

func (c Code) text() string {
	var buf [128]C.char
	// SAFETY: libbpf writes at most len(buf) bytes, with a NUL at their end.
	C.libbpf_strerror(C.int(c), (*C.char)(unsafe.Pointer(&buf)), C.size_t(len(buf)))
	return C.GoString((*C.char)(unsafe.Pointer(&buf)))
}

// libbpf's numbers are those of this package; anything else does not compile.
var _ = [1]struct{}{}[(C.__LIBBPF_ERRNO__START-firstCode)|(C.LIBBPF_ERRNO__NLPARSE-int(ErrNetlink))]
