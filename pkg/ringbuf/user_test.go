//go:build linux && cgo

package ringbuf

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

type message struct{ Number, Bytes uint32 }

func writer(t testing.TB, s *rings.Skel) *Writer {
	t.Helper()
	w, err := NewWriter(s.Maps.User)
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	return w
}

func drainUser(t testing.TB, s *rings.Skel) int32 {
	t.Helper()
	res, err := s.Progs.DrainUser.TestRun(skel.RunOptions{})
	must(t, err)
	return int32(res.Return)
}

func TestUserRing(t *testing.T) {
	s := loadRings(t)
	w, r := writer(t, s), kernelReader(t, s.Maps.Ring)
	for n := range uint32(1000) {
		must(t, Send(w, &message{n, 8}))
		if got := drainUser(t, s); got != 1 {
			t.Fatalf("the program drained %d records", got)
		}
		expect(t, drain(t, r), n)
	}
	if s.Bss.Drained != 1000 || s.Bss.DrainedBytes != 8000 {
		t.Fatalf("the program counted %d records, %d bytes", s.Bss.Drained, s.Bss.DrainedBytes)
	}
}

func TestUserRingThatIsFull(t *testing.T) {
	s := loadRings(t)
	w := writer(t, s)
	n := 0
	for Send(w, &message{1, 1}) == nil {
		n++
	}
	if n != 4096/16 {
		t.Fatalf("%d records of 16 bytes fit into 4096", n)
	}
	if err := Send(w, &message{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("a full ring: got %v", err)
	}
	if _, err := w.Write(make([]byte, 5000)); !errors.Is(err, syscall.E2BIG) {
		t.Fatalf("a record that never fits: got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := SendWait(ctx, w, &message{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a wait that is cancelled: got %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- SendWait(context.Background(), w, &message{}) }()
	time.Sleep(20 * time.Millisecond)
	drainUser(t, s)
	must(t, soon(t, done))
	if got := drainUser(t, s); got != 1 {
		t.Fatalf("%d records after the wait, want 1", got)
	}
}

func TestUserRingManyWriters(t *testing.T) {
	const writers, each = 4, 1000
	s := loadRings(t)
	w := writer(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for range writers {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := range uint32(each) {
				if err := SendWait(ctx, w, &message{n, 1}); err != nil {
					t.Errorf("record %d: %v", n, err)
					return
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for {
		drainUser(t, s)
		select {
		case <-done:
			drainUser(t, s)
			if s.Bss.Drained != writers*each {
				t.Fatalf("%d records arrived of %d", s.Bss.Drained, writers*each)
			}
			return
		default:
		}
	}
}

func TestUserRingClosed(t *testing.T) {
	s := loadRings(t)
	w := writer(t, s)
	for Send(w, &message{}) == nil {
	}
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- SendWait(context.Background(), w, &message{}) }()
	}
	time.Sleep(20 * time.Millisecond)
	must(t, s.Close())
	for range 2 {
		if err := soon(t, done); !errors.Is(err, skel.ErrClosed) {
			t.Fatalf("got %v", err)
		}
	}
	if err := Send(w, &message{}); !errors.Is(err, ErrClosed) {
		t.Fatalf("after Close: got %v", err)
	}
	if _, err := NewWriter(s.Maps.User); !errors.Is(err, skel.ErrClosed) {
		t.Fatalf("a writer of a closed skeleton: got %v", err)
	}
}

func TestUserRingRefusesOtherMapsAndTypes(t *testing.T) {
	s := loadRings(t)
	if _, err := NewWriter(s.Maps.Ring); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a ring buffer: got %v", err)
	}
	if err := Send(writer(t, s), &struct{ p *int }{}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a type with a Go pointer: got %v", err)
	}
}
