package skel

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// RawMap is a map whose keys and values are bytes: one of a kind without a Go type, or a
// MapHandle. The kernel decides which operations work; its errors are returned. The value
// of a per-CPU map holds one value per possible CPU, each padded to a multiple of 8 bytes.
// All methods may be called from any number of goroutines. Nil and empty slices are
// equivalent.
type RawMap struct {
	mapBase
}

func (m *RawMap) bind(o *Object, i int) { m.mapBase = newMapBase(o, i) }

// valueBytes returns how many bytes the kernel reads or writes for a value.
func (b *mapBase) valueBytes() (int, error) {
	if !perCPUKinds.has(b.kind) {
		return int(b.valueSize), nil
	}
	return b.perCPUBytes()
}

func (b *mapBase) perCPUBytes() (int, error) {
	cpus, err := PossibleCPUs()
	if err != nil {
		return 0, b.fail("use", err)
	}
	return stride(uintptr(b.valueSize)) * cpus, nil
}

// checkKey refuses a key that does not have the map's size.
func (m *RawMap) checkKey(key []byte) error {
	if err := m.base().checkUsable(); err != nil {
		return err
	}
	if len(key) != int(m.base().keySize) {
		return m.base().fail("use", fmt.Errorf("%w: the key has %d bytes, but the map's keys have %d", syscall.EINVAL, len(key), m.base().keySize))
	}
	return nil
}

// newValueMemory returns memory for a value that the kernel reads or writes, of which size
// bytes belong to the value. A kind that is newer than this package might have per-CPU
// values, so the memory has room for one value per CPU.
func (m *RawMap) newValueMemory() (memory []byte, size int, err error) {
	if size, err = m.base().valueBytes(); err != nil || knownKinds.has(m.base().kind) {
		return make([]byte, size), size, err
	}
	all, err := m.base().perCPUBytes()
	return make([]byte, all), size, err
}

// Lookup returns a copy of the value of key. The error is ErrNotExist if there is
// none. (bpf_map_lookup_elem)
func (m *RawMap) Lookup(key []byte) ([]byte, error) {
	if err := m.checkKey(key); err != nil {
		return nil, err
	}
	value, size, err := m.newValueMemory()
	if err != nil {
		return nil, err
	}
	if err := m.base().callElem(uapi.CmdMapLookupElem, "look up", mem.Of(key), mem.Of(value), 0); err != nil {
		return nil, err
	}
	return value[:size:size], nil
}

// Update sets the value of key. (bpf_map_update_elem)
func (m *RawMap) Update(key, value []byte, flags ...UpdateFlags) error {
	if err := m.checkKey(key); err != nil {
		return err
	}
	switch n, err := m.base().valueBytes(); {
	case err != nil:
		return err
	case len(value) != n:
		return m.base().fail("use", fmt.Errorf("%w: the value has %d bytes, but the map's values have %d", syscall.EINVAL, len(value), n))
	case !knownKinds.has(m.base().kind):
		memory, _, err := m.newValueMemory()
		if err != nil {
			return err
		}
		copy(memory, value)
		value = memory
	}
	return m.base().callElem(uapi.CmdMapUpdateElem, "update", mem.Of(key), mem.Of(value), joinFlags(flags))
}

// Delete removes the element of key. (bpf_map_delete_elem)
func (m *RawMap) Delete(key []byte) error {
	if err := m.checkKey(key); err != nil {
		return err
	}
	return m.base().callElem(uapi.CmdMapDeleteElem, "delete", mem.Of(key), nil, 0)
}

// NextKey returns the key after key, and the first for an empty key or one that is
// not in the map. The error is ErrNotExist at the end. (bpf_map_get_next_key)
func (m *RawMap) NextKey(key []byte) ([]byte, error) {
	if len(key) != 0 {
		if err := m.checkKey(key); err != nil {
			return nil, err
		}
	}
	next := make([]byte, m.base().keySize)
	if err := m.base().callElem(uapi.CmdMapGetNextKey, "iterate", mem.Of(key), mem.Of(next), 0); err != nil {
		return nil, err
	}
	return next, nil
}
