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

	pos   uintptr // of the next record; what is before it was read
	given uintptr // stored in *consumer: what is before it may be overwritten
	limit uintptr // the end of the batch: at or before end
	end   uintptr // the producer position, as last seen
	last  uintptr // where a loop that does not wait stops
}

// start takes over from whoever has read the ring so far.
func (g *ring) start() {
	g.pos = atomic.LoadUintptr(g.consumer)
	g.last = atomic.LoadUintptr(g.producer)
	g.given, g.limit, g.end = g.pos, g.pos, g.pos
}

// giveBack lets producers have the room of what was read.
func (g *ring) giveBack() {
	if g.given != g.pos {
		atomic.StoreUintptr(g.consumer, g.pos)
		g.given = g.pos
	}
}

// refill begins a batch and tells whether there is one. It comes after giveBack,
// and that order loses no wake-up: a producer submits its record, then reads the
// consumer position, and wakes the consumer if that is where its record is. Both
// sides do so with a full barrier in between (Go's atomic operations are
// sequentially consistent), so either it sees the position that was stored, or
// its record is seen here.
func (g *ring) refill(bounded bool) (bool, error) {
	g.end = atomic.LoadUintptr(g.producer)
	if bounded && int(g.end-g.last) > 0 {
		g.end = g.last
	}
	n := g.end - g.pos
	switch {
	case n == 0 || int(n) < 0:
		return false, nil
	case n > g.mask+1:
		return false, ErrCorrupt
	case g.header()&busyBit != 0:
		return false, nil
	}
	g.limit = g.pos + min(n, (g.mask+1)/8)
	return true, nil
}

// header reads the length word at pos. Loading it before the record's bytes is
// what makes those visible.
func (g *ring) header() uint32 {
	// SAFETY: pos is a multiple of 8 and masked to the ring's size.
	return atomic.LoadUint32((*uint32)(unsafe.Add(g.data, g.pos&g.mask)))
}

// pending tells whether refill would find something.
func (g *ring) pending() bool {
	return atomic.LoadUintptr(g.producer) != g.pos && g.header()&busyBit == 0
}

// unread is what a new loop would find, in bytes with headers.
func (g *ring) unread() int {
	return int(atomic.LoadUintptr(g.producer) - atomic.LoadUintptr(g.consumer))
}
