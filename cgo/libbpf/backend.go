//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim_skel.h"
*/
import "C"

import (
	"fmt"
	"hash/crc32"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Backend opens one object with libbpf. Generated packages make it.
type Backend struct {
	version  int
	elf      unsafe.Pointer
	size     uintptr
	embedded *embedded // instead of elf and size, nil if there is none
}

// embedded is an object that a Go package embeds, and the CRC-32 of the object that the
// package was generated from.
type embedded struct {
	object string
	crc    uint32
}

// New returns the back end for the object in size bytes at elf, in memory that must
// never be changed or freed. version is the version of libbpf's headers that the caller's C code
// was compiled with, 107 for 1.7.
func New(version int, elf unsafe.Pointer, size uintptr) backend.Backend {
	return &Backend{version: version, elf: elf, size: size}
}

// NewEmbedded returns the back end for an object in Go memory, which a package embeds.
// crc is the CRC-32 (IEEE) of the object that the package was generated from: Open
// refuses any other.
func NewEmbedded(object string, crc uint32) backend.Backend {
	return &Backend{version: Version, embedded: &embedded{object, crc}}
}

// Name is "libbpf".
func (*Backend) Name() string { return "libbpf" }

// Open reads the object (bpf_object__open_skeleton).
func (b *Backend) Open(spec *backend.Spec, o backend.OpenOptions) (backend.Object, error) {
	if err := b.checkVersion(); err != nil {
		return nil, err
	}
	elf, size := b.elf, b.size
	if b.embedded != nil {
		// The copy is aligned as C aligns it, and no C code sees Go memory. libbpf does
		// not use it after open.
		copied := C.CString(b.embedded.object)
		defer C.free(unsafe.Pointer(copied)) // SAFETY: our own C memory
		elf, size = unsafe.Pointer(copied), uintptr(len(b.embedded.object))
		// SAFETY: the copy has size bytes, and a NUL that is not read
		if crc32.ChecksumIEEE(unsafe.Slice((*byte)(elf), size)) != b.embedded.crc {
			return nil, fmt.Errorf("%w: the embedded object does not match the Go files of its package: run skelgen generate again", syscall.EINVAL)
		}
	}
	s, err := newSkeleton(elf, size, spec)
	if err != nil {
		return nil, err
	}
	s.embedded = b.embedded
	if err := s.open(o); err != nil {
		s.Close()
		return nil, err
	}
	if s.embedded != nil {
		s.s.data, s.s.data_sz = nil, 0
	}
	return s, nil
}

func (b *Backend) checkVersion() error {
	if b.version != Version {
		return fmt.Errorf("%w: the package was compiled with libbpf %d.%d, but the run time with %d.%d: rebuild with the settings of 'skelgen env'",
			syscall.EINVAL, b.version/100, b.version%100, Version/100, Version%100)
	}
	return CheckVersion()
}
