package ringbuf

import (
	"sync/atomic"
	"unsafe"
)

// The length word of a record's header (BPF_RINGBUF_*).
const (
	busyBit    = 1 << 31 // reserved, not yet submitted
	discardBit = 1 << 30
	headerSize = 8
)

// ring is the memory of one ring buffer and how far it has been read. Positions count
// bytes since the map was made and wrap around with uintptr, the kernel's unsigned
// long; only their differences have a meaning.
type ring struct {
	data     unsafe.Pointer // mask+1 bytes, mapped twice in a row: no record is split
	consumer *uintptr       // written here, read by producers
	producer *uintptr       // written by producers
	mask     uintptr

	pos  uintptr // of the batch; everything before it has been read
	last uintptr // where a loop that does not wait stops
}

// batch is the part of a ring that is read next: at most an eighth of it, so that
// its memory is in one piece.
type batch struct {
	base  unsafe.Pointer
	off   uintptr // of the next record; everything before it has been read
	limit uintptr // at or behind it, records that were read are given back first; 0 when full
	left  int     // records left until then
	size  uintptr // a record at or behind it belongs to another batch
	end   uintptr // no record reaches behind it
}

// A loop holds at most maxHeldRecords records and maxHeldBytes bytes before it gives their
// memory back to producers: a store for each record would more than double its cost.
const (
	maxHeldRecords = 64
	maxHeldBytes   = 4096
)

// start begins at the position of whoever has read the ring so far.
func (g *ring) start() {
	g.pos = atomic.LoadUintptr(g.consumer)
	g.last = atomic.LoadUintptr(g.producer)
}

// giveBack lets producers reuse the first n bytes of the batch.
func (g *ring) giveBack(n uintptr) {
	if n != 0 {
		atomic.StoreUintptr(g.consumer, g.pos+n)
	}
}

// nextBatch returns the next batch, an empty one if there is none. It runs after giveBack,
// and this order does not lose a wake-up: a producer submits its record, then reads the
// consumer position, and wakes the consumer if its record is at that position. Both
// sides have a full barrier between the two steps (Go's atomic operations are
// sequentially consistent), so either the producer sees the position that giveBack
// stored, or nextBatch sees its record.
func (g *ring) nextBatch(bounded bool) (batch, error) {
	end := atomic.LoadUintptr(g.producer)
	if bounded && int(end-g.last) > 0 {
		end = g.last
	}
	n := end - g.pos
	switch {
	case n == 0 || int(n) < 0:
		return batch{}, nil
	case n > g.mask+1:
		return batch{}, ErrCorrupt
	case g.header()&busyBit != 0:
		return batch{}, nil
	}
	// SAFETY: masked to the ring's size, behind which the same memory follows.
	return batch{base: unsafe.Add(g.data, g.pos&g.mask), size: min(n, (g.mask+1)/8), end: n}, nil
}

// header reads the length word at pos. It is loaded before the record's bytes, which
// makes the bytes visible.
func (g *ring) header() uint32 {
	// SAFETY: pos is a multiple of 8 and masked to the ring's size.
	return atomic.LoadUint32((*uint32)(unsafe.Add(g.data, g.pos&g.mask)))
}

// hasRecord reports whether nextBatch would find a record.
func (g *ring) hasRecord() bool {
	return atomic.LoadUintptr(g.producer) != g.pos && g.header()&busyBit == 0
}
