package skel

import (
	"fmt"
	"strconv"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// OwnMap is a map of no skeleton: one that is pinned, that lies in a map of maps,
// or that was made to go there. It is used in bytes, or typed by TypedMap, and
// belongs to the caller, who closes it.
type OwnMap struct {
	RawMap
}

// OpenPinnedMap opens the map that is pinned at path. (bpf_obj_get)
func OpenPinnedMap(path string) (*OwnMap, error) {
	if err := checkPath(path); err != nil {
		return nil, fail("open", strconv.Quote(path), "", "", err)
	}
	fd, err := bpf.OpenPin(path, bpf.PinOptions{})
	if err != nil {
		return nil, fail("open", path, "", "", err)
	}
	return takeMap(fd, path)
}

// MapByID opens a map by the kernel's id, which takes CAP_SYS_ADMIN.
// (bpf_map_get_fd_by_id)
func MapByID(id uint32) (*OwnMap, error) {
	fd, err := bpf.OpenByID(bpf.KindMap, id, 0, 0)
	if err != nil {
		return nil, fail("open", fmt.Sprintf("map %d", id), "", "", err)
	}
	return takeMap(fd, fmt.Sprintf("map %d", id))
}

// MapFromFD makes an OwnMap of a copy of fd, which the caller keeps.
func MapFromFD(fd int) (*OwnMap, error) {
	dup, err := dupFD(fd)
	if err != nil {
		return nil, fail("copy", fmt.Sprintf("fd %d", fd), "", "", err)
	}
	return takeMap(dup, fmt.Sprintf("fd %d", fd))
}

// takeMap takes fd over. from is what errors call it.
func takeMap(fd int, from string) (*OwnMap, error) {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		closeFD(fd)
		return nil, fail("open", from, "", "", err)
	}
	m := &OwnMap{RawMap{mapBase{
		life: &life{}, name: info.Name, fd: fd, kind: info.Type,
		keySize: info.KeySize, valueSize: info.ValueSize, maxEntries: info.MaxEntries,
	}}}
	m.prepare()
	return m, nil
}

// Close closes the map, after waiting for calls that are under way. The second
// time it does nothing.
func (m *OwnMap) Close() error {
	if m == nil || m.life == nil {
		return nil
	}
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
// the maps of a skeleton, another kind of map and sizes that differ make every
// operation an error.
func TypedMap[K, V any](m *OwnMap) *Map[K, V] {
	out := &Map[K, V]{*m.base()}
	out.require(keyValue[K, V]("Map"))
	return out
}

// TypedPerCPUMap is TypedMap for a map of a per-CPU kind.
func TypedPerCPUMap[K, V any](m *OwnMap) *PerCPUMap[K, V] {
	out := &PerCPUMap[K, V]{*m.base()}
	out.require(keyValue[K, V]("PerCPUMap"))
	return out
}

// TypedQueue is TypedMap for a queue or a stack.
func TypedQueue[V any](m *OwnMap) *Queue[V] {
	out := &Queue[V]{*m.base()}
	out.require(keyValue[[0]byte, V]("Queue"))
	return out
}
