//go:build linux && cgo

package libbpf

/*
#cgo pkg-config: --static libbpf
#cgo CFLAGS: -Wall -Wextra -Wno-unused-parameter -Werror=implicit-function-declaration
#include <bpf/libbpf.h>

#if !defined(LIBBPF_MAJOR_VERSION) || LIBBPF_MAJOR_VERSION < 1 || \
	(LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 5)
#error "bpfskel needs libbpf 1.5 or newer: build one with scripts/libbpf.sh and use the settings of 'skelgen env'"
#endif

enum {
	bpfskel_header_major = LIBBPF_MAJOR_VERSION,
	bpfskel_header_minor = LIBBPF_MINOR_VERSION,
};
*/
import "C"

import "fmt"

// Version is the version of libbpf that this program was compiled against. CheckVersion
// checks that the program also runs with it.
const Version = versionMajor*100 + versionMinor

const (
	versionMajor = C.bpfskel_header_major
	versionMinor = C.bpfskel_header_minor
)

// LinkedVersion returns the version of the libbpf that was linked, such as "v1.7".
func LinkedVersion() string {
	return C.GoString(C.libbpf_version_string())
}

// CheckVersion returns an error unless the linked libbpf has the version of the headers
// that this program was compiled with: structs that both sides share may differ. The
// usual reason is a stale build cache.
func CheckVersion() error {
	major, minor := C.libbpf_major_version(), C.libbpf_minor_version()
	if major == versionMajor && minor == versionMinor {
		return nil
	}
	return fmt.Errorf("compiled with the headers of libbpf %d.%d but linked with libbpf %d.%d: rebuild with the settings of 'skelgen env'",
		versionMajor, versionMinor, major, minor)
}
