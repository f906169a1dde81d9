package ringbuf

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// PerfRecord is a record of one CPU's ring of a perf buffer, or the number of lost
// records.
type PerfRecord struct {
	// CPU is the CPU that sent it.
	CPU int
	// Data is the record, aligned to 8 bytes, and valid until the loop body returns.
	// The kernel pads it with up to 7 meaningless bytes.
	Data []byte
	// Lost is the number of records that were lost at this point because the ring was
	// full. If it is not 0, there is no record, and Data is nil.
	Lost uint64
}

// LostError is yielded by PerfEvents when records were lost. The loop may continue.
type LostError struct {
	CPU   int
	Count uint64
}

func (e *LostError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("ring of CPU %d overflowed: %d records lost", e.CPU, e.Count)
}

// PerfReader reads a perf buffer in batches: each record is copied once, without an
// allocation. All methods may be called from any number of goroutines, but one loop
// over its records runs at a time. New programs use ring buffers, which are faster and
// keep the order of records of all CPUs.
//
// Some records never reach a reader: bpf_perf_event_output returns an error, which only
// the program can notice and count. These are records larger than a ring, or than 64
// KiB, and records of a CPU that has come online and does not have a ring yet. The running
// loop, or else the next one, makes that ring as soon as the kernel reports the CPU. In
// a user namespace, where the kernel does not report it, the loop does so when a
// wake-up or a record comes a second later. If it cannot make the ring, it ends with
// that error, and the next loop tries again.
//
// A batch of records, up to 16 KiB plus one record, leaves the kernel's ring when it is
// copied: the batch is lost if the process dies in the loop body.
type PerfReader struct {
	control
	buffer *perfBuffer

	ringSize int // in bytes
	lost     atomic.Uint64

	// Only the loop uses the rest.
	perfLoop
	cpus  cpuWatch
	batch perfBatch // the records that have not been yielded yet
	// nextRing is the index of the ring to read first.
	nextRing int
	check    func(uintptr) bool // ready, made once
}

// PerfOption changes how NewPerfReader makes a perf buffer.
type PerfOption func(*perfOptions)

type perfOptions struct{ period uint32 }

// WithWakeUpEvery makes the kernel wake the reader at each nth record of a CPU instead
// of each (perf_buffer_opts.sample_period). SetPollInterval limits the delay of the
// records in between. NewPerfReader refuses an n that no CPU reaches: 0, and more
// records than a ring can hold, which is one per 16 bytes.
func WithWakeUpEvery(n uint32) PerfOption { return func(o *perfOptions) { o.period = n } }

// NewPerfReader makes a ring for each CPU that is online, of the given number of pages,
// a power of two, and puts them into the map, a *skel.PerfEventArray. The reader must
// be closed; closing the skeleton that owns the map also closes it. The error is EINVAL
// if pages or an option is out of range, or if the map does not have an entry for every
// CPU of this machine, and EBUSY if another reader of this process has the map: two
// would remove each other's rings from it. (perf_buffer__new)
func NewPerfReader(m skel.Descriptor, pages int, opts ...PerfOption) (*PerfReader, error) {
	options := perfOptions{period: 1}
	for _, opt := range opts {
		if opt != nil {
			opt(&options)
		}
	}
	r := &PerfReader{}
	r.check = r.ready
	err := options.check(pages)
	if err == nil {
		err = withFD(m, func(fd int) error { return r.makeRings(fd, pages, options.period) })
	}
	if err != nil {
		r.freeResources()
		return nil, fmt.Errorf("make a perf buffer reader: %w", err)
	}
	r.closeWithSkeletons(m)
	return r, nil
}

// minRecordSize is the smallest size of a record in a ring: perf's header, its size and a
// payload of up to 4 bytes.
const minRecordSize = 16

func (o perfOptions) check(pages int) error {
	if pages < 1 || bits.OnesCount(uint(pages)) != 1 {
		return fmt.Errorf("%w: %d pages per ring: the number must be a power of two", syscall.EINVAL, pages)
	}
	if pages > math.MaxInt/os.Getpagesize() {
		return fmt.Errorf("%w: %d pages per ring", syscall.E2BIG, pages)
	}
	size := pages * os.Getpagesize()
	if most := size / minRecordSize; o.period < 1 || uint64(o.period) > uint64(most) {
		return fmt.Errorf("%w: a wake-up every %d records: for a ring of %d bytes the number must be from 1 to %d", syscall.EINVAL, o.period, size, most)
	}
	return nil
}

