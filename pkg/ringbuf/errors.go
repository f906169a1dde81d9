package ringbuf

import (
	"errors"
	"fmt"
	"os"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// ErrClosed ends a loop over a reader that was closed, by its own Close or by Close of
// the skeleton that its map belongs to. errors.Is also matches it with skel.ErrClosed
// and os.ErrClosed.
var ErrClosed error = closedError{}

// ErrBusy is returned to a loop over a reader that another loop is using.
var ErrBusy = errors.New("the reader is in use by another loop")

// ErrCorrupt ends a loop that found an impossible record: one that ends behind the
// producer's position.
var ErrCorrupt = errors.New("the ring buffer is corrupt")

type closedError struct{}

func (closedError) Error() string { return "the reader is closed" }

func (closedError) Is(target error) bool {
	return target == skel.ErrClosed || target == os.ErrClosed
}

// ShortRecordError is a record that is shorter than the type that it is read as. The
// loop may continue after it.
type ShortRecordError struct {
	Size int // of the record, in bytes
	Want int // the size of the type, in bytes
	Type string
}

func (e *ShortRecordError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("a record of %d bytes is shorter than a %s of %d bytes", e.Size, e.Type, e.Want)
}
