package skel

import (
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Queue is a queue (first in, first out) or a stack (last in, first out) of
// values. All methods may be called from any number of goroutines.
type Queue[V any] struct {
	mapBase
}

func (m *Queue[V]) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(keyValueShape[[0]byte, V]("Queue"))
}

// Push adds a value. If the map is full, the error is E2BIG, or with the flag Exist the
// oldest value is removed. (bpf_map_update_elem)
func (m *Queue[V]) Push(value *V, flags ...UpdateFlags) error {
	// SAFETY: a V has the map's size, and the pointer is not kept.
	return m.base().callElem(uapi.CmdMapUpdateElem, "push", nil, mem.At(value), joinFlags(flags))
}

// Pop takes a value out. The error is ErrNotExist if there is none.
// (bpf_map_lookup_and_delete_elem)
func (m *Queue[V]) Pop() (value V, err error) {
	// SAFETY: as in Push.
	err = m.base().callElem(uapi.CmdMapLookupAndDeleteElem, "pop", nil, mem.At(&value), 0)
	return value, err
}

// Peek returns a copy of the value that Pop would take. (bpf_map_lookup_elem)
func (m *Queue[V]) Peek() (value V, err error) {
	// SAFETY: as in Push.
	err = m.base().callElem(uapi.CmdMapLookupElem, "peek", nil, mem.At(&value), 0)
	return value, err
}

// Bloom is a bloom filter: for each value it knows that it was never added, or that it
// may have been added. All methods may be called from any number of goroutines.
type Bloom[V any] struct {
	mapBase
}

func (m *Bloom[V]) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(keyValueShape[[0]byte, V]("Bloom"))
}

// Add adds a value. (bpf_map_update_elem)
func (m *Bloom[V]) Add(value *V) error {
	// SAFETY: a V has the map's size, and the pointer is not kept.
	return m.base().callElem(uapi.CmdMapUpdateElem, "add", nil, mem.At(value), 0)
}

// MayHave reports false only if the value was never added. (bpf_map_lookup_elem)
func (m *Bloom[V]) MayHave(value *V) (bool, error) {
	// SAFETY: as in Add; the kernel only reads it.
	err := m.base().callElem(uapi.CmdMapLookupElem, "look up", nil, mem.At(value), 0)
	if err == m.base().notExist {
		return false, nil
	}
	return err == nil, err
}
