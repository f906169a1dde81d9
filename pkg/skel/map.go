package skel

import (
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Map is a map whose elements have one key and one value: a hash, array, LRU hash, LPM
// trie, or local storage. K and V are the types that the object declares. All methods
// may be called from any number of goroutines, including Close of the skeleton, after
// which they return ErrClosed.
//
// The kind of map and the sizes of K and V are compared with the kernel's map after
// load. If a setter, a pin or a reused fd made them differ, every operation returns an
// error that names both, and makes no system call. The same holds for a K or V with Go
// pointers.
type Map[K, V any] struct {
	mapBase
}

func (m *Map[K, V]) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(keyValueShape[K, V]("Map"))
}

// Lookup returns a copy of the value of key. The error is ErrNotExist if there is none.
// (bpf_map_lookup_elem)
func (m *Map[K, V]) Lookup(key *K) (value V, err error) {
	// SAFETY: K and V have the map's sizes, and neither pointer is kept.
	err = m.base().callElem(uapi.CmdMapLookupElem, "look up", mem.At(key), mem.At(&value), 0)
	return value, err
}

// LookupInto is Lookup for a large value, which it writes to *value.
func (m *Map[K, V]) LookupInto(key *K, value *V) error {
	// SAFETY: as in Lookup.
	return m.base().callElem(uapi.CmdMapLookupElem, "look up", mem.At(key), mem.At(value), 0)
}

// Has reports whether key is in the map. (bpf_map_lookup_elem)
func (m *Map[K, V]) Has(key *K) (bool, error) {
	_, err := m.Lookup(key)
	if err == m.base().notExist {
		return false, nil
	}
	return err == nil, err
}

// LookupAndDelete removes the element of key and returns its value, atomically. Hashes require Linux 5.14.
// (bpf_map_lookup_and_delete_elem)
func (m *Map[K, V]) LookupAndDelete(key *K) (value V, err error) {
	// SAFETY: as in Lookup.
	err = m.base().callElem(uapi.CmdMapLookupAndDeleteElem, "look up and delete", mem.At(key), mem.At(&value), 0)
	return value, err
}

// Update sets the value of key, creating the element if it does not exist. NoExist allows
// only creating, Exist only replacing. Key and value are copied. (bpf_map_update_elem)
func (m *Map[K, V]) Update(key *K, value *V, flags ...UpdateFlags) error {
	// SAFETY: as in Lookup.
	return m.base().callElem(uapi.CmdMapUpdateElem, "update", mem.At(key), mem.At(value), joinFlags(flags))
}

// Delete removes the element of key. The error is ErrNotExist if there is none,
// EINVAL for arrays, whose elements always exist. (bpf_map_delete_elem)
func (m *Map[K, V]) Delete(key *K) error {
	// SAFETY: as in Lookup.
	return m.base().callElem(uapi.CmdMapDeleteElem, "delete", mem.At(key), nil, 0)
}
