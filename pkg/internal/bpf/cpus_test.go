package bpf

import (
	"errors"
	"runtime"
	"testing"
)

func TestCountCPUs(t *testing.T) {
	for list, want := range map[string]int{
		"0\n": 1, "0-3\n": 4, "0-3,8\n": 5, "0,2,4-7": 6, "1-2,5-5\n": 3, "0-1023\n": 1024,
	} {
		if n, err := countCPUs(list); n != want || err != nil {
			t.Errorf("%q: %d, %v; want %d", list, n, err, want)
		}
	}
	for _, list := range []string{"", "\n", "a", "0-", "-1", "3-1", "0-3,2", "0 1", "0-3-5", "99999999999999999999"} {
		if n, err := countCPUs(list); err != error(errInvalid) {
			t.Errorf("%q: %d, %v", list, n, err)
		}
	}
}

func TestNumPossibleCPUs(t *testing.T) {
	n, err := NumPossibleCPUs()
	if runtime.GOOS != "linux" {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%d, %v", n, err)
		}
		return
	}
	if err != nil || n < runtime.NumCPU() {
		t.Errorf("%d of %d CPUs, %v", n, runtime.NumCPU(), err)
	}
	if n := testing.AllocsPerRun(10, func() { NumPossibleCPUs() }); n != 0 {
		t.Errorf("%v allocations the second time", n)
	}
}
