package skel

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// ProgArray is a map of programs that other programs jump to (bpf_tail_call).
// All methods may be called from any number of goroutines.
type ProgArray struct {
	mapBase
}

func (m *ProgArray) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(shape{goType: "ProgArray", key: 4, value: 4})
}

// Update puts a program at index, of the same skeleton or another. The map holds
// it without keeping the skeleton open. (bpf_map_update_elem)
func (m *ProgArray) Update(index uint32, p *Program) error {
	fd, err := copyFD(p, bpf.KindProgram)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	return m.UpdateFD(index, fd)
}

// UpdateFD puts the program behind fd at index. (bpf_map_update_elem)
func (m *ProgArray) UpdateFD(index uint32, fd int) error {
	if err := bpf.CheckKind(fd, bpf.KindProgram); err != nil {
		return m.base().fail("update", err)
	}
	return m.base().putFD(mem.At(&index), fd, 0)
}

// LookupID returns the kernel's id of the program at index. The error is ErrNotExist if
// there is none. (bpf_map_lookup_elem)
func (m *ProgArray) LookupID(index uint32) (id uint32, err error) {
	// SAFETY: both have the map's sizes (require), and neither is kept.
	err = m.base().callElem(uapi.CmdMapLookupElem, "look up", mem.At(&index), mem.At(&id), 0)
	return id, err
}

// Delete removes the element at index. (bpf_map_delete_elem)
func (m *ProgArray) Delete(index uint32) error {
	// SAFETY: as in LookupID.
	return m.base().callElem(uapi.CmdMapDeleteElem, "delete", mem.At(&index), nil, 0)
}

// putFD stores an fd as the value of a key.
func (b *mapBase) putFD(key unsafe.Pointer, fd int, flags UpdateFlags) error {
	value := int32(fd)
	// SAFETY: the map's values have 4 bytes (require); neither pointer is kept.
	return b.callElem(uapi.CmdMapUpdateElem, "update", key, mem.At(&value), flags)
}

// RingBuf is a ring buffer. Package ringbuf reads it.
type RingBuf struct {
	mapBase
}

func (m *RingBuf) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(shape{goType: "RingBuf", key: noSize, value: noSize})
}

// UserRingBuf is a ring buffer that user space writes and programs read. Package
// ringbuf writes it.
type UserRingBuf struct {
	mapBase
}

func (m *UserRingBuf) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(shape{goType: "UserRingBuf", key: noSize, value: noSize})
}

// PerfEventArray is an array of perf events, one for each CPU. Package ringbuf
// reads it as a perf buffer.
type PerfEventArray struct {
	mapBase
}

func (m *PerfEventArray) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(shape{goType: "PerfEventArray", key: 4, value: 4})
}

// UpdateFD puts the perf event behind fd at index, usually a CPU's number.
// (bpf_map_update_elem)
func (m *PerfEventArray) UpdateFD(index uint32, fd int) error {
	if err := bpf.CheckKind(fd, bpf.KindPerfEvent); err != nil {
		return m.base().fail("update", err)
	}
	return m.base().putFD(mem.At(&index), fd, 0)
}

// Delete removes the element at index. (bpf_map_delete_elem)
func (m *PerfEventArray) Delete(index uint32) error {
	// SAFETY: the map's keys have 4 bytes (require), and the pointer is not kept.
	return m.base().callElem(uapi.CmdMapDeleteElem, "delete", mem.At(&index), nil, 0)
}
