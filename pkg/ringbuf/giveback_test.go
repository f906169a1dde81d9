//go:build linux

package ringbuf

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// mostHeld returns the most records and bytes that a loop over a full ring had read and not
// given back, without the record in the loop body.
func mostHeld(t *testing.T, f *fakeRing, r *Reader) (records, bytes int) {
	t.Helper()
	read, given, since := 0, *f.g.consumer, 0
	for rec, err := range r.Consume() {
		must(t, err)
		if now := atomic.LoadUintptr(f.g.consumer); now != given {
			given, since = now, 0
		}
		if int(given) > read {
			t.Fatal("the record that the loop body is reading may be overwritten")
		}
		records, bytes = max(records, since), max(bytes, read-int(given))
		read += (len(rec.Data) + headerSize + 7) &^ 7
		since++
	}
	if *f.g.consumer != *f.g.producer {
		t.Fatal("not all room was given back at the end")
	}
	return records, bytes
}

func TestRoomIsGivenBackSoon(t *testing.T) {
	for name, c := range map[string]struct {
		ring, record   int
		each           bool
		records, bytes int // the most that may be kept
	}{
		"64 small records":             {1 << 20, 32, false, 64, 64 * 40},
		"64 of the smallest":           {1 << 20, 0, false, 64, 64 * 8},
		"4 KiB of larger ones":         {1 << 20, 200, false, 20, 4096 + 208},
		"one above 4 KiB":              {1 << 20, 8000, false, 1, 8008},
		"an eighth of a small ring":    {4096, 24, false, 16, 512 + 32},
		"each on demand":               {1 << 20, 32, true, 1, 40},
		"each above 4 KiB":             {1 << 20, 8000, true, 1, 8008},
		"each of several in an eighth": {4096, 8, true, 1, 16},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeRing(t, c.ring, 0)
			r := fakeReader(t, f)
			r.SetGiveBackEach(c.each)
			for f.trySend(number(0, c.record), 0) {
			}
			records, bytes := mostHeld(t, f, r)
			if records > c.records || bytes > c.bytes {
				t.Errorf("%d records and %d bytes were kept, want at most %d and %d", records, bytes, c.records, c.bytes)
			}
			if records < c.records/2 {
				t.Errorf("only %d records were kept: a store for so few is slow", records)
			}
		})
	}
}

func TestDiscardedRecordsCountAsHandled(t *testing.T) {
	f := newFakeRing(t, 1<<16, 0)
	r := fakeReader(t, f)
	for range 200 {
		f.trySend(number(0, 8), discardBit)
	}
	f.send(number(1, 8))
	for _, err := range r.Consume() {
		must(t, err)
		if left := 200*16 - int(atomic.LoadUintptr(f.g.consumer)); left >= 64*16 {
			t.Fatalf("%d bytes of discarded records were kept", left)
		}
	}
}

func TestUnreadCountsRecordsNotYetYielded(t *testing.T) {
	const records, size = 1000, 24
	one, two := newFakeRing(t, 1<<15, 0), newFakeRing(t, 4096, ^uintptr(0)-63)
	r := fakeReader(t, one, two)
	left := [2]int{records, 50}
	for range records {
		one.send(number(0, size-headerSize))
	}
	for range left[1] {
		two.send(number(1, size-headerSize))
	}
	unread := func(when string) {
		t.Helper()
		for i, n := range left {
			if _, got, err := r.Ring(i); err != nil || got != n*size {
				t.Fatalf("%s: ring %d has %d bytes unread, %v; want %d", when, i, got, err, n*size)
			}
		}
	}
	unread("before the first loop")
	for rec, err := range r.Consume() {
		must(t, err)
		left[rec.Ring]--
		unread("in the loop body")
		if left[0] == 700 {
			break
		}
	}
	unread("after a loop that broke off")
	for rec, err := range r.Consume() {
		must(t, err)
		left[rec.Ring]--
		unread("in the second loop")
	}
	unread("at the end")
}

// Seen by the race detector as well.
func TestUnreadBesideALoop(t *testing.T) {
	const records, size = 2000, 16
	f := newFakeRing(t, 1<<16, 0)
	r := fakeReader(t, f)
	for range records {
		f.send(number(0, 8))
	}
	var handled atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for handled.Load() < records {
			before := handled.Load()
			_, unread, err := r.Ring(0)
			after := handled.Load()
			if err != nil || unread%size != 0 || unread/size > records-int(before) || unread/size < records-int(after)-1 {
				t.Errorf("%d bytes unread, %v, with %d to %d of %d records handled", unread, err, before, after, records)
				return
			}
		}
	}()
	for range r.Consume() {
		handled.Add(1)
	}
	<-done
}

// A process that dies in the loop body: the records that it had not given back are read
// again.
func TestRecordsOfADeadReaderAreReadAgain(t *testing.T) {
	const records = 100
	if at := os.Getenv("RINGBUF_DIE_AT"); at != "" {
		m := skel.FD(3)
		r := kernelReader(t, m)
		r.SetGiveBackEach(strings.HasPrefix(at, "each"))
		n := uint32(0)
		for e, err := range ConsumeEvents[uint32](r) {
			must(t, err)
			if n = *e; n == 80 {
				os.Exit(7)
			}
		}
		t.Fatalf("the last record was %d", n)
	}
	for name, c := range map[string]struct {
		at    string
		again uint32 // the first record
	}{
		"by default":         {"batch", 64},
		"with each of them ": {"each", 80},
	} {
		t.Run(name, func(t *testing.T) {
			m := createRing(t, 1<<16)
			p := outputTo(t, m)
			for n := range uint32(records) {
				p.send(number(n, 8), flagNoWakeup)
			}
			child := exec.Command(os.Args[0], "-test.run=^TestRecordsOfADeadReaderAreReadAgain$")
			child.Env = append(os.Environ(), "RINGBUF_DIE_AT="+c.at)
			child.ExtraFiles = []*os.File{copyOf(t, m)}
			if out, err := child.CombinedOutput(); child.ProcessState.ExitCode() != 7 {
				t.Fatalf("the reader ended with %v: %s", err, out)
			}
			want := make([]uint32, 0, records)
			for n := c.again; n < records; n++ {
				want = append(want, n)
			}
			expect(t, drain(t, kernelReader(t, m)), want...)
		})
	}
}

func TestLoopBodyMayWaitForRoom(t *testing.T) {
	m := createRing(t, 4096)
	p, r := outputTo(t, m), kernelReader(t, m)
	r.SetGiveBackEach(true)
	for p.run(number(1, 8), 0) == 0 {
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	n := 0
	for _, err := range r.Records(ctx) {
		must(t, err)
		if n++; n > 1 && p.run(number(1, 8), 0) != 0 {
			t.Fatal("no room for a record after one was read")
		}
		if n == 1000 {
			break
		}
	}
}
