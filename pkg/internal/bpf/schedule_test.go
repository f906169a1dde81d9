//go:build linux

package bpf

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A call that copies 64 MiB takes milliseconds, in which the world can be stopped, and
// other goroutines run, many times.
func TestLargeValuesLetOthersRun(t *testing.T) {
	needKernel(t, 5, 11, "its arrays have values of any size")
	spec := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 64 << 20, MaxEntries: 1}
	e := elemsOf(newMap(t, &spec), &spec)
	value := make([]byte, spec.ValueSize)
	key := uint32(0)

	var call atomic.Int64 // odd within a call
	quit, most := make(chan bool), make(chan int)
	go func() { most <- stopTheWorldUntil(&call, quit) }()
	for range 3 {
		call.Add(1)
		errno := e.Call(uapi.CmdMapLookupElem, at(&key), mem.Of(value), 0)
		call.Add(1)
		if errno != 0 {
			t.Fatal(errno)
		}
	}
	close(quit)
	// A quick call allows one stop, when it ends, and maybe one more.
	if n := <-most; n < 5 {
		t.Errorf("the world was stopped %d times in a call", n)
	}
}

// stopTheWorldUntil repeatedly stops and starts the world until quit is closed, and
// returns the largest number of stops within one call.
func stopTheWorldUntil(call *atomic.Int64, quit chan bool) (most int) {
	var stats runtime.MemStats
	within := map[int64]int{}
	for {
		select {
		case <-quit:
			return most
		case <-time.After(100 * time.Microsecond):
		}
		before := call.Load()
		runtime.ReadMemStats(&stats)
		if before%2 == 1 && call.Load() == before {
			within[before]++
			most = max(most, within[before])
		}
	}
}
