package skel

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// RawMap is a map of a kind that has no type of its own, in bytes. What works on
// it is up to the kernel; its errors are passed on. A value of a per-CPU map is
// one after another for each possible CPU, each rounded up to 8 bytes. All
// methods may be called from any number of goroutines.
type RawMap struct {
	mapBase
}

// NewRawMap returns the map with the given index. It is for generated packages.
func NewRawMap(o *Object, m int) *RawMap { return &RawMap{newMapBase(o, m)} }

// valueBytes is what the kernel reads or writes for a value.
func (b *mapBase) valueBytes() int {
	if perCPUKinds.has(b.kind) {
		return (int(b.valueSize) + 7) &^ 7 * libbpf.NumPossibleCPUs()
	}
	return int(b.valueSize)
}

func (m *RawMap) check(key, value []byte, withValue bool) error {
	if len(key) != int(m.keySize) {
		return m.fail("use", fmt.Errorf("%w: the key has %d bytes, the map's keys have %d", syscall.EINVAL, len(key), m.keySize))
	}
	if n := m.valueBytes(); withValue && len(value) != n {
		return m.fail("use", fmt.Errorf("%w: the value has %d bytes, the map's values have %d", syscall.EINVAL, len(value), n))
	}
	return nil
}

// Lookup returns a copy of the value of key. The error is ErrNotExist where there
// is none. (bpf_map_lookup_elem)
func (m *RawMap) Lookup(key []byte) ([]byte, error) {
	if err := m.check(key, nil, false); err != nil {
		return nil, err
	}
	value := make([]byte, m.valueBytes())
	// SAFETY: both have the sizes that the kernel uses.
	err := m.elem(libbpf.MapLookup, "look up", unsafe.Pointer(unsafe.SliceData(key)), unsafe.Pointer(unsafe.SliceData(value)), 0)
	if err != nil {
		return nil, err
	}
	return value, nil
}

// Update sets the value of key. (bpf_map_update_elem)
func (m *RawMap) Update(key, value []byte, flags ...UpdateFlags) error {
	if err := m.check(key, value, true); err != nil {
		return err
	}
	// SAFETY: both have the sizes that the kernel uses.
	return m.elem(libbpf.MapUpdate, "update", unsafe.Pointer(unsafe.SliceData(key)), unsafe.Pointer(unsafe.SliceData(value)), orFlags(flags))
}

// Delete removes the element of key. (bpf_map_delete_elem)
func (m *RawMap) Delete(key []byte) error {
	if err := m.check(key, nil, false); err != nil {
		return err
	}
	// SAFETY: the key has the size that the kernel uses.
	return m.elem(libbpf.MapDelete, "delete", unsafe.Pointer(unsafe.SliceData(key)), nil, 0)
}

// NextKey returns the key after key, and the first for nil or a key that is not
// in the map. The error is ErrNotExist at the end. (bpf_map_get_next_key)
func (m *RawMap) NextKey(key []byte) ([]byte, error) {
	if key != nil {
		if err := m.check(key, nil, false); err != nil {
			return nil, err
		}
	}
	next := make([]byte, m.keySize)
	// SAFETY: both have the size that the kernel uses; nil asks for the first.
	err := m.elem(libbpf.MapNextKey, "iterate", unsafe.Pointer(unsafe.SliceData(key)), unsafe.Pointer(unsafe.SliceData(next)), 0)
	if err != nil {
		return nil, err
	}
	return next, nil
}
