package ringbuf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// Reasons to stop, bits of control.stop.
const (
	stopClosed uint32 = 1 << iota
	stopDeadline
	stopContext
)

// pastDeadline makes a wait return immediately.
var pastDeadline = time.Unix(1, 0)

// control is the part that readers and writers share: it allows one loop at a time,
// which waits without holding a thread, and which a context, a deadline or Close ends.
type control struct {
	epoll *poller

	// stop has a bit for each reason to end the loop. mu is held to write it.
	stop atomic.Uint32

	mu         sync.Mutex
	loopID     uint64 // of the newest loop: a late call for an earlier loop does not stop this one
	inUse      bool   // by a loop, which frees the reader at its end if Close was called
	freed      bool
	cleanups   []func()
	interval   time.Duration
	ctx        context.Context // of the loop
	deadline   *time.Timer
	unregister []func() // from the skeletons
}

// closeWithSkeletons makes each skeleton that owns one of the maps close c when it is
// closed.
func (c *control) closeWithSkeletons(maps ...skel.Descriptor) {
	for _, m := range maps {
		if o, ok := m.(skeletonMap); ok {
			unregister := o.OnClose(c.stopAndFree)
			c.mu.Lock()
			c.unregister = append(c.unregister, unregister)
			c.mu.Unlock()
		}
	}
}

// close ends the running loop, frees the resources, and unregisters c from the skeletons.
func (c *control) close() {
	c.stopAndFree()
	c.mu.Lock()
	unregister := c.unregister
	c.unregister = nil
	c.mu.Unlock()
	for _, f := range unregister {
		f()
	}
}

// stopAndFree ends the running loop, and frees the resources now or at the end of that
// loop. It does not unregister c from the skeletons: one of them may be the caller.
func (c *control) stopAndFree() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop.Load()&stopClosed != 0 {
		return
	}
	if c.deadline != nil {
		c.deadline.Stop()
	}
	c.setStop(stopClosed)
	if !c.inUse {
		c.freeResources()
	}
}

// freeResources closes the epoll and calls the functions in cleanups. The caller holds
// mu, or c is not in use yet.
func (c *control) freeResources() {
	c.freed = true
	if c.epoll != nil {
		c.epoll.close()
	}
	for _, f := range c.cleanups {
		f()
	}
	c.cleanups = nil
}

// setStop makes the loop end. Callers of setStop and clearStop hold mu.
func (c *control) setStop(why uint32) {
	c.stop.Or(why)
	if c.epoll != nil { // a zero value has none
		c.epoll.wakeAt(pastDeadline)
	}
}

func (c *control) clearStop(why uint32) {
	if c.stop.And(^why)&why != 0 && c.stop.Load() == 0 && c.epoll != nil {
		c.wakeAfterInterval()
	}
}

// wakeAfterInterval makes a wait in progress end after the poll interval. setStop has set
// an earlier time; if its reason is gone before the loop has seen it, the loop continues to
// wait.
func (c *control) wakeAfterInterval() {
	if c.interval > 0 {
		c.epoll.wakeAt(time.Now().Add(c.interval))
	} else {
		c.epoll.wakeAt(time.Time{})
	}
}

// acquire makes the caller the only loop until it calls release.
func (c *control) acquire(ctx context.Context) (release func(), err error) {
	if ctx == nil {
		ctx = context.Background()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.epoll == nil, c.stop.Load()&stopClosed != 0:
		return nil, ErrClosed
	case c.inUse:
		return nil, ErrBusy
	}
	c.inUse, c.ctx = true, ctx
	c.loopID++
	unwatch := c.watchContext(ctx, c.loopID)
	return func() {
		unwatch()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inUse, c.ctx = false, nil
		c.clearStop(stopContext)
		if c.stop.Load()&stopClosed != 0 {
			c.freeResources()
		}
	}, nil
}

// watchContext stops the given loop when ctx is done, until unwatch is called.
func (c *control) watchContext(ctx context.Context, loop uint64) (unwatch func() bool) {
	if ctx.Err() != nil {
		c.setStop(stopContext)
	}
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.inUse && c.loopID == loop {
			c.setStop(stopContext)
		}
	})
}

// stopError returns the error of a loop that was stopped, nil if the loop may continue
// after all.
func (c *control) stopError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch why := c.stop.Load(); {
	case why&stopClosed != 0:
		return ErrClosed
	case why&stopContext != 0:
		return c.ctx.Err()
	case why&stopDeadline != 0:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// wait returns when check has found something, when there is a reason to stop, or when
// the poll interval is over. Until then it does not hold a thread: Go's own poller
// watches the epoll. check runs first, when later wake-ups are already recorded, and
// after each wake-up.
func (c *control) wait(check func(uintptr) bool) error {
	c.limitWait()
	err := c.epoll.wait(check)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) || c.stop.Load() != 0 {
		return nil
	}
	return err
}

// limitWait limits the next wait to the poll interval.
func (c *control) limitWait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.interval > 0 && c.stop.Load() == 0 {
		c.epoll.wakeAt(time.Now().Add(c.interval))
	}
}

func (c *control) setPollInterval(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%w: the poll interval %v is negative", syscall.EINVAL, d)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interval = d
	if c.stop.Load() == 0 && c.epoll != nil {
		c.wakeAfterInterval()
	}
	return nil
}

func (c *control) setDeadline(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop.Load()&stopClosed != 0 {
		return
	}
	if c.deadline != nil {
		c.deadline.Stop()
		c.deadline = nil
	}
	if t.IsZero() {
		c.clearStop(stopDeadline)
		return
	}
	if left := time.Until(t); left <= 0 {
		c.setStop(stopDeadline)
	} else {
		c.clearStop(stopDeadline)
		c.deadline = c.stopAfter(left)
	}
}

// stopAfter returns a timer that has an effect only while it is c.deadline.
func (c *control) stopAfter(d time.Duration) *time.Timer {
	var self *time.Timer
	self = time.AfterFunc(d, func() {
		c.mu.Lock() // held by SetDeadline until self is set
		defer c.mu.Unlock()
		if c.deadline == self {
			c.setStop(stopDeadline)
		}
	})
	return self
}
