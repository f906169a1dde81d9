package ringbuf

import (
	"context"
	"unsafe"
)

// loop is one range over a reader, which has one at a time.
type loop struct {
	r       *Reader
	g       *ring // the one that is read
	index   int   // of g
	waits   bool  // for more, else it stops at what was there at its start
	err     error // why it ended
	release func()
}

// begin starts a loop, whose end must be called.
func (r *Reader) begin(ctx context.Context, waits bool) (*loop, error) {
	release, err := r.acquire(ctx)
	if err != nil {
		return nil, err
	}
	for i := range r.rings {
		r.rings[i].start()
	}
	last := len(r.rings) - 1
	return &loop{r: r, g: &r.rings[last], index: last, waits: waits, release: release}, nil
}

// end gives back what was read, the record that the caller has just had
// included. The second time it does nothing.
func (l *loop) end() {
	if l.release != nil {
		l.g.giveBack()
		l.release()
		l.release = nil
	}
}

// next returns the next record and its size in bytes, nil at the end of the loop.
// It is good until the next call. (ring_buffer__poll)
func (l *loop) next() (unsafe.Pointer, int) {
	for {
		g := l.g
		if int(g.limit-g.pos) > 0 && l.r.stop.Load() == 0 {
			head := g.header()
			if head&busyBit == 0 {
				size := head &^ discardBit
				// SAFETY: masked to the ring's size.
				at := unsafe.Add(g.data, g.pos&g.mask+headerSize)
				g.pos += (uintptr(size) + headerSize + 7) &^ 7
				if int(g.end-g.pos) < 0 {
					l.err = ErrCorrupt
					return nil, 0
				}
				if head == size {
					return at, int(size)
				}
				continue
			}
		}
		if !l.turn() {
			return nil, 0
		}
	}
}

// turn finds the next batch: in each ring in turn, so that a busy one does not
// keep the others waiting; else it waits. False is the end of the loop.
func (l *loop) turn() bool {
	l.g.giveBack()
	for {
		if l.r.stop.Load() != 0 {
			if l.err = l.r.reason(); l.err != nil {
				return false
			}
		}
		for range l.r.rings {
			l.index = (l.index + 1) % len(l.r.rings)
			l.g = &l.r.rings[l.index]
			if ok, err := l.g.refill(!l.waits); ok || err != nil {
				l.err = err
				return ok
			}
		}
		if !l.waits {
			return false
		}
		if l.err = l.r.wait(l.r.check); l.err != nil {
			return false
		}
	}
}
