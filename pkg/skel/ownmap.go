package skel

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// OwnMap is a map of no skeleton: one that is pinned, that lies in a map of maps,
// or that was made to go there. It is used in bytes, or typed by TypedMap, and
// belongs to the caller, who closes it.
type OwnMap struct {
	RawMap
}

// OpenPinnedMap opens the map that is pinned at path. (bpf_obj_get)
func OpenPinnedMap(path string) (*OwnMap, error) {
	fd, err := libbpf.OpenPin(path)
	if err != nil {
		return nil, fail("open", path, "", "", err)
	}
	return takeMap(fd)
}

// MapByID opens a map by the kernel's id, which takes CAP_SYS_ADMIN.
// (bpf_map_get_fd_by_id)
func MapByID(id uint32) (*OwnMap, error) {
	fd, err := libbpf.MapFDByID(id)
	if err != nil {
		return nil, fail("open", fmt.Sprintf("map %d", id), "", "", err)
	}
	return takeMap(fd)
}

// MapFromFD makes an OwnMap of a copy of fd, which the caller keeps.
func MapFromFD(fd int) (*OwnMap, error) {
	dup, err := dupFD(fd)
	if err != nil {
		return nil, fail("copy", fmt.Sprintf("fd %d", fd), "", "", err)
	}
	return takeMap(dup)
}

// takeMap takes fd over.
func takeMap(fd int) (*OwnMap, error) {
	info, err := libbpf.MapInfoByFD(fd)
	if err != nil {
		closeFD(fd)
		return nil, fail("open", fmt.Sprintf("fd %d", fd), "", "", err)
	}
	m := &OwnMap{RawMap{mapBase{
		life: &life{name: "map " + info.Name}, name: info.Name, fd: fd, kind: info.Type,
		keySize: info.KeySize, valueSize: info.ValueSize, maxEntries: info.MaxEntries,
	}}}
	m.prepare()
	return m, nil
}

// Close closes the map, after waiting for calls that are under way. The second
// time it does nothing.
func (m *OwnMap) Close() error {
	m.life.hooks.run()
	m.life.mu.Lock()
	defer m.life.mu.Unlock()
	if m.life.closed {
		return nil
	}
	m.life.closed = true
	return closeFD(m.fd)
}

// TypedMap is the same map with typed keys and values, until m's Close. As with
// the maps of a skeleton, sizes that differ make every operation an error.
func TypedMap[K, V any](m *OwnMap) *Map[K, V] {
	out := &Map[K, V]{m.mapBase}
	var k K
	var v V
	out.checkSizes(unsafe.Sizeof(k), unsafe.Sizeof(v))
	return out
}

// MapOfMaps is an array or hash whose values are maps. All methods may be called
// from any number of goroutines.
type MapOfMaps[K any] struct {
	mapBase
	inner innerSpec
}

// innerSpec is what the object says of the maps in a map of maps.
type innerSpec struct {
	known                                 bool
	kind                                  uint32
	keySize, valueSize, maxEntries, flags uint32
}

// NewMapOfMaps returns the map with the given index. It is for generated packages.
func NewMapOfMaps[K any](o *Object, m int) *MapOfMaps[K] {
	out := &MapOfMaps[K]{newMapBase(o, m), o.inner[m]}
	var k K
	out.checkSizes(unsafe.Sizeof(k), 4)
	return out
}

// Create makes an empty map like the one that the object declares as an element,
// for Update to put in. It belongs to the caller, and may be closed after that.
// (bpf_map_create)
func (m *MapOfMaps[K]) Create() (*OwnMap, error) {
	if err := m.usable(); err != nil {
		return nil, err
	}
	if !m.inner.known {
		return nil, m.fail("create an element", fmt.Errorf("%w: the object does not declare the maps in it", syscall.EINVAL))
	}
	in := m.inner
	fd, err := libbpf.CreateMap(in.kind, "", in.keySize, in.valueSize, in.maxEntries, in.flags)
	if err != nil {
		return nil, m.fail("create an element", err)
	}
	return takeMap(fd)
}

// Update puts a map at key, such as an OwnMap or a map of a skeleton, which must
// be like the one that the object declares. The map of maps holds it by itself:
// it may be closed afterwards. (bpf_map_update_elem)
func (m *MapOfMaps[K]) Update(key *K, inner interface{ FD() int }, flags ...UpdateFlags) error {
	fd, err := copyFD(inner, libbpf.MapFD)
	if err != nil {
		return m.fail("update", err)
	}
	defer closeFD(fd)
	return m.putFD(unsafe.Pointer(key), fd, orFlags(flags))
}

// LookupID returns the kernel's id of the map at key; ErrNotExist where there is
// none. (bpf_map_lookup_elem)
func (m *MapOfMaps[K]) LookupID(key *K) (id uint32, err error) {
	// SAFETY: both have the map's sizes (NewMapOfMaps), and neither is kept.
	err = m.elem(libbpf.MapLookup, "look up", unsafe.Pointer(key), unsafe.Pointer(&id), 0)
	return id, err
}

// Lookup opens the map at key, which takes CAP_SYS_ADMIN. It belongs to the
// caller. (bpf_map_lookup_elem, bpf_map_get_fd_by_id)
func (m *MapOfMaps[K]) Lookup(key *K) (*OwnMap, error) {
	id, err := m.LookupID(key)
	if err != nil {
		return nil, err
	}
	fd, err := libbpf.MapFDByID(id)
	if err != nil {
		return nil, m.fail("look up", err)
	}
	return takeMap(fd)
}

// Delete removes the map at key. (bpf_map_delete_elem)
func (m *MapOfMaps[K]) Delete(key *K) error {
	// SAFETY: the key has the map's size and is not kept.
	return m.elem(libbpf.MapDelete, "delete", unsafe.Pointer(key), nil, 0)
}

// IDs is an iteration over the keys and the kernel's ids of the maps there.
func (m *MapOfMaps[K]) IDs() *Iter[K, uint32] {
	return (&Map[K, uint32]{m.mapBase}).Iter()
}
