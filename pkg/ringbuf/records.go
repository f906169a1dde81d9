package ringbuf

import (
	"context"
	"iter"
	"reflect"
	"unsafe"
)

// Record is one record, in the memory of the ring.
type Record struct {
	// Data is read-only memory: writing to it is a fault that Go cannot recover. It is
	// aligned to 8 bytes, and valid until the loop body returns.
	Data []byte
	// Ring is the index of its ring in the arguments of NewReader.
	Ring int
}

// Records waits for records and yields them, for each ring in the order in which the
// programs reserved them. It ends with an error, which it yields last: ctx's error when
// ctx is done, os.ErrDeadlineExceeded after SetDeadline, ErrClosed after Close, ErrBusy
// if another loop over r is running. If the loop body breaks or panics, its record
// counts as read. A record does not cause an allocation.
//
// The memory of records is given back to the producers after every 64 records or 4 KiB
// (in a small ring an eighth of it), whichever comes first, and when the loop waits or
// ends. So if the process dies in the loop body and the map lives on, by a pin or in
// another process, its next reader gets up to that many records again: the one in the
// loop body and those before it. With SetGiveBackEach, it gets only the one in the loop
// body again. (ring_buffer__poll)
func (r *Reader) Records(ctx context.Context) iter.Seq2[Record, error] {
	return r.records(ctx, true)
}

// Consume yields the records that are in the rings now, without waiting for more or for
// records that are reserved but not submitted. It yields the same errors as Records.
// (ring_buffer__consume)
func (r *Reader) Consume() iter.Seq2[Record, error] {
	return r.records(context.Background(), false)
}

func (r *Reader) records(ctx context.Context, waits bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		err := runLoop(ctx, r, waits, func() bool {
			for {
				at, size := r.next()
				if at == nil {
					return true
				}
				// SAFETY: the record has size bytes, mapped until the loop ends.
				if !yield(Record{unsafe.Slice((*byte)(at), size), r.index}, nil) {
					return false
				}
			}
		})
		if err != nil {
			yield(Record{}, err)
		}
	}
}

// Events is Records for rings in which every record is a T, a type of fixed size
// without Go pointers, such as the types of generated packages. It yields pointers into
// the ring, to read-only memory: writing to *e is a fault that Go cannot recover. The
// pointers are valid until the loop body returns; e := *e makes a copy to keep. A
// record may be longer than T. For a shorter record, Events yields a *ShortRecordError
// with both sizes and continues. (ring_buffer__poll)
func Events[T any](ctx context.Context, r *Reader) iter.Seq2[*T, error] {
	return events[T](ctx, r, true)
}

// ConsumeEvents is like Events, but for Consume. (ring_buffer__consume)
func ConsumeEvents[T any](r *Reader) iter.Seq2[*T, error] {
	return events[T](context.Background(), r, false)
}

func events[T any](ctx context.Context, r *Reader, waits bool) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		err := runLoopOf[T](ctx, r, waits, func() bool {
			for {
				at, size := r.next()
				if at == nil {
					return true
				}
				var short error
				if size < int(unsafe.Sizeof(*new(T))) {
					at, short = nil, shortRecord[T](size)
				}
				// SAFETY: the record holds a T, which has no pointers, at an address
				// that suits every type; it is mapped until the loop ends.
				if !yield((*T)(at), short) {
					return false
				}
			}
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

func shortRecord[T any](size int) error {
	t := reflect.TypeFor[T]()
	return &ShortRecordError{Size: size, Want: int(t.Size()), Type: t.String()}
}
