package ringbuf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// perfLoop is one range over a perf reader.
type perfLoop struct {
	r       *PerfReader
	waits   bool
	left    int // rings to be read, of a loop that does not wait
	taken   int // bytes, of the ring that it empties
	check   func(uintptr) bool
	err     error // why it ended
	release func()
}

// begin starts a loop, whose end must be called.
func (r *PerfReader) begin(ctx context.Context, waits bool) (*perfLoop, error) {
	if r == nil {
		return nil, ErrClosed
	}
	release, err := r.acquire(ctx)
	if err != nil {
		return nil, err
	}
	l := &perfLoop{r: r, waits: waits, release: release}
	l.check = l.ready
	if err := r.addCPUs(true); err != nil {
		release()
		return nil, err
	}
	l.left = r.buffer.ringCount()
	return l, nil
}

// end lets the next loop begin. The second time it does nothing.
func (l *perfLoop) end() {
	if l.release != nil {
		l.release()
		l.release = nil
	}
}

// next takes the next record of the batch, which is not empty.
func (l *perfLoop) next() (cpu int, data []byte, lost uint64) {
	if cpu, data, lost = l.r.batch.Next(); lost != 0 {
		l.r.lost.Add(lost)
	}
	return cpu, data, lost
}

// more reports whether there is a record in the batch, after waiting for one.
func (l *perfLoop) more() bool {
	for {
		if l.r.stop.Load() != 0 {
			if l.err = l.r.reason(); l.err != nil {
				return false
			}
		}
		if len(l.r.batch) > 0 {
			return true
		}
		if !l.waits && l.left == 0 {
			return false
		}
		if !l.fill(false) && l.err == nil && l.waits {
			err := l.r.wait(l.check) // whose check may fail as well
			l.err = cmp.Or(l.err, err)
		}
		if l.err != nil {
			return false
		}
	}
}

// addCPUs makes the rings of CPUs that came up.
func (r *PerfReader) addCPUs(now bool) error {
	cpus, err := r.cpus.look(now)
	if err != nil {
		return err
	}
	for _, cpu := range cpus {
		r.cpus.have[cpu] = false
	}
	for _, cpu := range cpus {
		fd, err := r.buffer.add(cpu)
		if errors.Is(err, syscall.ENODEV) { // it went down again
			continue
		}
		if err == nil {
			err = r.epoll.watchRead(fd)
		}
		if err != nil {
			r.cpus.compared = time.Time{}
			return fmt.Errorf("CPU %d has come up: %w", cpu, err)
		}
		r.cpus.have[cpu] = true
	}
	return nil
}

// fill looks at each ring at most once, and reports whether it found something. A
// loop that waits goes on with the next ring, so that a busy one does not keep the
// others waiting; one that does not empties each first, of as much as it can hold.
func (l *perfLoop) fill(now bool) bool {
	r := l.r
	if l.err = r.addCPUs(now); l.err != nil {
		return false
	}
	count := l.left
	if l.waits {
		count = r.buffer.ringCount()
	}
	batch, tried, more, err := r.buffer.fill(r.turn, count)
	r.batch, l.err = batch, err
	l.taken += len(batch)
	if more && !l.waits && l.taken < r.ringSize {
		tried--
	} else {
		l.taken = 0
	}
	r.turn = (r.turn + tried) % r.buffer.ringCount()
	l.left -= tried
	return len(batch) > 0
}

// ready is asked before each wait and after each wake-up.
func (l *perfLoop) ready(uintptr) bool {
	return l.r.stop.Load() != 0 || l.fill(true) || l.err != nil
}
