package ringbuf

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// Reader reads one ring buffer or several. All methods may be called from any number of
// goroutines, but one loop over its records runs at a time. A ring buffer has one
// reader: NewReader refuses a second one in this process (EBUSY). A second one in
// another process would take records, and memory in use, from the first.
type Reader struct {
	control
	loop  // belongs to whoever has acquired control
	rings []ring
	check func(uintptr) bool // ready, made once

	giveBackEach bool // written with mu
}

// NewReader maps the ring buffers and returns one reader for them. The reader must be
// closed; closing the skeleton that owns a map also closes it. (ring_buffer__new,
// ring_buffer__add)
func NewReader(maps ...skel.Descriptor) (*Reader, error) {
	r, err := newReader(maps)
	if err != nil {
		return nil, fmt.Errorf("make a ring buffer reader: %w", err)
	}
	r.closeWithSkeletons(maps...)
	return r, nil
}

func newReader(maps []skel.Descriptor) (*Reader, error) {
	if len(maps) == 0 {
		return nil, fmt.Errorf("%w: there is no map to read", syscall.EINVAL)
	}
	epoll, err := newPoller()
	if err != nil {
		return nil, err
	}
	r := &Reader{control: control{epoll: epoll}}
	r.check = r.ready
	ids := map[uint32]int{}
	for i, m := range maps {
		if err := r.add(m, i, ids); err != nil {
			r.freeResources()
			return nil, fmt.Errorf("map %d: %w", i, err)
		}
	}
	return r, nil
}

// add maps one more ring buffer; ids are the maps of the earlier ones.
func (r *Reader) add(m skel.Descriptor, i int, ids map[uint32]int) error {
	return withFD(m, func(fd int) error {
		g, id, unmap, err := mapRing(fd)
		if err != nil {
			return err
		}
		r.cleanups = append(r.cleanups, unmap)
		if before, twice := ids[id]; twice {
			return fmt.Errorf("%w: it is the same map as map %d", syscall.EINVAL, before)
		}
		ids[id] = i
		if err := r.claim(id); err != nil {
			return err
		}
		r.rings = append(r.rings, g)
		return r.epoll.watchRead(fd)
	})
}

// Close ends a running loop, in any goroutine, at its next step, and frees the reader;
// while a loop body runs, its record stays valid. A second Close does nothing.
// (ring_buffer__free)
func (r *Reader) Close() error {
	if r != nil {
		r.close()
	}
	return nil
}

// ready runs before each wait and after each wake-up.
func (r *Reader) ready(uintptr) bool {
	if r.stop.Load() != 0 {
		return true
	}
	for i := range r.rings {
		if r.rings[i].hasRecord() {
			return true
		}
	}
	return false
}

// SetGiveBackEach makes later loops give the memory of each record back to the
// producers when the loop body has returned, as libbpf does, instead of the memory of
// up to 64 records or 4 KiB together. It costs a few nanoseconds per record. Use it for
// rings that are small compared to their records, and for loops that must not see a
// record twice: see Records.
func (r *Reader) SetGiveBackEach(on bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.giveBackEach = on
}

// Ring describes the ring of argument i of NewReader: its size in bytes, and how many
// of them hold records that no loop has yielded yet, with their headers of 8 bytes.
// Producers may have less room than the rest: the memory of the last records is given
// back a little later. (ring__size, ring__avail_data_size)
func (r *Reader) Ring(i int) (size, unread int, err error) {
	if r == nil {
		return 0, 0, ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.freed:
		return 0, 0, ErrClosed
	case i < 0 || i >= len(r.rings):
		return 0, 0, fmt.Errorf("ring %d of %d: %w", i, len(r.rings), syscall.EINVAL)
	}
	return int(r.rings[i].mask + 1), r.unread(i), nil
}
