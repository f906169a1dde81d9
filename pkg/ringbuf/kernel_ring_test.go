//go:build linux

package ringbuf

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/pkg/skel"
	"golang.org/x/sys/unix"
)

func kernelReader(t testing.TB, maps ...skel.Descriptor) *Reader {
	t.Helper()
	r, err := NewReader(maps...)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

func TestKernelRecordsOfAllSizesAcrossTheRingsEnd(t *testing.T) {
	m := createRing(t, 4096)
	p, r := outputTo(t, m), kernelReader(t, m)
	for size := 1; size < 3900; size += 13 {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(i + size)
		}
		p.send(want, 0)
		n := 0
		for rec, err := range r.Consume() {
			must(t, err)
			if n++; !slices.Equal(rec.Data, want) {
				t.Fatalf("a record of %d bytes came as one of %d or with other bytes", size, len(rec.Data))
			}
		}
		if n != 1 {
			t.Fatalf("%d records of %d bytes, want 1", n, size)
		}
	}
}

func TestKernelFullRingAndSlowConsumer(t *testing.T) {
	m := createRing(t, 4096)
	p, r := outputTo(t, m), kernelReader(t, m)
	record := number(1, 32)
	fill := func() (n int) {
		for p.run(record, 0) == 0 {
			n++
		}
		return n
	}
	first := fill()
	if rc := p.run(record, 0); rc != -int32(unix.EAGAIN) {
		t.Fatalf("a full ring answers %d", rc)
	}
	got, later := 0, 0
	for _, err := range r.Records(t.Context()) {
		must(t, err)
		got++
		if got < first {
			later += fill()
		} else if got == first+later {
			break
		}
	}
	if later < first/2 {
		t.Fatalf("%d records fit at first, %d while these were read", first, later)
	}
	if _, unread, _ := r.Ring(0); unread != 0 {
		t.Fatalf("%d bytes are unread", unread)
	}
}

func TestKernelDiscardedRecords(t *testing.T) {
	m := createRing(t, 4096)
	p, d, r := outputTo(t, m), discardRecord(t, m), kernelReader(t, m)
	var want []uint32
	for n := range uint32(500) {
		if n%3 == 0 {
			p.send(number(n, 8), 0)
			want = append(want, n)
		} else {
			d.run(nil, 0)
		}
		if n%50 == 49 {
			expect(t, drain(t, r), want...)
			want = nil
		}
	}
}

