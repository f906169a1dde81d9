package ringbuf

import (
	"context"
	"fmt"
	"iter"
	"os"
	"sync/atomic"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// PerfRecord is what came out of one CPU's ring of a perf buffer.
type PerfRecord struct {
	// CPU is the one that sent it.
	CPU int
	// Data is the record, aligned to 8 bytes, and good until the loop body returns.
	// The kernel has made it longer, by up to 7 bytes of no meaning.
	Data []byte
	// Lost is not 0 where there is no record, but so many were lost here for want
	// of room.
	Lost uint64
}

// LostError is yielded by PerfEvents where records were lost. The loop may go on.
type LostError struct {
	CPU   int
	Count uint64
}

func (e *LostError) Error() string {
	return fmt.Sprintf("%d records of CPU %d were lost for want of room in its ring", e.Count, e.CPU)
}

// PerfReader reads a perf buffer, through libbpf and in batches: a record is copied
// once, and none allocated. All methods may be called from any number of
// goroutines, but one loop over its records runs at a time. New programs use ring
// buffers, which are faster and keep the order of records of all CPUs.
type PerfReader struct {
	control
	buffer *libbpf.PerfBuffer
	rings  int // one for each CPU that is online

	ringSize int // in bytes
	lost     atomic.Uint64

	// What follows belongs to the loop.
	batch libbpf.PerfBatch // of it, what was not yet yielded
	turn  int              // the ring to be read first
}

// PerfOption changes how NewPerfReader makes a perf buffer.
type PerfOption func(*perfOptions)

type perfOptions struct{ period uint32 }

// WithWakeUpEvery has the kernel wake the reader at each nth record of a CPU instead
// of each (perf_buffer_opts.sample_period). With SetPollInterval, the records in
// between are not late for long.
func WithWakeUpEvery(n uint32) PerfOption { return func(o *perfOptions) { o.period = n } }

// NewPerfReader makes a ring for each CPU that is online, of the given number of
// pages, a power of two, and puts them into the map, a *skel.PerfEventArray. The
// reader must be closed; closing the skeleton that owns the map also closes it.
// (perf_buffer__new)
func NewPerfReader(m Map, pages int, opts ...PerfOption) (*PerfReader, error) {
	options := perfOptions{period: 1}
	for _, opt := range opts {
		opt(&options)
	}
	r := &PerfReader{}
	err := withFD(m, func(fd int) (err error) {
		r.buffer, err = libbpf.NewPerfBuffer(fd, pages, options.period)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make a perf buffer reader: %w", err)
	}
	if r.epoll, err = copyPoller(r.buffer.EpollFD()); err != nil {
		r.buffer.Free()
		return nil, fmt.Errorf("make a perf buffer reader: %w", err)
	}
	r.rings, r.ringSize = r.buffer.Rings(), pages*os.Getpagesize()
	r.frees = append(r.frees, r.buffer.Free)
	r.follow(m)
	return r, nil
}

// Close ends the loop that is under way, in any goroutine, at its next step, and
// frees the reader; while a loop body runs, its record stays good. The second time
// it does nothing. (perf_buffer__free)
func (r *PerfReader) Close() error {
	if r != nil {
		r.close()
	}
	return nil
}

// Lost is the number of records that were lost so far, as far as loops have come.
func (r *PerfReader) Lost() uint64 { return r.lost.Load() }

// Records waits for records and yields them, those of each CPU in their order, and
// reports those that were lost. It ends with an error, which it yields last, as
// Reader's Records does. (perf_buffer__poll)
func (r *PerfReader) Records(ctx context.Context) iter.Seq2[PerfRecord, error] {
	return r.records(ctx, true)
}

// Consume yields the records that are there now. Errors are those of Records.
// (perf_buffer__consume)
func (r *PerfReader) Consume() iter.Seq2[PerfRecord, error] {
	return r.records(context.Background(), false)
}

func (r *PerfReader) records(ctx context.Context, waits bool) iter.Seq2[PerfRecord, error] {
	return func(yield func(PerfRecord, error) bool) {
		l, err := r.begin(ctx, waits)
		if err != nil {
			yield(PerfRecord{}, err)
			return
		}
		defer l.end()
		for l.more() {
			cpu, data, lost := l.next()
			if !yield(PerfRecord{cpu, data, lost}, nil) {
				return
			}
		}
		if l.end(); l.err != nil {
			yield(PerfRecord{}, l.err)
		}
	}
}

// PerfEvents is Records for a perf buffer whose records are all a T, a type of fixed
// size without Go pointers. The pointers are good until the loop body returns;
// e := *e makes a copy to keep. For a record that is shorter than T it yields a
// *ShortRecordError, and for lost ones a *LostError, and goes on.
// (perf_buffer__poll)
func PerfEvents[T any](ctx context.Context, r *PerfReader) iter.Seq2[*T, error] {
	return perfEvents[T](ctx, r, true)
}

// ConsumePerfEvents is to Consume what PerfEvents is to Records.
// (perf_buffer__consume)
func ConsumePerfEvents[T any](r *PerfReader) iter.Seq2[*T, error] {
	return perfEvents[T](context.Background(), r, false)
}

func perfEvents[T any](ctx context.Context, r *PerfReader, waits bool) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := checkFor[T](); err != nil {
			yield(nil, err)
			return
		}
		l, err := r.begin(ctx, waits)
		if err != nil {
			yield(nil, err)
			return
		}
		defer l.end()
		for l.more() {
			cpu, data, lost := l.next()
			if lost != 0 || len(data) < int(unsafe.Sizeof(*new(T))) {
				if !yield(nil, noEvent[T](cpu, data, lost)) {
					return
				}
				continue
			}
			// SAFETY: a T, which has no pointers, at an address that suits every
			// type.
			if !yield((*T)(unsafe.Pointer(unsafe.SliceData(data))), nil) {
				return
			}
		}
		if l.end(); l.err != nil {
			yield(nil, l.err)
		}
	}
}

// noEvent is the error of what is no T.
func noEvent[T any](cpu int, data []byte, lost uint64) error {
	if lost != 0 {
		return &LostError{cpu, lost}
	}
	return shortRecord[T](len(data))
}
