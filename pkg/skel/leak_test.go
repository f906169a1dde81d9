package skel_test

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// residentKB returns the size of the process's memory, after Go has released unused
// memory.
func residentKB(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			must(t, err)
			return n
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

func mappings(t *testing.T) int {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	must(t, err)
	return strings.Count(string(maps), "\n")
}

func testLeaks(t *testing.T, cycles int, cycle func()) {
	t.Helper()
	needRoot(t)
	for range cycles / 10 {
		cycle() // caches fill
	}
	held, maps, kB := heldResources(t), mappings(t), residentKB(t)
	for range cycles {
		cycle()
	}
	if now := heldResources(t); now != held {
		t.Errorf("the process holds %+v, before %+v", now, held)
	}
	// Go and libc may map a few arenas.
	if now := mappings(t); now > maps+8 {
		t.Errorf("%d mappings, before %d", now, maps)
	}
	if now := residentKB(t); now > kB+2048 && !testkit.Instrumented {
		t.Errorf("%d kB resident, before %d kB", now, kB)
	}
}

func TestAThousandLives(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	testLeaks(t, n, func() {
		open, err := basic.Open()
		must(t, err)
		must(t, open.Progs.Run.SetLogBuffer(1<<16))
		s, err := open.Load()
		must(t, err)
		must(t, s.Attach())
		attachAgain(t, s)
		must(t, s.Close())
	})
}

func TestAHundredFailedLoads(t *testing.T) {
	testLeaks(t, 100, func() {
		open, err := refused.Open()
		must(t, err)
		if _, err := open.Load(); err == nil {
			t.Fatal("the verifier accepted a wild pointer")
		}
	})
}
