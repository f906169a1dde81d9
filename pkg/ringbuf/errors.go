package ringbuf

import (
	"errors"
	"fmt"
	"os"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// ErrClosed ends a loop over a reader that was closed, by its own Close or by that
// of the skeleton that its map belongs to. errors.Is also takes it for
// skel.ErrClosed and for os.ErrClosed.
var ErrClosed error = closedError{}

// ErrBusy is returned to a loop over a reader in which another loop is under way.
var ErrBusy = errors.New("the reader is in use by another loop")

// ErrCorrupt ends a loop that met a record which cannot be: longer than what the
// producer says is there.
var ErrCorrupt = errors.New("the ring buffer is corrupt")

type closedError struct{}

func (closedError) Error() string { return "the reader is closed" }

func (closedError) Is(target error) bool {
	return target == skel.ErrClosed || target == os.ErrClosed
}

// ShortRecordError is a record that is shorter than the type that it is read as.
// The loop may go on after it.
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
