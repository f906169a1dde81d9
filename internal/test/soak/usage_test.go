package soak

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// usage is the resources that the process holds at one moment.
type usage struct {
	descriptors, mappings, residentKB, goroutines int
}

func (u usage) String() string {
	return fmt.Sprintf("%d descriptors, %d mappings, %d kB, %d goroutines", u.descriptors, u.mappings, u.residentKB, u.goroutines)
}

// grownFrom allows for threads and arenas that Go and libc make at any time.
func (u usage) grownFrom(before usage) bool {
	const arenas, kB = 32, 4096
	return u.descriptors > before.descriptors || u.goroutines > before.goroutines ||
		u.mappings > before.mappings+arenas || u.residentKB > before.residentKB+kB
}

func sample(t *testing.T) (u usage) {
	debug.FreeOSMemory()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	u = usage{descriptors: len(fds), mappings: strings.Count(string(maps), "\n"), goroutines: runtime.NumGoroutine()}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			if u.residentKB, err = strconv.Atoi(strings.Fields(rest)[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return u
}

func TestGrownFrom(t *testing.T) {
	before := usage{descriptors: 10, mappings: 100, residentKB: 10000, goroutines: 15}
	for _, c := range []struct {
		name  string
		after usage
		want  bool
	}{
		{"the same", before, false},
		{"an arena and some pages more", usage{10, 110, 11000, 15}, false},
		{"less", usage{9, 90, 9000, 14}, false},
		{"one descriptor more", usage{11, 100, 10000, 15}, true},
		{"one goroutine more", usage{10, 100, 10000, 16}, true},
		{"a mapping for each of many lives", usage{10, 200, 10000, 15}, true},
		{"megabytes more", usage{10, 100, 20000, 15}, true},
	} {
		if got := c.after.grownFrom(before); got != c.want {
			t.Errorf("%s: grown is %v", c.name, got)
		}
	}
}
