package skel

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// BatchPos is how far a sequence of LookupBatch or LookupAndDeleteBatch calls has
// come. The zero value is the beginning. One goroutine uses it at a time.
type BatchPos struct {
	in, out []uint64 // the kernel's own notes
	done    bool
}

// Done tells whether the whole map was seen.
func (p *BatchPos) Done() bool { return p.done }

func (p *BatchPos) prepare(keySize uint32) {
	if p.out == nil {
		p.out = make([]uint64, keySize/8+1)
	}
}

// LookupBatch copies elements, at most len(keys), to keys and values, which are
// equally long, and returns how many. Calls with the same pos go on from there
// until its Done. The error is ENOSPC where the slices are too short for the
// elements that the kernel has in one bucket; try longer ones with the same pos.
//
//	var pos skel.BatchPos
//	for !pos.Done() {
//		n, err := m.LookupBatch(&pos, keys, values)
//		...
//	}
//
// Kernels know it from 5.6 on. (bpf_map_lookup_batch)
func (m *Map[K, V]) LookupBatch(pos *BatchPos, keys []K, values []V) (int, error) {
	return m.lookupBatch(libbpf.MapLookupBatch, "look up", pos, keys, values)
}

// LookupAndDeleteBatch is LookupBatch, and takes the elements out of the map.
// (bpf_map_lookup_and_delete_batch)
func (m *Map[K, V]) LookupAndDeleteBatch(pos *BatchPos, keys []K, values []V) (int, error) {
	return m.lookupBatch(libbpf.MapLookupAndDeleteBatch, "look up and delete", pos, keys, values)
}

func (m *Map[K, V]) lookupBatch(op uintptr, what string, pos *BatchPos, keys []K, values []V) (int, error) {
	if err := m.checkLens(len(keys), len(values)); err != nil {
		return 0, err
	}
	pos.prepare(m.keySize)
	// SAFETY: both have count elements of the map's sizes, the positions at least
	// a key's; none is kept.
	b := batch{op: op, in: unsafe.Pointer(unsafe.SliceData(pos.in)), out: unsafe.Pointer(unsafe.SliceData(pos.out)),
		keys: unsafe.Pointer(unsafe.SliceData(keys)), values: unsafe.Pointer(unsafe.SliceData(values))}
	n, errno, err := m.batch(&b, len(keys))
	if err != nil {
		return 0, err
	}
	switch errno {
	case 0:
		if pos.in == nil {
			pos.in = make([]uint64, len(pos.out))
		}
		pos.in, pos.out = pos.out, pos.in
		return n, nil
	case syscall.ENOENT:
		pos.done = true
		return n, nil
	}
	if errno == syscall.EFAULT {
		n = 0
	}
	return n, m.fail(what, errno)
}

// UpdateBatch sets the values of keys, which are equally long, in order, and
// returns how many it has set when it fails. Kernels know it from 5.6 on, with no
// flag but Lock. (bpf_map_update_batch)
func (m *Map[K, V]) UpdateBatch(keys []K, values []V, flags ...UpdateFlags) (int, error) {
	if err := m.checkLens(len(keys), len(values)); err != nil {
		return 0, err
	}
	// SAFETY: as in lookupBatch.
	b := batch{op: libbpf.MapUpdateBatch, keys: unsafe.Pointer(unsafe.SliceData(keys)),
		values: unsafe.Pointer(unsafe.SliceData(values)), flags: orFlags(flags)}
	return m.changeBatch(&b, "update", len(keys))
}

// DeleteBatch removes the elements of keys, in order, and returns how many it has
// removed when it fails, such as with ErrNotExist. (bpf_map_delete_batch)
func (m *Map[K, V]) DeleteBatch(keys []K) (int, error) {
	// SAFETY: as in lookupBatch.
	b := batch{op: libbpf.MapDeleteBatch, keys: unsafe.Pointer(unsafe.SliceData(keys))}
	return m.changeBatch(&b, "delete", len(keys))
}

func (m *Map[K, V]) checkLens(keys, values int) error {
	if keys != values || keys == 0 {
		return m.fail("use", fmt.Errorf("%w: %d keys and %d values", syscall.EINVAL, keys, values))
	}
	return nil
}

// batch is one call on many elements.
type batch struct {
	op                    uintptr
	in, out, keys, values unsafe.Pointer
	flags                 uint64
}

func (b *mapBase) batch(c *batch, count int) (int, syscall.Errno, error) {
	if b.bad != nil {
		return 0, 0, b.usable()
	}
	if err := b.life.enter(); err != nil {
		return 0, 0, err
	}
	defer b.life.leave()
	n, errno := libbpf.MapBatch(c.op, b.fd, c.in, c.out, c.keys, c.values, count, c.flags)
	return n, errno, nil
}

func (b *mapBase) changeBatch(c *batch, op string, count int) (int, error) {
	if count == 0 {
		return 0, b.usable()
	}
	n, errno, err := b.batch(c, count)
	switch {
	case err != nil:
		return 0, err
	case errno == 0:
		return n, nil
	case errno == syscall.EFAULT:
		n = 0
	}
	return n, b.failed(op, errno)
}
