package ringbuf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// perfLoop is the state of one loop over a perf reader.
type perfLoop struct {
	waits   bool
	left    int   // rings still to be read, in a loop that does not wait
	taken   int   // bytes read from the ring that it empties
	err     error // why it ended
	release func()
}

// begin starts a loop. The caller must call end.
func (r *PerfReader) begin(ctx context.Context, waits bool) error {
	if r == nil {
		return ErrClosed
	}
	release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	if err := r.addCPUs(true); err != nil {
		release()
		return err
	}
	r.perfLoop = perfLoop{waits: waits, left: r.buffer.ringCount(), release: release}
	return nil
}

// end lets the next loop begin, and returns the error that ended this one.
func (r *PerfReader) end() error {
	ended := r.perfLoop
	r.perfLoop = perfLoop{}
	ended.release()
	return ended.err
}

// next takes the next record of the batch, which is not empty.
func (r *PerfReader) next() (cpu int, data []byte, lost uint64) {
	if cpu, data, lost = r.batch.next(); lost != 0 {
		r.lost.Add(lost)
	}
	return cpu, data, lost
}

// more reports whether there is a record in the batch, after waiting for one.
func (r *PerfReader) more() bool {
	for {
		if r.stop.Load() != 0 {
			if r.err = r.stopError(); r.err != nil {
				return false
			}
		}
		if len(r.batch) > 0 {
			return true
		}
		if !r.waits && r.left == 0 {
			return false
		}
		if !r.readRings(false) && r.err == nil && r.waits {
			err := r.wait(r.check) // r.check may fail as well
			r.err = cmp.Or(r.err, err)
		}
		if r.err != nil {
			return false
		}
	}
}

// addCPUs makes the rings of CPUs that have come online.
func (r *PerfReader) addCPUs(now bool) error {
	cpus, err := r.cpus.newCPUs(now)
	if err != nil {
		return err
	}
	for _, cpu := range cpus {
		r.cpus.hasRing[cpu] = false
	}
	for _, cpu := range cpus {
		fd, err := r.buffer.add(cpu)
		if errors.Is(err, syscall.ENODEV) { // it went offline again
			continue
		}
		if err == nil {
			err = r.epoll.watchRead(fd)
		}
		if err != nil {
			r.cpus.comparedAt = time.Time{}
			return fmt.Errorf("make the ring of CPU %d, which has come online: %w", cpu, err)
		}
		r.cpus.hasRing[cpu] = true
	}
	return nil
}

// readRings reads each ring at most once, until one has records, and reports whether it
// found some. A loop that waits continues with the next ring, so that a busy ring does not
// delay the others. A loop that does not wait first empties each ring, but reads at most a
// ring's size from it.
func (r *PerfReader) readRings(now bool) bool {
	if r.err = r.addCPUs(now); r.err != nil {
		return false
	}
	count := r.left
	if r.waits {
		count = r.buffer.ringCount()
	}
	batch, tried, more, err := r.buffer.readRings(r.nextRing, count)
	r.batch, r.err = batch, err
	r.taken += len(batch)
	if more && !r.waits && r.taken < r.ringSize {
		tried--
	} else {
		r.taken = 0
	}
	r.nextRing = (r.nextRing + tried) % r.buffer.ringCount()
	r.left -= tried
	return len(batch) > 0
}

// ready runs before each wait and after each wake-up.
func (r *PerfReader) ready(uintptr) bool {
	return r.stop.Load() != 0 || r.readRings(true) || r.err != nil
}
