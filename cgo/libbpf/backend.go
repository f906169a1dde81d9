//go:build linux && cgo

package libbpf

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Backend opens one object with libbpf. It is made by generated packages.
type Backend struct {
	version int
	elf     unsafe.Pointer
	size    uintptr
}

// New returns the back end for the object in size bytes at elf, in memory that nobody
// changes or frees. version is that of the headers of libbpf that the caller's C code
// was compiled with, 107 for 1.7.
func New(version int, elf unsafe.Pointer, size uintptr) backend.Backend {
	return &Backend{version, elf, size}
}

// Name is "libbpf".
func (*Backend) Name() string { return "libbpf" }

// Open reads the object (bpf_object__open_skeleton).
func (b *Backend) Open(spec *backend.Spec, o backend.OpenOptions) (backend.Object, error) {
	if err := b.checkVersion(); err != nil {
		return nil, err
	}
	s, err := newSkeleton(b.elf, b.size, spec)
	if err != nil {
		return nil, err
	}
	if err := s.open(o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (b *Backend) checkVersion() error {
	if b.version != Version {
		return fmt.Errorf("%w: the package was compiled with libbpf %d.%d, the run time with %d.%d: rebuild with the settings of 'skelgen env'",
			syscall.EINVAL, b.version/100, b.version%100, Version/100, Version%100)
	}
	return CheckVersion()
}
