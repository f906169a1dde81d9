package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/cilium/ebpf/perf"
	"github.com/cilium/ebpf/ringbuf"

	our "github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/scripts/bench/cside"
)

const (
	noWakeUp    = 1 // BPF_RB_NO_WAKEUP
	forceWakeUp = 2 // BPF_RB_FORCE_WAKEUP

	passRecords = 3000  // fit into the ring, even with 256 bytes each
	liveRecords = 60000 // of the live producer, per round
)

// sum keeps the compiler from dropping the reads.
var sum uint64

func firstWord(b []byte) uint64 { return *(*uint64)(unsafe.Pointer(unsafe.SliceData(b))) }

// source is a contender's ring buffer: the program that fills it, and the ways to read it.
type source struct {
	prog  int
	drain work // reads n records that are in the ring already
	live  work // reads n records as they come
	async bool // starts to read at the wake-up, in another goroutine
}

func rings(c *loadedObjects) ([]comparison, error) {
	var sources [viaLight]source // rings do not depend on the back end
	for who, open := range [viaLight]func(*loadedObjects) (source, error){ringOfC, ringOfOurs, ringOfCilium, ringOfLibbpfgo} {
		s, err := open(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", names[who], err)
		}
		if s.prog, err = c.fillProgram(who); err != nil {
			return nil, err
		}
		sources[who] = s
	}
	limits := [contenders]float64{inC: 1.3, viaCilium: 1. / 5, viaLibbpfgo: 1. / 30}
	var all []comparison
	for _, size := range []int{32, 256, 0} {
		name := fmt.Sprintf("ring buffer, %d bytes, ns/record", size)
		if size == 0 {
			name = "ring buffer, mixed, ns/record"
		}
		cmp := comparison{name: name, unit: 1, n: 10, each: passRecords, limits: limits}
		for who, s := range sources {
			cmp.work[who] = s.fillAndDrain(size)
		}
		all = append(all, cmp)
	}
	live := comparison{name: "ring buffer, live, ns/record", unit: 1, n: 1, each: liveRecords}
	for who, s := range sources {
		live.work[who] = func(int) (time.Duration, error) {
			join, err := cside.Produce(s.prog, liveRecords)
			if err != nil {
				return 0, err
			}
			defer join()
			return s.live(liveRecords)
		}
	}
	return append(all, live), nil
}

// fillAndDrain fills and drains the ring n times, and measures only draining. The last record wakes a reader that waits.
func (s source) fillAndDrain(size int) work {
	return func(n int) (total time.Duration, err error) {
		for range n {
			sent, err := cside.Fill(s.prog, passRecords-1, size, noWakeUp)
			if err != nil {
				return 0, err
			}
			start := time.Now()
			last, err := cside.Fill(s.prog, 1, size, forceWakeUp)
			if err != nil {
				return 0, err
			}
			if sent+last != passRecords {
				return 0, fmt.Errorf("only %d records fit", sent+last)
			}
			took, err := s.drain(passRecords)
			if err != nil {
				return 0, err
			}
			if s.async {
				took = time.Since(start)
			}
			total += took
		}
		return total, nil
	}
}

func ringOfC(c *loadedObjects) (source, error) {
	r, err := cside.NewRing(c.skel.Maps.Ring.FD())
	if err != nil {
		return source{}, err
	}
	return source{drain: r.Drain, live: r.Poll}, nil
}

type record struct{ Words [2]uint64 }

func ringOfOurs(c *loadedObjects) (source, error) {
	r, err := our.NewReader(c.skel.Maps.Ring)
	if err != nil {
		return source{}, err
	}
	drain := func(n int) (time.Duration, error) {
		start := time.Now()
		for e, err := range our.ConsumeEvents[record](r) {
			if err != nil {
				return 0, err
			}
			sum += e.Words[0]
			n--
		}
		if n != 0 {
			return 0, fmt.Errorf("%d records are missing", n)
		}
		return time.Since(start), nil
	}
	live := func(n int) (time.Duration, error) {
		start := time.Now()
		for e, err := range our.Events[record](context.Background(), r) {
			if err != nil {
				return 0, err
			}
			sum += e.Words[0]
			if n--; n == 0 {
				break
			}
		}
		return time.Since(start), nil
	}
	return source{drain: drain, live: live}, nil
}

