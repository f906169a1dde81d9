package kernels

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// TestWholeLife tests the promises of skeletons on every kernel: globals set before
// load, memory shared while it runs at the same address, maps and a ring buffer by
// their types, and nothing left after Close.
func TestWholeLife(t *testing.T) {
	needRoot(t)
	open, err := plain.Open()
	must(t, err)
	defer open.Close()
	open.Rodata.Step = 5
	open.Data.Total = 1000
	data := open.Data
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if s.Data != data {
		t.Errorf(".data moved from %p to %p", data, s.Data)
	}
	if s.Rodata.Step() != 5 || s.Data.Total != 1000 {
		t.Errorf("step %d and total %d did not survive load", s.Rodata.Step(), s.Data.Total)
	}
	must(t, s.Attach())
	makeSystemCallsUntil(func() bool { return s.Bss.Calls > 0 })
	if s.Bss.Calls == 0 || s.Data.Total < 1005 || s.Data.Total%5 != 0 {
		t.Errorf("%d calls made the total %d", s.Bss.Calls, s.Data.Total)
	}
	pid := uint32(testkit.PID())
	if step, err := s.Maps.Seen.Lookup(&pid); err != nil || step != 5 {
		t.Errorf("the map has %d: %v", step, err)
	}
	readOne(t, s)
	must(t, s.Detach())
	calls := s.Bss.Calls
	unix.Getppid()
	if s.Bss.Calls != calls {
		t.Error("the program runs after Detach")
	}
	must(t, s.Close())
	if s.Data != nil || s.Bss != nil {
		t.Error("section pointers after Close")
	}
	if _, err := s.Maps.Seen.Lookup(&pid); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("a look-up after Close: error %v", err)
	}
	if !t.Failed() {
		record("globals, maps, ring buffer", "yes")
	}
}

func readOne(t *testing.T, s *plain.Skel) {
	t.Helper()
	r, err := ringbuf.NewReader(s.Maps.Events)
	must(t, err)
	defer r.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for step, err := range ringbuf.Events[uint64](ctx, r) {
		if err != nil || *step != 5 {
			t.Errorf("the ring buffer: error %v", err)
		}
		return
	}
	t.Error("no record came")
}
