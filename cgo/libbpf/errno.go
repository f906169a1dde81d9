//go:build linux

package libbpf

/*
#include <string.h>
#include "shim.h"
*/
import "C"

func (c Code) text() string {
	var buf [128]C.char
	C.libbpf_strerror(C.int(c), &buf[0], C.size_t(len(buf)))
	return C.GoString(&buf[0])
}

// libbpf's numbers are those of this package; anything else does not compile.
var _ = [1]struct{}{}[(C.__LIBBPF_ERRNO__START-firstCode)|(C.LIBBPF_ERRNO__NLPARSE-int(ErrNetlink))]