func ringOfCilium(c *loadedObjects) (source, error) {
	r, err := ringbuf.NewReader(c.collection.Maps["ring"])
	if err != nil {
		return source{}, err
	}
	var rec ringbuf.Record
	read := func(n int) (time.Duration, error) {
		start := time.Now()
		for range n {
			if err := r.ReadInto(&rec); err != nil {
				return 0, err
			}
			sum += firstWord(rec.RawSample)
		}
		return time.Since(start), nil
	}
	return source{drain: read, live: read}, nil
}

func ringOfLibbpfgo(c *loadedObjects) (source, error) {
	records := make(chan []byte, 1024)
	r, err := c.module.InitRingBuf("ring", records)
	if err != nil {
		return source{}, err
	}
	r.Poll(300)
	receive := func(n int) (time.Duration, error) {
		start := time.Now()
		for range n {
			sum += firstWord(<-records)
		}
		return time.Since(start), nil
	}
	return source{drain: receive, live: receive, async: true}, nil
}

// perfBuffers compares reading the ring of one CPU.
func perfBuffers(c *loadedObjects) ([]comparison, error) {
	const pages, records = 64, 4000
	send := func(n int) error {
		for range n {
			if _, err := c.skel.Progs.FillPerf.TestRun(skel.RunOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
	cmp := comparison{name: "perf buffer, 32 bytes, ns/record", unit: 1, n: 5, each: records}
	cmp.work[inC] = func(n int) (total time.Duration, err error) {
		p, err := cside.NewPerf(c.skel.Maps.Perf.FD(), pages)
		if err != nil {
			return 0, err
		}
		defer p.Close()
		return onOneCPU(n, func() (time.Duration, error) {
			if err := send(records); err != nil {
				return 0, err
			}
			return p.Drain(records)
		})
	}
	cmp.work[ours] = func(n int) (total time.Duration, err error) {
		p, err := our.NewPerfReader(c.skel.Maps.Perf, pages)
		if err != nil {
			return 0, err
		}
		defer p.Close()
		return onOneCPU(n, func() (time.Duration, error) {
			if err := send(records); err != nil {
				return 0, err
			}
			start := time.Now()
			left := records
			for e, err := range our.ConsumePerfEvents[record](p) {
				if err != nil {
					return 0, err
				}
				sum += e.Words[0]
				left--
			}
			if left != 0 {
				return 0, fmt.Errorf("%d records are missing", left)
			}
			return time.Since(start), nil
		})
	}
	cmp.work[viaCilium] = func(n int) (total time.Duration, err error) {
		m, err := copyMap(c.skel.Maps.Perf.FD())
		if err != nil {
			return 0, err
		}
		defer m.Close()
		p, err := perf.NewReader(m, pages*4096)
		if err != nil {
			return 0, err
		}
		defer p.Close()
		var rec perf.Record
		return onOneCPU(n, func() (time.Duration, error) {
			if err := send(records); err != nil {
				return 0, err
			}
			start := time.Now()
			for range records {
				if err := p.ReadInto(&rec); err != nil {
					return 0, err
				}
				sum += firstWord(rec.RawSample)
			}
			return time.Since(start), nil
		})
	}
	cmp.work[viaLibbpfgo] = func(n int) (total time.Duration, err error) {
		return perfOfLibbpfgo(c, n, pages, records)
	}
	return []comparison{cmp}, nil
}

func perfOfLibbpfgo(c *loadedObjects, n, pages, records int) (time.Duration, error) {
	prog, err := c.module.GetProgram("fill_perf")
	if err != nil {
		return 0, err
	}
	return onOneCPU(n, func() (time.Duration, error) {
		events := make(chan []byte, 1024)
		p, err := c.module.InitPerfBuf("perf", events, nil, pages)
		if err != nil {
			return 0, err
		}
		defer p.Close()
		for range records {
			if _, err := cside.Fill(prog.FileDescriptor(), 0, 0, 0); err != nil {
				return 0, err
			}
		}
		start := time.Now()
		p.Poll(300)
		for range records {
			sum += firstWord(<-events)
		}
		return time.Since(start), nil
	})
}

// onOneCPU adds up n times, without moving to another thread.
func onOneCPU(n int, f func() (time.Duration, error)) (total time.Duration, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range n {
		took, err := f()
		if err != nil {
			return 0, err
		}
		total += took
	}
	return total, nil
}
