package skel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// checkArch refuses an object of another architecture. libbpf would open one of the
// other byte order, whose variables Go would then read and write in the wrong order.
func (o *OpenObject) checkArch() error {
	var order [2]byte
	binary.NativeEndian.PutUint16(order[:], 1)
	big := order[1] == 1
	switch {
	case o.spec.Archs != nil && !slices.Contains(o.spec.Archs, runtime.GOARCH):
		return fmt.Errorf("%w: the object reads the registers of %s, not of %s: compile it for %[3]s and generate with --goarch %[3]s",
			syscall.EOPNOTSUPP, strings.Join(o.spec.Archs, ", "), runtime.GOARCH)
	case o.spec.BigEndian != big:
		return fmt.Errorf("%w: the object does not have the byte order of %s: compile it for %[2]s and generate with --goarch %[2]s",
			syscall.EOPNOTSUPP, runtime.GOARCH)
	}
	return nil
}

// checkLayout refuses a header and Go types that were not generated together: later
// code relies on their indices and sizes.
func (o *OpenObject) checkLayout(sk backend.Object) error {
	for _, s := range o.spec.Sections {
		m := sk.Map(s.Map)
		if size := len(m.InitialValue()); size != s.Bytes {
			return fmt.Errorf("%w: section %s has %d bytes, but had %d when the Go package was generated: generate the package again",
				syscall.EINVAL, m.Name(), size, s.Bytes)
		}
		if s.Size < uintptr(s.Bytes) || s.Size > sectionMemory(s.Bytes) {
			return fmt.Errorf("%w: section %s has %d bytes, but its Go type has %d: generate the package again",
				syscall.EINVAL, m.Name(), s.Bytes, s.Size)
		}
	}
	return nil
}

// clearRecordTypes makes rings loadable that declare the type of their records for
// generators: the kernel requires a ring buffer without sizes, and a perf array with
// the sizes of descriptors. (The template of a map of maps stays as it is: libbpf has
// no way to change one.)
func (o *OpenObject) clearRecordTypes(sk backend.Object) error {
	for i := range o.spec.Maps {
		m := sk.Map(i)
		var size uint32
		switch m.Type() {
		case uapi.MapTypeRingBuf, uapi.MapTypeUserRingBuf:
		case uapi.MapTypePerfEventArray:
			size = 4
		default:
			continue
		}
		if m.KeySize() == size && m.ValueSize() == size {
			continue
		}
		if err := errors.Join(m.SetKeySize(size), m.SetValueSize(size)); err != nil {
			return err
		}
	}
	return nil
}
