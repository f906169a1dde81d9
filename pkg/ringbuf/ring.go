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

// ring is the memory of one ring buffer and how far it has been read. Positions
// count bytes since the map was made and wrap around with uintptr, the kernel's
// unsigned long; only their differences mean something.
type ring struct {
	data     unsafe.Pointer // mask+1 bytes, mapped twice in a row: no record is split
	consumer *uintptr       // written here, read by producers
	producer *uintptr       // written by producers
	mask     uintptr

	pos  uintptr // of the batch; what is before it was read
	last uintptr // where a loop that does not wait stops
}

// batch is the part of a ring that is read next: at most an eighth of it, so that
// its memory is in one piece.
type batch struct {
	base  unsafe.Pointer
	off   uintptr // of the next record; what is before it was read
	limit uintptr // at or behind it, what was read is given back first; 0 when full
	left  int     // records until then
	size  uintptr // a record at or behind it belongs to another batch
	end   uintptr // no record reaches behind it
}

// A loop holds at most maxHeldRecords records and maxHeldBytes bytes before it gives their
// memory back to producers: a store for each record would more than double its cost.
const (
	maxHeldRecords = 64
	maxHeldBytes   = 4096
)

// start takes over from whoever has read the ring so far.
func (g *ring) start() {
	g.pos = atomic.LoadUintptr(g.consumer)
	g.last = atomic.LoadUintptr(g.producer)
}

// giveBack lets producers have the room of the first n bytes of the batch.
func (g *ring) giveBack(n uintptr) {
	if n != 0 {
		atomic.StoreUintptr(g.consumer, g.pos+n)
	}
}

// refill returns the next batch, an empty one if there is none. It comes after
// giveBack, and that order loses no wake-up: a producer submits its record, then
// reads the consumer position, and wakes the consumer if that is where its record
// is. Both sides do so with a full barrier in between (Go's atomic operations are
// sequentially consistent), so either it sees the position that was stored, or its
// record is seen here.
func (g *ring) refill(bounded bool) (batch, error) {
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

// header reads the length word at pos. Loading it before the record's bytes is
// what makes those visible.
func (g *ring) header() uint32 {
	// SAFETY: pos is a multiple of 8 and masked to the ring's size.
	return atomic.LoadUint32((*uint32)(unsafe.Add(g.data, g.pos&g.mask)))
}

// pending reports whether refill would find something.
func (g *ring) pending() bool {
	return atomic.LoadUintptr(g.producer) != g.pos && g.header()&busyBit == 0
}
