//go:build linux && cgo

package ringbuf

import (
	"bytes"
	"context"
	"errors"
	"math/bits"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func perfReader(t testing.TB, s *rings.Skel, pages int, opts ...PerfOption) *PerfReader {
	t.Helper()
	r, err := NewPerfReader(s.Maps.Perf, pages, opts...)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

// onOneCPU keeps the test where it is, as far as the kernel allows.
func onOneCPU(t testing.TB) {
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
}

func TestPerfRecords(t *testing.T) {
	onOneCPU(t)
	s := loadRings(t)
	r := perfReader(t, s, 2)
	for size := 1; size < 1000; size += 17 {
		want := bytes.Repeat([]byte{byte(size)}, size)
		if rc := runWith(t, s, s.Progs.RunPerf, want); rc != 0 {
			t.Fatalf("the program could not send %d bytes: %d", size, rc)
		}
		n := 0
		for rec, err := range r.Consume() {
			must(t, err)
			if n++; rec.Lost != 0 || len(rec.Data) < size || len(rec.Data) > size+7 || !bytes.Equal(rec.Data[:size], want) {
				t.Fatalf("a record of %d bytes came as %d, lost %d", size, len(rec.Data), rec.Lost)
			}
		}
		if n != 1 {
			t.Fatalf("%d records of %d bytes, want 1", n, size)
		}
	}
}

func TestPerfLostRecordsAreCountedAndReported(t *testing.T) {
	s := loadRings(t)
	r := perfReader(t, s, 1)
	const sent = 500
	failed := 0
	for n := range uint32(sent) {
		if runWith(t, s, s.Progs.RunPerf, number(n, 64)) != 0 {
			failed++
		}
	}
	if failed == 0 {
		t.Fatal("one page is not enough for this test")
	}
	got := 0
	reported := uint64(0)
	count := func() {
		for rec, err := range r.Consume() {
			must(t, err)
			if reported += rec.Lost; rec.Lost == 0 {
				got++
			}
		}
	}
	count()
	// The kernel reports lost records with the next record of that CPU.
	for range 50 {
		runWith(t, s, s.Progs.RunPerf, number(0, 64))
		runtime.Gosched()
	}
	count()
	if r.Lost() != reported || got+int(reported) != sent+50 || reported != uint64(failed) {
		t.Fatalf("%d records came and %d were reported lost (%d in all) of %d, %d of which failed",
			got, reported, r.Lost(), sent+50, failed)
	}
}

func TestPerfEvents(t *testing.T) {
	onOneCPU(t)
	s := loadRings(t)
	r := perfReader(t, s, 8)
	for n, size := range []int{32, 8, 40} {
		runWith(t, s, s.Progs.RunPerf, number(uint32(n), size))
	}
	var got []uint32
	var short *ShortRecordError
	for e, err := range ConsumePerfEvents[event](r) {
		if errors.As(err, &short) {
			continue
		}
		must(t, err)
		got = append(got, e.Number)
	}
	expect(t, got, 0, 2)
	if short == nil || short.Want != 32 {
		t.Fatalf("got %v, want a short record", short)
	}
}

func TestPerfLossIsAnErrorOfTypedLoops(t *testing.T) {
	s := loadRings(t)
	r := perfReader(t, s, 1)
	for range 500 {
		runWith(t, s, s.Progs.RunPerf, number(1, 64))
	}
	for range ConsumePerfEvents[event](r) {
	}
	for range 50 {
		runWith(t, s, s.Progs.RunPerf, number(1, 64))
	}
	var lost *LostError
	for _, err := range ConsumePerfEvents[event](r) {
		errors.As(err, &lost)
	}
	if lost == nil || lost.Count == 0 || !strings.Contains(lost.Error(), "lost") {
		t.Fatalf("got %v", lost)
	}
}

func TestPerfWaitsBreaksAndCloses(t *testing.T) {
	s := loadRings(t)
	r := perfReader(t, s, 8)
	got := make(chan uint32)
	done := make(chan error, 1)
	go func() {
		for e, err := range PerfEvents[uint32](context.Background(), r) {
			if err != nil {
				done <- err
				return
			}
			got <- *e
		}
	}()
	time.Sleep(20 * time.Millisecond)
	for n := range uint32(200) {
		runWith(t, s, s.Progs.RunPerf, number(n, 8))
		if e := soon(t, got); e != n {
			t.Fatalf("got record %d, want %d", e, n)
		}
	}
	for _, err := range r.Records(t.Context()) {
		if !errors.Is(err, ErrBusy) {
			t.Fatalf("a second loop: got %v", err)
		}
	}
	must(t, s.Close())
	if err := soon(t, done); !errors.Is(err, skel.ErrClosed) {
		t.Fatalf("got %v", err)
	}
}

func TestPerfRecordsThatABrokenLoopLeft(t *testing.T) {
	onOneCPU(t)
	s := loadRings(t)
	r := perfReader(t, s, 8)
	for n := range uint32(6) {
		runWith(t, s, s.Progs.RunPerf, number(n, 8))
	}
	var got []uint32
	for range 3 {
		for rec, err := range r.Records(t.Context()) {
			must(t, err)
			if got = append(got, numberOf(rec.Data)); len(got)%2 == 0 {
				break
			}
		}
	}
	if len(got) != 6 {
		t.Fatalf("got %v", got)
	}
}

func TestPerfBufferCannotBeMade(t *testing.T) {
	s := loadRings(t)
	for name, c := range map[string]struct {
		m     skel.Descriptor
		pages int
	}{
		"a number of pages that is not a power of two": {s.Maps.Perf, 3},
		"no pages":            {s.Maps.Perf, 0},
		"fewer than none":     {s.Maps.Perf, -1},
		"too many pages":      {s.Maps.Perf, 1 << (bits.UintSize - 2)},
		"another kind of map": {s.Maps.Ring, 8},
		"no map":              {nil, 8},
	} {
		if r, err := NewPerfReader(c.m, c.pages); err == nil {
			r.Close()
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewPerfReader(s.Maps.Perf, 3); err == nil || !strings.Contains(err.Error(), "power of two") {
		t.Errorf("the error does not contain libbpf's message: %v", err)
	}
}

func TestPerfAndUserRingsLeaveNothingOpen(t *testing.T) {
	s := loadRings(t)
	open := func() {
		r, err := NewPerfReader(s.Maps.Perf, 1)
		must(t, err)
		w, err := NewWriter(s.Maps.User)
		must(t, err)
		must(t, r.Close())
		must(t, w.Close())
	}
	open()
	before := descriptors(t)
	for range 20 {
		open()
	}
	if n := descriptors(t) - before; n > 0 {
		t.Fatalf("%d descriptors are left open", n)
	}
}

func TestNothingIsAllocatedForAPerfRecordOrASentOne(t *testing.T) {
	onOneCPU(t)
	s := loadRings(t)
	r, w := perfReader(t, s, 64), writer(t, s)
	m := &message{1, 8}
	if n := testing.AllocsPerRun(100, func() { must(t, Send(w, m)) }); n != 0 {
		t.Errorf("sending allocates %v times", n)
	}
	perLoop := func(records int) float64 {
		return testing.AllocsPerRun(5, func() {
			for range records {
				runWith(t, s, s.Progs.RunPerf, s.Bss.Payload[:32])
			}
			for _, err := range ConsumePerfEvents[event](r) {
				must(t, err)
			}
		}) - testing.AllocsPerRun(5, func() {
			for range records {
				runWith(t, s, s.Progs.RunPerf, s.Bss.Payload[:32])
			}
		})
	}
	if few, many := perLoop(1), perLoop(500); many > few+5 {
		t.Errorf("a loop of 1 record allocates %v times, one of 500 %v times", few, many)
	}
}

// BenchmarkPerfEvents reads existing records: an operation is a record.
func BenchmarkPerfEvents(b *testing.B) {
	onOneCPU(b)
	s := loadRings(b)
	r := perfReader(b, s, 64)
	b.ReportAllocs()
	for left := b.N; left > 0; left -= 4000 {
		b.StopTimer()
		for range min(left, 4000) {
			runWith(b, s, s.Progs.RunPerf, s.Bss.Payload[:32])
		}
		b.StartTimer()
		for _, err := range ConsumePerfEvents[event](r) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
