//go:build linux

package ringbuf

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// lastError ranges until the loop ends, and returns the error that ended it.
func lastError(ctx context.Context, r *Reader) (last error) {
	for _, err := range r.Records(ctx) {
		last = err
	}
	return last
}

// inBackground runs a loop, and returns when the loop is most likely waiting.
func inBackground(ctx context.Context, r *Reader) <-chan error {
	done := make(chan error, 1)
	go func() { done <- lastError(ctx, r) }()
	time.Sleep(20 * time.Millisecond)
	return done
}

func soon[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(5 * time.Second):
		t.Fatal("nothing happened within 5 s")
	}
	return v
}

func TestCancelDuringAWait(t *testing.T) {
	r := fakeReader(t, newFakeRing(t, 4096, 0))
	ctx, cancel := context.WithCancel(t.Context())
	done := inBackground(ctx, r)
	cancel()
	if err := soon(t, done); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestContextThatIsDoneLeavesRecordsUnread(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := lastError(ctx, r); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	expect(t, drain(t, r), 1)
}

func TestCancelFromTheLoopBody(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	f.send(number(2, 8))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range r.Records(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			break
		}
		n++
		cancel()
		time.Sleep(20 * time.Millisecond) // the context's own goroutine tells the loop
	}
	if n != 1 {
		t.Fatalf("%d records after the context was cancelled", n-1)
	}
}

func TestContextOfAnEarlierLoopDoesNotStopALaterOne(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		f.send(number(1, 8))
		for _, err := range r.Records(ctx) {
			must(t, err)
			go cancel()
			break
		}
		f.send(number(2, 8))
		for rec, err := range r.Records(t.Context()) {
			if err != nil || numberOf(rec.Data) != 2 {
				t.Fatal(err)
			}
			break
		}
	}
}

func TestContextDeadline(t *testing.T) {
	r := fakeReader(t, newFakeRing(t, 4096, 0))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := lastError(ctx, r); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
}

func TestDeadline(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	expired := func() {
		t.Helper()
		if err := lastError(t.Context(), r); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("got %v, want os.ErrDeadlineExceeded", err)
		}
	}
	r.SetDeadline(time.Now().Add(10 * time.Millisecond))
	expired()
	expired() // still so
	r.SetDeadline(time.Now().Add(-time.Second))
	expired()

	r.SetDeadline(time.Now().Add(time.Hour))
	done := inBackground(t.Context(), r)
	r.SetDeadline(time.Now())
	if err := soon(t, done); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	r.SetDeadline(time.Time{})
	done = inBackground(t.Context(), r)
	select {
	case err := <-done:
		t.Fatalf("it ended with %v although the deadline was lifted", err)
	case <-time.After(30 * time.Millisecond):
	}
	must(t, r.Close())
	soon(t, done)
}

func TestDeadlineWhileTheRingNeverEmpties(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	r.SetDeadline(time.Now().Add(20 * time.Millisecond))
	start := time.Now()
	for _, err := range r.Records(t.Context()) {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		must(t, err)
		f.send(number(1, 8))
		if time.Since(start) > 5*time.Second {
			t.Fatal("the deadline passed unnoticed")
		}
	}
	t.Fatal("the loop ended without an error")
}

func TestCloseDuringAWait(t *testing.T) {
	r := fakeReader(t, newFakeRing(t, 4096, 0))
	done := inBackground(t.Context(), r)
	must(t, r.Close())
	err := soon(t, done)
	if !errors.Is(err, ErrClosed) || !errors.Is(err, skel.ErrClosed) || !errors.Is(err, os.ErrClosed) {
		t.Fatalf("got %v", err)
	}
	if !r.freed {
		t.Fatal("the last user did not free the reader")
	}
}

func TestCloseFromTheLoopBody(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	unmapped := false
	r.cleanups = append(r.cleanups, func() { unmapped = true })
	f.send(number(1, 8))
	f.send(number(2, 8))
	n, last := 0, error(nil)
	for rec, err := range r.Records(t.Context()) {
		if last = err; err != nil {
			break
		}
		n++
		must(t, r.Close())
		if unmapped || numberOf(rec.Data) != 1 {
			t.Fatal("the record is gone before the loop body has returned")
		}
	}
	if n != 1 || !errors.Is(last, ErrClosed) || !unmapped {
		t.Fatalf("%d records, then %v, unmapped: %v; want 1, ErrClosed, true", n, last, unmapped)
	}
}

func TestUseAfterClose(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	must(t, r.Close())
	must(t, r.Close())
	must(t, (*Reader)(nil).Close())
	r.SetDeadline(time.Now())
	r.SetDeadline(time.Time{})
	must(t, r.SetPollInterval(time.Millisecond))
	for _, err := range r.Consume() {
		if !errors.Is(err, ErrClosed) {
			t.Fatalf("got %v", err)
		}
	}
	for _, err := range Events[event](t.Context(), r) {
		if !errors.Is(err, ErrClosed) {
			t.Fatalf("got %v", err)
		}
	}
	if _, _, err := r.Ring(0); !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
}

func TestTwoLoopsAtOnce(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	for _, err := range r.Records(t.Context()) {
		must(t, err)
		for _, err := range r.Consume() {
			if !errors.Is(err, ErrBusy) {
				t.Fatalf("a loop inside a loop: got %v", err)
			}
		}
		break
	}
	done := inBackground(t.Context(), r)
	if err := lastError(t.Context(), r); !errors.Is(err, ErrBusy) {
		t.Fatalf("a loop beside a loop: got %v", err)
	}
	must(t, r.Close())
	soon(t, done)
}

func TestReaderCanBeUsedWhereItsLoopYieldsTheError(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	r.SetDeadline(time.Now().Add(-1))
	for _, err := range r.Records(t.Context()) {
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
		r.SetDeadline(time.Time{})
		f.send(number(1, 8))
		expect(t, drain(t, r), 1)
	}
}

func TestClosingBesideLoops(t *testing.T) {
	for range 100 {
		f := newFakeRing(t, 4096, 0)
		r := fakeReader(t, f)
		var all sync.WaitGroup
		for range 4 {
			all.Add(1)
			go func() {
				defer all.Done()
				for range 5 {
					for rec, err := range r.Records(t.Context()) {
						if err == nil && numberOf(rec.Data) != 1 {
							t.Error("not the record that was sent")
						}
						if err != nil {
							break
						}
					}
				}
			}()
		}
		all.Add(2)
		go func() { defer all.Done(); f.trySend(number(1, 8), 0); r.SetDeadline(time.Now()) }()
		go func() { defer all.Done(); must(t, r.Close()) }()
		all.Wait()
	}
}

func TestLateCallForAnEarlierLoopStopsNothing(t *testing.T) {
	r := fakeReader(t, newFakeRing(t, 4096, 0))
	stopped := func(loop uint64) bool {
		ctx, cancel := context.WithCancel(t.Context())
		r.mu.Lock()
		r.watchContext(ctx, loop)
		r.mu.Unlock()
		cancel()
		time.Sleep(20 * time.Millisecond)
		return r.stop.Load() != 0
	}
	r.mu.Lock()
	r.inUse, r.loopID = true, 2
	r.mu.Unlock()
	if stopped(1) {
		t.Error("the context of an earlier loop stopped the present one")
	}
	if !stopped(2) {
		t.Error("its own context did not stop it")
	}
	r.mu.Lock()
	r.inUse = false
	r.mu.Unlock()
}