// makeRings makes the rings. The caller calls freeResources if it fails.
func (r *PerfReader) makeRings(fd, pages int, period uint32) (err error) {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		return err
	}
	if info.Type != uapi.MapTypePerfEventArray {
		return fmt.Errorf("%w: %s is not a perf event array: its type is %v", syscall.EINVAL, info.Name, info.Type)
	}
	if err := checkPerfMap(info.Name, info.MaxEntries); err != nil {
		return err
	}
	if err := r.claim(info.ID); err != nil {
		return err
	}
	if r.epoll, err = newPoller(); err != nil {
		return err
	}
	// Before the list of CPUs is read, so that none is missed in between.
	if r.cpus.messages = newHotplug(); r.cpus.messages != nil {
		r.cleanups = append(r.cleanups, r.cpus.messages.close)
		if err := r.epoll.watchRead(r.cpus.messages.descriptor()); err != nil {
			return err
		}
	}
	r.ringSize = pages * os.Getpagesize()
	if r.buffer, err = openPerfBuffer(fd, pages, period); err != nil {
		return err
	}
	r.cleanups = append(r.cleanups, r.buffer.free)
	r.cpus.hasRing, r.cpus.comparedAt = map[int]bool{}, time.Now()
	for i := range r.buffer.ringCount() {
		r.cpus.hasRing[r.buffer.cpuOf(i)] = true
		if err := r.epoll.watchRead(r.buffer.fdOf(i)); err != nil {
			return err
		}
	}
	return nil
}

func openPerfBuffer(fd, pages int, period uint32) (b *perfBuffer, err error) {
	for range 10 {
		cpus, err := readCPUs(onlineCPUs)
		if err != nil {
			return nil, err
		}
		b, err = newPerfBuffer(fd, pages, period, cpus)
		if !errors.Is(err, syscall.ENODEV) { // the CPU has gone offline since
			return b, err
		}
	}
	return nil, fmt.Errorf("%w: the list of online CPUs changes too often", syscall.ENODEV)
}

// Close ends a running loop, in any goroutine, at its next step, and frees the reader;
// while a loop body runs, its record stays valid. A second Close does nothing.
// (perf_buffer__free)
func (r *PerfReader) Close() error {
	if r != nil {
		r.close()
	}
	return nil
}

// Lost returns the number of lost records that loops over r have reported so far.
func (r *PerfReader) Lost() uint64 {
	if r == nil {
		return 0
	}
	return r.lost.Load()
}

// Records waits for records and yields them, in order for each CPU, and reports lost
// records. It ends with an error, which it yields last, like Reader's Records.
// (perf_buffer__poll)
func (r *PerfReader) Records(ctx context.Context) iter.Seq2[PerfRecord, error] {
	return r.records(ctx, true)
}

// Consume yields the records that are in the rings now. It yields the same errors as
// Records. (perf_buffer__consume)
func (r *PerfReader) Consume() iter.Seq2[PerfRecord, error] {
	return r.records(context.Background(), false)
}

func (r *PerfReader) records(ctx context.Context, waits bool) iter.Seq2[PerfRecord, error] {
	return func(yield func(PerfRecord, error) bool) {
		err := runLoop(ctx, r, waits, func() bool {
			for r.more() {
				cpu, data, lost := r.next()
				if !yield(PerfRecord{cpu, data, lost}, nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(PerfRecord{}, err)
		}
	}
}

// PerfEvents is Records for a perf buffer in which every record is a T, a type of fixed
// size without Go pointers. The pointers are valid until the loop body returns; e := *e
// makes a copy to keep. For a record that is shorter than T it yields a
// *ShortRecordError, and for lost records a *LostError, and continues.
// (perf_buffer__poll)
func PerfEvents[T any](ctx context.Context, r *PerfReader) iter.Seq2[*T, error] {
	return perfEvents[T](ctx, r, true)
}

// ConsumePerfEvents is like PerfEvents, but for Consume. (perf_buffer__consume)
func ConsumePerfEvents[T any](r *PerfReader) iter.Seq2[*T, error] {
	return perfEvents[T](context.Background(), r, false)
}

func perfEvents[T any](ctx context.Context, r *PerfReader, waits bool) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		err := runLoopOf[T](ctx, r, waits, func() bool {
			for r.more() {
				var event *T
				var err error
				cpu, data, lost := r.next()
				if lost == 0 && len(data) >= int(unsafe.Sizeof(*new(T))) {
					event = mem.As[T](data) // the address suits every type
				} else {
					err = eventError[T](cpu, data, lost)
				}
				if !yield(event, err) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// eventError returns the error for lost records, or for a record that is shorter than a
// T.
func eventError[T any](cpu int, data []byte, lost uint64) error {
	if lost != 0 {
		return &LostError{cpu, lost}
	}
	return shortRecord[T](len(data))
}
