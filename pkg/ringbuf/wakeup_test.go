//go:build linux

package ringbuf

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// No wake-up may be lost: producers wake the reader only if its stored position shows
// that it waits for exactly their record.
func TestNoWakeUpIsLost(t *testing.T) {
	const producers, each = 3, 20000
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	for p := range uint32(producers) {
		go func() {
			for n := range uint32(each) {
				for !f.trySend(number(p<<24|n, 8+int(n)%50), 0) {
					runtime.Gosched()
				}
			}
		}()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	next := make([]uint32, producers)
	left := producers * each
	for rec, err := range r.Records(ctx) {
		if err != nil {
			t.Fatalf("%v with %d records outstanding", err, left)
		}
		n := numberOf(rec.Data)
		if p := n >> 24; next[p] != n&0xffffff {
			t.Fatalf("record %d of producer %d, want %d", n&0xffffff, p, next[p])
		} else {
			next[p]++
		}
		if left--; left == 0 {
			break
		}
	}
}

func TestRecordsWithoutAWakeUp(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	quietly := func(n uint32) {
		pos, _ := f.reserve(number(n, 8))
		f.commit(pos, 0, false)
	}
	got := make(chan uint32)
	go func() {
		for rec, err := range r.Records(context.Background()) {
			if err != nil {
				close(got)
				return
			}
			got <- numberOf(rec.Data)
		}
	}()
	time.Sleep(20 * time.Millisecond)
	quietly(1)
	select {
	case <-got:
		t.Fatal("a record without a wake-up was seen at once")
	case <-time.After(50 * time.Millisecond):
	}
	must(t, r.SetPollInterval(2*time.Millisecond))
	if n := soon(t, got); n != 1 {
		t.Fatalf("got record %d", n)
	}
	for n := range uint32(5) {
		quietly(n)
		if got := soon(t, got); got != n {
			t.Fatalf("got record %d, want %d", got, n)
		}
	}
	must(t, r.SetPollInterval(0))
	f.send(number(9, 8))
	if n := soon(t, got); n != 9 {
		t.Fatalf("got record %d", n)
	}
	must(t, r.Close())
	<-got
}

// A deadline that is removed before the loop has seen it does not disable the poll
// interval.
func TestAClearedDeadlineKeepsThePollInterval(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // the loop does not run in between
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	must(t, r.SetPollInterval(100*time.Millisecond))
	got := make(chan uint32, 1)
	go func() {
		for rec, err := range r.Records(t.Context()) {
			if err == nil {
				got <- numberOf(rec.Data)
			}
		}
	}()
	time.Sleep(30 * time.Millisecond)
	r.SetDeadline(time.Now())
	r.SetDeadline(time.Time{})
	pos, _ := f.reserve(number(1, 8))
	f.commit(pos, 0, false)
	if n := soon(t, got); n != 1 {
		t.Fatalf("got record %d", n)
	}
	must(t, r.Close())
}

func TestWaitingReadersHoldNoThreads(t *testing.T) {
	const readers = 100
	before := threads(t)
	var done []<-chan error
	var all []*Reader
	for range readers {
		r := fakeReader(t, newFakeRing(t, 4096, 0))
		c := make(chan error, 1)
		go func() { c <- lastError(context.Background(), r) }()
		all, done = append(all, r), append(done, c)
	}
	time.Sleep(100 * time.Millisecond)
	if n := threads(t) - before; n > 5 {
		t.Errorf("%d waiting readers hold %d threads", readers, n)
	}
	for i, r := range all {
		must(t, r.Close())
		soon(t, done[i])
	}
}

func threads(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	_, rest, _ := bytes.Cut(status, []byte("\nThreads:"))
	field := bytes.Fields(rest)[0]
	n, err := strconv.Atoi(string(field))
	must(t, err)
	return n
}
