package ringbuf

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// loop is the state of a range over a reader, which has one at a time.
//
//  1. begin: start at each ring's consumer position.
//  2. nextBatch: take the next ring that has a submitted record. Its batch begins at the
//     consumer position and has at most an eighth of the ring.
//  3. next: read the length word of the record at off. If it is busy, the batch ends
//     before it, because the program has not submitted the record yet. If it is
//     discarded, skip it. Otherwise yield the record in place.
//  4. After recordsPerGiveBack records or maxHeldBytes, and at the end of the batch, store
//     the position behind the last yielded record as the consumer position: producers may
//     then reuse that memory (advance, setLimit, finishBatch).
//  5. After the batch go on with 2, from the next ring. If no ring has a record, wait, or
//     end if the loop only consumes.
type loop struct {
	batch          // of ring g
	g       *ring  // the ring being read
	index   int    // of g
	waits   bool   // for more records; otherwise it stops at the position of the producers at its start
	err     error  // why it ended
	release func() // allows the next loop to begin; nil if no loop runs
	// recordsPerGiveBack is how many records are given back to producers together.
	recordsPerGiveBack int
}

// begin starts a loop. The caller must call end.
func (r *Reader) begin(ctx context.Context, waits bool) error {
	if r == nil {
		return ErrClosed
	}
	release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.rings {
		r.rings[i].start()
	}
	last := len(r.rings) - 1
	r.loop = loop{g: &r.rings[last], index: last, waits: waits, release: release, recordsPerGiveBack: maxHeldRecords}
	if r.giveBackEach {
		r.recordsPerGiveBack = 1
	}
	return nil
}

// end returns the memory of all records that were read, including the last one, to the
// producers. It returns the error that ended the loop.
func (r *Reader) end() error {
	r.finishBatch()
	r.mu.Lock()
	ended := r.loop
	r.loop = loop{}
	r.mu.Unlock()
	ended.release()
	return ended.err
}

// next returns the next record and its size in bytes, nil at the end of the loop. It is
// valid until the next call. (ring_buffer__poll)
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
				if r.left--; r.left == 0 {
					r.limit = 0
				}
				if head < discardBit {
					return unsafe.Add(at, headerSize), int(head) // SAFETY: as above
				}
				continue
			}
		}
		if !r.advance() {
			return nil, 0
		}
	}
}

// advance gives the memory of the records that were read back to the producers. Then it
// continues the batch, or takes the next batch from the next ring that has one, so that a
// busy ring does not delay the others. If no ring has one, it waits. It returns false at
// the end of the loop.
func (r *Reader) advance() bool {
	if r.off < r.size && r.off >= r.limit {
		r.g.giveBack(r.off)
		r.setLimit()
		return true
	}
	r.finishBatch()
	for {
		if r.stop.Load() != 0 {
			if r.err = r.stopError(); r.err != nil {
				return false
			}
		}
		if found, err := r.nextBatch(); found || err != nil {
			r.err = err
			return err == nil
		}
		if !r.waits {
			return false
		}
		if r.err = r.wait(r.check); r.err != nil {
			return false
		}
	}
}

// setLimit sets how far next reads before records are given back.
func (r *Reader) setLimit() {
	r.left, r.limit = r.recordsPerGiveBack, min(r.size, r.off+maxHeldBytes)
}

// finishBatch gives back the part of the batch that was read, and ends the batch. Like
// nextBatch, it holds mu, so that Ring sees a batch and its ring together.
func (r *Reader) finishBatch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.g.giveBack(r.off)
	r.g.pos += r.off
	r.batch = batch{}
}

// nextBatch takes a batch from the next ring that has one, and reports whether it found
// one.
func (r *Reader) nextBatch() (found bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range r.rings {
		r.index = (r.index + 1) % len(r.rings)
		r.g = &r.rings[r.index]
		if r.batch, err = r.g.nextBatch(!r.waits); r.size != 0 || err != nil {
			r.setLimit()
			return err == nil, err
		}
	}
	return false, nil
}

// unread returns the number of bytes behind the last record that a loop has yielded.
// The caller holds mu, so a running loop only moves within its batch: its position is
// one word, and both the old and the new value are correct.
//
//go:norace
func (r *Reader) unread(i int) int {
	g := &r.rings[i]
	end := atomic.LoadUintptr(g.producer)
	switch {
	case r.release == nil:
		return int(end - atomic.LoadUintptr(g.consumer))
	case i == r.index:
		return int(end - g.pos - r.off)
	}
	return int(end - g.pos)
}
