package skel

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// MapOfMaps is an array or hash whose values are maps. All methods may be called
// from any number of goroutines.
type MapOfMaps[K any] struct {
	mapBase
	inner template
}

func (m *MapOfMaps[K]) bind(o *Object, i int) {
	m.mapBase, m.inner = newMapBase(o, i), o.inner[i]
	m.require(keyValue[K, uint32]("MapOfMaps"))
}

// Update puts a map at key, such as an OwnMap or a map of a skeleton, which must
// be like the one that the object declares. The map of maps holds it by itself:
// it may be closed afterwards. (bpf_map_update_elem)
func (m *MapOfMaps[K]) Update(key *K, inner Descriptor, flags ...UpdateFlags) error {
	fd, err := copyFD(inner, bpf.KindMap)
	if err != nil {
		return m.base().fail("update", err)
	}
	defer closeFD(fd)
	return m.base().putFD(mem.At(key), fd, orFlags(flags))
}

// LookupID returns the kernel's id of the map at key; ErrNotExist where there is
// none. (bpf_map_lookup_elem)
func (m *MapOfMaps[K]) LookupID(key *K) (id uint32, err error) {
	// SAFETY: both have the map's sizes (NewMapOfMaps), and neither is kept.
	err = m.base().elem(uapi.CmdMapLookupElem, "look up", mem.At(key), mem.At(&id), 0)
	return id, err
}

// Lookup opens the map at key, which takes CAP_SYS_ADMIN. It belongs to the
// caller. (bpf_map_lookup_elem, bpf_map_get_fd_by_id)
func (m *MapOfMaps[K]) Lookup(key *K) (*OwnMap, error) {
	id, err := m.LookupID(key)
	if err != nil {
		return nil, err
	}
	fd, err := bpf.OpenByID(bpf.KindMap, id, 0, 0)
	if err != nil {
		return nil, m.base().fail("look up", err)
	}
	return takeMap(fd, fmt.Sprintf("map %d", id))
}

// Delete removes the map at key. (bpf_map_delete_elem)
func (m *MapOfMaps[K]) Delete(key *K) error {
	// SAFETY: the key has the map's size and is not kept.
	return m.base().elem(uapi.CmdMapDeleteElem, "delete", mem.At(key), nil, 0)
}

// IDs is an iteration over the keys and the kernel's ids of the maps there.
func (m *MapOfMaps[K]) IDs() *Iter[K, uint32] {
	return (&Map[K, uint32]{*m.base()}).Iter()
}
