//go:build linux && cgo

package ringbuf

import (
	"bytes"
	"context"
	"errors"
	"math/bits"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/pkg/ringbuf/testdata/rings"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func loadRings(t testing.TB) *rings.Skel {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("root is needed to load BPF programs")
	}
	s, err := rings.OpenAndLoad()
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

// runWith has p send data, on this thread's CPU.
func runWith(t testing.TB, s *rings.Skel, p *skel.Program, data []byte) int32 {
	t.Helper()
	s.Bss.Size = uint32(copy(s.Bss.Payload[:], data))
	var o skel.RunOptions
	res, err := p.TestRun(o)
	check(t, err)
	return int32(res.Return)
}

func TestClosingTheSkeletonEndsARingLoop(t *testing.T) {
	s := loadRings(t)
	r := kernelReader(t, s.Maps.Ring)
	done := inBackground(t.Context(), r)
	check(t, s.Close())
	if err := soon(t, done); !errors.Is(err, skel.ErrClosed) {
		t.Fatalf("got %v", err)
	}
	if !r.freed {
		t.Fatal("the ring is still mapped")
	}
	if _, err := NewReader(s.Maps.Ring); !errors.Is(err, skel.ErrClosed) {
		t.Fatalf("a reader of a closed skeleton: got %v", err)
	}
}

func TestClosingTheSkeletonFromTheLoopBody(t *testing.T) {
	s := loadRings(t)
	r := kernelReader(t, s.Maps.Ring)
	runWith(t, s, s.Progs.RunRing, number(7, 8))
	runWith(t, s, s.Progs.RunRing, number(8, 8))
	n := 0
	for e, err := range Events[uint32](t.Context(), r) {
		if err != nil {
			if !errors.Is(err, skel.ErrClosed) {
				t.Fatalf("got %v", err)
			}
			break
		}
		n++
		check(t, s.Close())
		if *e != 7 {
			t.Fatal("the record is gone before the loop body has returned")
		}
	}
	if n != 1 {
		t.Fatalf("%d records", n)
	}
}

func TestAReaderThatIsClosedFirst(t *testing.T) {
	s := loadRings(t)
	for range 10 {
		r, err := NewReader(s.Maps.Ring)
		check(t, err)
		check(t, r.Close())
	}
}

func perfReader(t testing.TB, s *rings.Skel, pages int, opts ...PerfOption) *PerfReader {
	t.Helper()
	r, err := NewPerfReader(s.Maps.Perf, pages, opts...)
	check(t, err)
	t.Cleanup(func() { check(t, r.Close()) })
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
			check(t, err)
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
			check(t, err)
			if reported += rec.Lost; rec.Lost == 0 {
				got++
			}
		}
	}
	count()
	// The kernel reports what was lost with the next record of that CPU.
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
		check(t, err)
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
	check(t, s.Close())
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
			check(t, err)
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
		m     Map
		pages int
	}{
		"pages that are no power of two": {s.Maps.Perf, 3},
		"no pages":                       {s.Maps.Perf, 0},
		"fewer than none":                {s.Maps.Perf, -1},
		"too many pages":                 {s.Maps.Perf, 1 << (bits.UintSize - 2)},
		"another kind of map":            {s.Maps.Ring, 8},
		"no map":                         {nil, 8},
	} {
		if r, err := NewPerfReader(c.m, c.pages); err == nil {
			r.Close()
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewPerfReader(s.Maps.Perf, 3); err == nil || !strings.Contains(err.Error(), "power of two") {
		t.Errorf("libbpf's words are not in the error: %v", err)
	}
}

func TestPerfAndUserRingsLeaveNothingOpen(t *testing.T) {
	s := loadRings(t)
	open := func() {
		r, err := NewPerfReader(s.Maps.Perf, 1)
		check(t, err)
		w, err := NewWriter(s.Maps.User)
		check(t, err)
		check(t, r.Close())
		check(t, w.Close())
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

type message struct{ Number, Bytes uint32 }

func writer(t testing.TB, s *rings.Skel) *Writer {
	t.Helper()
	w, err := NewWriter(s.Maps.User)
	check(t, err)
	t.Cleanup(func() { check(t, w.Close()) })
	return w
}

func drainUser(t testing.TB, s *rings.Skel) int32 {
	t.Helper()
	res, err := s.Progs.DrainUser.TestRun(skel.RunOptions{})
	check(t, err)
	return int32(res.Return)
}

func TestUserRing(t *testing.T) {
	s := loadRings(t)
	w, r := writer(t, s), kernelReader(t, s.Maps.Ring)
	for n := range uint32(1000) {
		check(t, Send(w, &message{n, 8}))
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
	check(t, soon(t, done))
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
	check(t, s.Close())
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

func TestNothingIsAllocatedForAPerfRecordOrASentOne(t *testing.T) {
	onOneCPU(t)
	s := loadRings(t)
	r, w := perfReader(t, s, 64), writer(t, s)
	m := &message{1, 8}
	if n := testing.AllocsPerRun(100, func() { check(t, Send(w, m)) }); n != 0 {
		t.Errorf("sending allocates %v times", n)
	}
	perLoop := func(records int) float64 {
		return testing.AllocsPerRun(5, func() {
			for range records {
				runWith(t, s, s.Progs.RunPerf, s.Bss.Payload[:32])
			}
			for _, err := range ConsumePerfEvents[event](r) {
				check(t, err)
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

// BenchmarkPerfEvents reads records that are there: an operation is a record.
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
