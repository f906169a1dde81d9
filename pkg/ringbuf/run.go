package ringbuf

import (
	"context"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

// A looper is a reader over which one loop runs at a time.
type looper interface {
	begin(ctx context.Context, waits bool) error
	end() error
}

// runLoop runs body, which yields records until there are no more, and returns the error
// to yield last: why the loop could not begin, or why it ended. If the caller's loop
// body breaks, body returns false, and there is nothing to yield. If it panics, the
// reader is still released.
func runLoop(ctx context.Context, r looper, waits bool, body func() bool) (err error) {
	if err := r.begin(ctx, waits); err != nil {
		return err
	}
	complete := false
	defer func() {
		if ended := r.end(); complete {
			err = ended
		}
	}()
	complete = body()
	return nil
}

// runLoopOf is runLoop for a loop that yields pointers to T.
func runLoopOf[T any](ctx context.Context, r looper, waits bool, body func() bool) error {
	if err := mem.PointerFree[T](); err != nil {
		return err
	}
	return runLoop(ctx, r, waits, body)
}
