package ringbuf

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// loop is the state of a range over a reader, which has one at a time.
type loop struct {
	batch        // of ring g
	g     *ring  // the one that is read
	index int    // of g
	waits bool   // for more, else it stops at what was there at its start
	err   error  // why it ended
	done  func() // lets the next one begin
}

// begin starts a loop, whose end must be called.
func (r *Reader) begin(ctx context.Context, waits bool) error {
	release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	for i := range r.rings {
		r.rings[i].start()
	}
	last := len(r.rings) - 1
	r.loop = loop{g: &r.rings[last], index: last, waits: waits, done: release}
	return nil
}

// end gives back what was read, the record that the caller has just had
// included, and returns why the loop has ended by itself.
func (r *Reader) end() error {
	err := r.err
	done := r.done
	r.g.giveBack(r.off)
	r.loop = loop{}
	done()
	return err
}

// next returns the next record and its size in bytes, nil at the end of the loop.
// It is good until the next call. (ring_buffer__poll)
func (r *Reader) next() (unsafe.Pointer, int) {
	for {
		if r.off < r.limit && r.stop.Load() == 0 {
			// SAFETY: within the batch; off is a multiple of 8. Loading the length
			// before the record's bytes is what makes those visible.
			at := unsafe.Add(r.base, r.off)
			head := atomic.LoadUint32((*uint32)(at))
			if head < busyBit {
				off := r.off + (uintptr(head&^discardBit)+headerSize+7)&^7
				if off > r.batch.end {
					r.err = ErrCorrupt
					return nil, 0
				}
				r.off = off
				if head < discardBit {
					return unsafe.Add(at, headerSize), int(head) // SAFETY: as above
				}
				continue
			}
		}
		if !r.turn() {
			return nil, 0
		}
	}
}

// turn finds the next batch: in each ring in turn, so that a busy one does not
// keep the others waiting; else it waits. False is the end of the loop.
func (r *Reader) turn() bool {
	r.g.giveBack(r.off)
	r.batch = batch{}
	for {
		if r.stop.Load() != 0 {
			if r.err = r.reason(); r.err != nil {
				return false
			}
		}
		for range r.rings {
			r.index = (r.index + 1) % len(r.rings)
			r.g = &r.rings[r.index]
			r.batch, r.err = r.g.refill(!r.waits)
			if r.limit != 0 || r.err != nil {
				return r.err == nil
			}
		}
		if !r.waits {
			return false
		}
		if r.err = r.wait(r.check); r.err != nil {
			return false
		}
	}
}
