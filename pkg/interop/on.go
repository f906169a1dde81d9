//go:build linux && cgo

package interop

import (
	"debug/elf"
	"fmt"
	"syscall"
	"unsafe"

	"github.com/aquasecurity/libbpfgo"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// On makes a generated package's Open use the object that m has opened, instead of the
// embedded one. The two must be the same: maps and programs are found by name once, and
// sizes of sections, keys and values are checked; if something is missing, the error is
// ESRCH.
//
// If m is not loaded yet, Open returns the typed fields before load, and Load loads the
// object for m too. If m is loaded, Open's fields show the values that the object was
// loaded with, and Load does nothing. The skeleton's Close, which must come before m's,
// detaches its own links and leaves the object to m.
func On(m *libbpfgo.Module) skel.OpenOption {
	return func(o *backend.OpenOptions) {
		o.Borrowed, o.Err = borrow(m)
	}
}

func borrow(m *libbpfgo.Module) (*backend.Borrowed, error) {
	if err := checkLayout(); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("%w: the module is nil", syscall.EINVAL)
	}
	// SAFETY: checkLayout has compared the fields' types.
	object, loaded, file := *(*unsafe.Pointer)(fieldOf(m, "obj")), (*bool)(fieldOf(m, "loaded")), (**elf.File)(fieldOf(m, "elf"))
	if object == nil {
		return nil, fmt.Errorf("%w: the module does not have an open object", syscall.EINVAL)
	}
	return &backend.Borrowed{Object: object, Loaded: *loaded, OnLoad: func() {
		// As its own BPFLoadObject does.
		*loaded = true
		if *file != nil {
			_ = (*file).Close()
			*file = nil
		}
	}}, nil
}