func TestKernelManyProducers(t *testing.T) {
	const producers, each = 6, 3000
	m := createRing(t, 4096)
	r := kernelReader(t, m)
	var full atomic.Int64
	for id := range uint32(producers) {
		p := outputTo(t, m)
		go func() {
			for n := range uint32(each) {
				for p.run(number(id<<24|n, 4+int(n)%60), 0) != 0 {
					full.Add(1)
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
		id := n >> 24
		if next[id] != n&0xffffff {
			t.Fatalf("record %d of producer %d, want %d", n&0xffffff, id, next[id])
		}
		next[id]++
		if left--; left == 0 {
			break
		}
	}
	t.Logf("the ring was full %d times", full.Load())
}

// receive passes on the numbers of records until the reader is closed.
func receive(r *Reader) <-chan uint32 {
	got := make(chan uint32)
	go func() {
		defer close(got)
		for rec, err := range r.Records(context.Background()) {
			if err != nil {
				return
			}
			got <- numberOf(rec.Data)
		}
	}()
	time.Sleep(20 * time.Millisecond)
	return got
}

func TestKernelWakeUps(t *testing.T) {
	m := createRing(t, 4096)
	p, r := outputTo(t, m), kernelReader(t, m)
	got := receive(r)
	for n := range uint32(100) {
		p.send(number(n, 8), 0)
		if got := soon(t, got); got != n {
			t.Fatalf("got record %d, want %d", got, n)
		}
	}
	sleeps := false
	for try := 0; try < 10 && !sleeps; try++ {
		// On a busy machine the reader may not have gone to sleep yet.
		time.Sleep(time.Duration(10<<try) * time.Millisecond)
		p.send(number(7, 8), flagNoWakeup)
		select {
		case <-got:
		case <-time.After(50 * time.Millisecond):
			sleeps = true
		}
	}
	if !sleeps {
		t.Fatal("records without a wake-up are seen at once")
	}
	p.send(number(8, 8), flagForceWakeup)
	if a, b := soon(t, got), soon(t, got); a != 7 || b != 8 {
		t.Fatalf("got records %d and %d, want 7 and 8", a, b)
	}
	must(t, r.SetPollInterval(time.Millisecond))
	p.send(number(9, 8), flagNoWakeup)
	if n := soon(t, got); n != 9 {
		t.Fatalf("got record %d", n)
	}
	must(t, r.Close())
	soon(t, got)
}

func TestKernelSeveralRings(t *testing.T) {
	var maps []skel.Descriptor
	var producers []producer
	for range 3 {
		m := createRing(t, 4096)
		maps, producers = append(maps, m), append(producers, outputTo(t, m))
	}
	r := kernelReader(t, maps...)
	for i, p := range producers {
		p.send(number(uint32(i), 8), 0)
	}
	n := 0
	for rec, err := range r.Records(t.Context()) {
		must(t, err)
		i := numberOf(rec.Data)
		if int(i)%3 != rec.Ring {
			t.Fatalf("record %d came as one of ring %d", i, rec.Ring)
		}
		if n++; n == 30 {
			break
		}
		producers[(i+1)%3].send(number(i+1, 8), 0)
	}
}

func TestKernelMapsThatAreNotRings(t *testing.T) {
	ring := createRing(t, 4096)
	file, err := os.Open("/dev/null")
	must(t, err)
	defer file.Close()
	for name, c := range map[string]struct {
		maps []skel.Descriptor
		want error
		text string
	}{
		"none":             {nil, unix.EINVAL, "no map"},
		"nil":              {[]skel.Descriptor{nil}, unix.EINVAL, "nil"},
		"not created":      {[]skel.Descriptor{skel.FD(-1)}, unix.EBADF, "not created"},
		"an array":         {[]skel.Descriptor{createMap(t, mapArray, 4, 4, 1, 0)}, unix.EINVAL, "not a ring buffer"},
		"not a map":        {[]skel.Descriptor{skel.FD(file.Fd())}, nil, ""},
		"the same twice":   {[]skel.Descriptor{ring, ring}, unix.EINVAL, "same map as map 0"},
		"one good, one no": {[]skel.Descriptor{ring, skel.FD(-1)}, unix.EBADF, "map 1"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(c.maps...)
			if r != nil || err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v, %v", r, err)
			}
		})
	}
}

func TestKernelReaderOutlivesTheMapsDescriptor(t *testing.T) {
	m := createRing(t, 4096)
	p := outputTo(t, m)
	own, err := unix.Dup(int(m))
	must(t, err)
	r := kernelReader(t, skel.FD(own))
	must(t, unix.Close(own))
	got := receive(r)
	p.send(number(3, 8), 0)
	if n := soon(t, got); n != 3 {
		t.Fatalf("got record %d", n)
	}
	must(t, r.Close())
	soon(t, got)
}

func TestKernelNothingIsLeftOpen(t *testing.T) {
	m := createRing(t, 4096)
	open := func() {
		r, err := NewReader(m)
		must(t, err)
		for _, err := range r.Consume() {
			must(t, err)
		}
		must(t, r.Close())
		if _, err := NewReader(m, m); err == nil {
			t.Fatal("the same map twice")
		}
	}
	open()
	fds, maps := descriptors(t), mappings(t)
	for range 100 {
		open()
	}
	if f, m := descriptors(t), mappings(t); f > fds+2 || m > maps {
		t.Fatalf("100 readers leave %d descriptors and %d mappings of rings", f-fds, m-maps)
	}
}

func descriptors(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(list)
}

func mappings(t *testing.T) int {
	maps, err := os.ReadFile("/proc/self/maps")
	must(t, err)
	return strings.Count(string(maps), "bpf-map")
}

func TestKernelClosingBesideProducersAndLoops(t *testing.T) {
	m := createRing(t, 4096)
	p := outputTo(t, m)
	for range 50 {
		r, err := NewReader(m)
		must(t, err)
		var all sync.WaitGroup
		all.Add(2)
		go func() {
			defer all.Done()
			for e, err := range Events[uint32](context.Background(), r) {
				if err == nil && *e != 5 {
					t.Errorf("got record %d", *e)
				}
			}
		}()
		go func() {
			defer all.Done()
			for range 20 {
				p.run(number(5, 8), 0)
			}
			must(t, r.Close())
		}()
		all.Wait()
	}
}

// BenchmarkEvents reads the same records repeatedly: an operation is a record, and
// every pass begins at the same position.
func BenchmarkEvents(b *testing.B) {
	m := createRing(b, 1<<20)
	p, r := outputTo(b, m), kernelReader(b, m)
	record, records := number(1, 32), 0
	for p.run(record, flagNoWakeup) == 0 {
		records++
	}
	var sum uint64
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= records {
		atomic.StoreUintptr(r.rings[0].consumer, 0)
		for e, err := range ConsumeEvents[event](r) {
			if err != nil {
				b.Fatal(err)
			}
			sum += uint64(e.Number)
		}
	}
	if passes := (b.N + records - 1) / records; sum != uint64(passes*records) {
		b.Fatalf("%d records were read in %d passes over %d", sum, passes, records)
	}
}
