//go:build linux && cgo

package ringbuf

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func TestPerfReadersThatWouldMissRecordsAreRefused(t *testing.T) {
	s := loadRings(t)
	possible, err := readCPUs(possibleCPUs)
	must(t, err)
	last := slices.Max(possible)
	page := os.Getpagesize()
	for name, c := range map[string]struct {
		m     skel.Descriptor
		pages int
		every uint32
		want  string // in the error; "" if there is none
	}{
		"no wake-up": {s.Maps.Perf, 8, 0, "from 1 to"},
		"a wake-up that no ring of this size has": {s.Maps.Perf, 1, uint32(page/16) + 1, fmt.Sprintf("from 1 to %d", page/16)},
		"the last that has":                       {s.Maps.Perf, 1, uint32(page / 16), ""},
		"the largest number":                      {s.Maps.Perf, 8, math.MaxUint32, "from 1 to"},
		"less than a page":                        {s.Maps.Perf, 0, 1, "power of two"},
		"fewer pages than none":                   {s.Maps.Perf, -4, 1, "power of two"},
		"the least number of pages":               {s.Maps.Perf, math.MinInt, 1, "power of two"},
		"entries for all CPUs but the last":       {createMap(t, uint32(uapi.MapTypePerfEventArray), 4, 4, uint32(max(last, 1)), 0), 1, 1, map[bool]string{true: "remove max_entries"}[last > 0]},
		"entries for all CPUs":                    {createMap(t, uint32(uapi.MapTypePerfEventArray), 4, 4, uint32(last)+1, 0), 1, 1, ""},
		"an array":                                {createMap(t, mapArray, 4, 4, 128, 0), 1, 1, "not a perf event array"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewPerfReader(c.m, c.pages, WithWakeUpEvery(c.every))
			if err == nil {
				must(t, r.Close())
			}
			if (err == nil) != (c.want == "") || err != nil && (!errors.Is(err, unix.EINVAL) || !strings.Contains(err.Error(), c.want)) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestNegativePollIntervalsAreRefused(t *testing.T) {
	r := fakeReader(t, newFakeRing(t, 4096, 0))
	must(t, r.SetPollInterval(time.Hour))
	if err := r.SetPollInterval(-1); !errors.Is(err, unix.EINVAL) || r.interval != time.Hour {
		t.Fatalf("got %v, and an interval of %v", err, r.interval)
	}
}

func TestListsOfCPUs(t *testing.T) {
	for list, want := range map[string][]int{
		"0": {0}, "0-3": {0, 1, 2, 3}, "0,2-3,8": {0, 2, 3, 8},
		"": nil, "1-": nil, "3-1": nil, "0-70000": nil, "-1": nil, "a": nil, "0,": nil,
	} {
		got, err := parseCPUs(list)
		if (err != nil) != (want == nil) || err == nil && !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v", list, got, err)
		}
	}
}

func TestMessagesAboutCPUs(t *testing.T) {
	const tail = "\x00ACTION=online\x00DEVPATH=/devices/system/cpu/cpu12\x00"
	for message, want := range map[string]int{
		"online@/devices/system/cpu/cpu12" + tail:  12,
		"offline@/devices/system/cpu/cpu12" + tail: -1,
		"add@/devices/system/cpu/cpu12" + tail:     -1,
		"online@/devices/system/memory/memory3":    -1,
		"online@/devices/system/cpu/cpu":           -1,
		"":                                         -1,
	} {
		if cpu, is := cpuOnline([]byte(message)); is != (want >= 0) || is && cpu != want {
			t.Errorf("%.30q: got %d, %v", message, cpu, is)
		}
	}
}

// A CPU that is reported while its ring is in use gets another one: none of its records
// is lost or out of order, and the old ring is freed.
func TestRingsAreReplacedWithoutALoss(t *testing.T) {
	onCPU(t, 0)
	s := loadRings(t)
	r := perfReader(t, s, 8)
	before := descriptors(t)
	var got []uint32
	sent := uint32(0)
	send := func(records int) {
		for range records {
			if rc := runWith(t, s, s.Progs.RunPerf, number(sent, 64)); rc != 0 {
				t.Fatalf("record %d: %d", sent, rc)
			}
			sent++
		}
	}
	for range 20 {
		send(100)
		for range 3 {
			fd, err := r.buffer.add(0)
			must(t, err)
			must(t, r.epoll.watchRead(fd))
			send(10)
		}
		for rec, err := range r.Consume() {
			must(t, err)
			if rec.CPU != 0 || rec.Lost != 0 {
				t.Fatalf("a record of CPU %d, %d lost", rec.CPU, rec.Lost)
			}
			got = append(got, numberOf(rec.Data))
		}
	}
	for i, n := range got {
		if int(n) != i {
			t.Fatalf("record %d came as the %dth", n, i)
		}
	}
	// The last ring has its own event and epoll, and the map's descriptor.
	if n := descriptors(t) - before; len(got) != int(sent) || n > 3 {
		t.Fatalf("%d of %d records came, and %d more descriptors are open", len(got), sent, n)
	}
}

// onCPU keeps the goroutine on a thread of the given CPU.
func onCPU(t testing.TB, cpu int) {
	t.Helper()
	onOneCPU(t)
	var old, set unix.CPUSet
	must(t, unix.SchedGetaffinity(0, &old))
	set.Set(cpu)
	must(t, unix.SchedSetaffinity(0, &set))
	t.Cleanup(func() { _ = unix.SchedSetaffinity(0, &old) })
}

const secondCPU = "/sys/devices/system/cpu/cpu1/online"

func setSecondCPU(t *testing.T, state string) {
	t.Helper()
	must(t, os.WriteFile(secondCPU, []byte(state), 0))
}

func TestGuestPerfReaderPicksUpCPUs(t *testing.T) {
	if os.Getenv("BPFSKEL_GUEST") == "" || runtime.NumCPU() < 2 {
		t.Skip("needs a guest of make test-vm with two CPUs")
	}
	s := loadRings(t)
	t.Cleanup(func() { _ = os.WriteFile(secondCPU, []byte("1"), 0) })

	setSecondCPU(t, "0")
	r := perfReader(t, s, 8)
	if n := r.buffer.ringCount(); n != 1 {
		t.Fatalf("%d rings with one CPU up", n)
	}
	up := func() { setSecondCPU(t, "1") }
	t.Run("one that was down, by the next loop", func(t *testing.T) { fromSecondCPU(t, s, r, false, up) })
	changes := map[string]func(){
		"a CPU that goes offline and comes back": func() {
			setSecondCPU(t, "0")
			time.Sleep(1500 * time.Millisecond)
			setSecondCPU(t, "1")
		},
		"one that is back at once": func() {
			setSecondCPU(t, "0")
			setSecondCPU(t, "1")
		},
	}
	for name, change := range changes {
		t.Run(name+", beside a loop that waits", func(t *testing.T) { fromSecondCPU(t, s, r, true, change) })
		t.Run(name+", between loops", func(t *testing.T) { fromSecondCPU(t, s, r, false, change) })
	}
	t.Run("a reader that was made later", func(t *testing.T) {
		must(t, r.Close())
		r = perfReader(t, s, 8)
		fromSecondCPU(t, s, r, true, func() {})
	})
}

// fromSecondCPU checks that a record of the second CPU arrives after a change, in a
// loop that waited meanwhile or in the next one.
func fromSecondCPU(t *testing.T, s *rings.Skel, r *PerfReader, waits bool, change func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got := make(chan error, 1)
	if waits {
		go func() {
			for rec, err := range r.Records(ctx) {
				if err != nil || rec.CPU == 1 {
					got <- err
					return
				}
			}
		}()
		time.Sleep(100 * time.Millisecond)
	}
	change()
	if !waits {
		for _, err := range r.Consume() {
			must(t, err)
		}
	}
	onCPU(t, 1)
	for rc := int32(-1); rc != 0; time.Sleep(10 * time.Millisecond) {
		if rc = runWith(t, s, s.Progs.RunPerf, number(7, 8)); rc != 0 && (!waits || ctx.Err() != nil) {
			t.Fatalf("the program cannot send from the second CPU: %d", rc)
		}
	}
	if waits {
		must(t, <-got)
		return
	}
	for rec, err := range r.Consume() {
		must(t, err)
		if rec.CPU == 1 {
			return
		}
	}
	t.Fatal("no record of the second CPU")
}
