package skel

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// MapHandle is a map that belongs to no skeleton: a pinned map, or a map in a map of maps.
// Its methods take and return bytes; TypedMap gives it typed keys and values. The caller
// closes it.
type MapHandle struct {
	RawMap
}

// OpenPinnedMap opens the map that is pinned at path. (bpf_obj_get)
func OpenPinnedMap(path string) (*MapHandle, error) {
	if err := checkPath(path); err != nil {
		return nil, fail("open", strconv.Quote(path), "", "", err)
	}
	fd, err := bpf.OpenPin(path, bpf.PinOptions{})
	if errno := syscall.Errno(0); errors.As(err, &errno) && exists(path) && !isBPFFS(path) {
		err = &pinError{errno, bpffsHint(path)}
	}
	if err != nil {
		return nil, fail("open", path, "", "", err)
	}
	return newMapHandle(fd, path)
}

// MapByID opens a map by the kernel's id, which requires CAP_SYS_ADMIN.
// (bpf_map_get_fd_by_id)
func MapByID(id uint32) (*MapHandle, error) {
	fd, err := bpf.OpenByID(bpf.KindMap, id, 0, 0)
	if err != nil {
		return nil, fail("open", fmt.Sprintf("map %d", id), "", "", err)
	}
	return newMapHandle(fd, fmt.Sprintf("map %d", id))
}

// MapFromFD returns a MapHandle for a copy of fd. The caller keeps fd.
func MapFromFD(fd int) (*MapHandle, error) {
	dup, err := dupFD(fd)
	if err != nil {
		return nil, fail("copy", fmt.Sprintf("fd %d", fd), "", "", err)
	}
	return newMapHandle(dup, fmt.Sprintf("fd %d", fd))
}

// newMapHandle takes ownership of fd. Errors call the map from.
func newMapHandle(fd int, from string) (*MapHandle, error) {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		closeFD(fd)
		return nil, fail("open", from, "", "", err)
	}
	m := &MapHandle{RawMap{mapBase{
		lifetime: &lifetime{}, name: info.Name, fd: fd, kind: info.Type,
		keySize: info.KeySize, valueSize: info.ValueSize, maxEntries: info.MaxEntries,
	}}}
	m.setDerived()
	return m, nil
}

// Close waits for calls in progress and closes the map. A second Close does nothing.
func (m *MapHandle) Close() error {
	if m == nil || m.lifetime == nil {
		return nil
	}
	m.lifetime.hooks.run()
	m.lifetime.mu.Lock()
	defer m.lifetime.mu.Unlock()
	if m.lifetime.closed {
		return nil
	}
	m.lifetime.closed = true
	return closeFD(m.fd)
}

// TypedMap returns m with typed keys and values, valid until m's Close. As with the maps of
// a skeleton, every operation fails if the kind of map or a size does not match.
func TypedMap[K, V any](m *MapHandle) *Map[K, V] {
	out := &Map[K, V]{*m.base()}
	out.require(keyValueShape[K, V]("Map"))
	return out
}

// TypedPerCPUMap is TypedMap for a map of a per-CPU kind.
func TypedPerCPUMap[K, V any](m *MapHandle) *PerCPUMap[K, V] {
	out := &PerCPUMap[K, V]{*m.base()}
	out.require(keyValueShape[K, V]("PerCPUMap"))
	return out
}

// TypedQueue is TypedMap for a queue or a stack.
func TypedQueue[V any](m *MapHandle) *Queue[V] {
	out := &Queue[V]{*m.base()}
	out.require(keyValueShape[[0]byte, V]("Queue"))
	return out
}
