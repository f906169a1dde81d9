package ringbuf

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// Writer sends records to programs through a user ring buffer, which they drain
// (bpf_user_ringbuf_drain). All methods may be called from any number of goroutines. A
// user ring buffer has one writer: NewWriter refuses a second one in this process
// (EBUSY).
type Writer struct {
	control
	waiting chan struct{} // holds a value while a call waits for room

	writing sync.Mutex // held while one record is written
	ring    *userRing
}

// NewWriter maps a user ring buffer, a *skel.UserRingBuf. The writer must be closed;
// closing the skeleton that owns the map also closes it. (user_ring_buffer__new)
func NewWriter(m skel.Descriptor) (*Writer, error) {
	w := &Writer{waiting: make(chan struct{}, 1)}
	epoll, err := newPoller()
	if err != nil {
		return nil, fmt.Errorf("make a user ring buffer writer: %w", err)
	}
	w.epoll = epoll
	err = withFD(m, func(fd int) (err error) {
		info, err := bpf.InfoOfMap(fd)
		if err != nil {
			return err
		}
		if err := w.claim(info.ID); err != nil {
			return err
		}
		if w.ring, err = newUserRing(fd); err != nil {
			return err
		}
		w.cleanups = append(w.cleanups, w.freeRing)
		return epoll.watchWrite(fd)
	})
	if err != nil {
		w.freeResources()
		return nil, fmt.Errorf("make a user ring buffer writer: %w", err)
	}
	w.closeWithSkeletons(m)
	return w, nil
}

func (w *Writer) freeRing() {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.ring.unmap()
	w.ring = nil
}

// Close makes waiting calls return ErrClosed and frees the writer. Records that were
// sent remain for the programs. A second Close does nothing. (user_ring_buffer__free)
func (w *Writer) Close() error {
	if w != nil {
		w.close()
	}
	return nil
}

// Write sends a copy of data as one record, without waiting: the error is ENOSPC
// if there is no room now, E2BIG if the ring is too small for it, and ErrClosed
// after Close. (user_ring_buffer__reserve, user_ring_buffer__submit)
func (w *Writer) Write(data []byte) (int, error) {
	if w == nil {
		return 0, ErrClosed
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	if w.ring == nil || w.stop.Load()&stopClosed != 0 {
		return 0, ErrClosed
	}
	if errno := w.ring.write(data); errno != 0 {
		return 0, errno
	}
	return len(data), nil
}

// WriteWait is Write, but waits for room until ctx is done. A program that drains
// with BPF_RB_NO_WAKEUP needs SetPollInterval. (user_ring_buffer__reserve_blocking)
func (w *Writer) WriteWait(ctx context.Context, data []byte) error {
	if ctx == nil {
		ctx = context.Background()
	}
	_, err := w.Write(data)
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	select {
	case w.waiting <- struct{}{}:
		defer func() { <-w.waiting }()
	case <-ctx.Done():
		return ctx.Err()
	}
	release, err := w.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	for {
		if w.stop.Load() != 0 {
			if err := w.stopError(); err != nil {
				return err
			}
		}
		failed := w.wait(func(uintptr) bool {
			_, err = w.Write(data)
			return w.stop.Load() != 0 || !errors.Is(err, syscall.ENOSPC)
		})
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		if failed != nil {
			return failed
		}
	}
}

// Send is Write for a value of fixed size without Go pointers, such as the types of
// generated packages.
func Send[T any](w *Writer, value *T) error {
	data, err := bytesOf(value)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// SendWait is WriteWait for a value of fixed size without Go pointers.
func SendWait[T any](ctx context.Context, w *Writer, value *T) error {
	data, err := bytesOf(value)
	if err != nil {
		return err
	}
	return w.WriteWait(ctx, data)
}

func bytesOf[T any](value *T) ([]byte, error) {
	if err := mem.PointerFree[T](); err != nil {
		return nil, err
	}
	return mem.Bytes(value), nil
}
