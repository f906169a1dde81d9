//go:build linux && cgo

package ringbuf

import (
	"errors"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func loadRings(t testing.TB) *rings.Skel {
	t.Helper()
	testkit.NeedRoot(t)
	s, err := rings.OpenAndLoad()
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// runWith makes p send data, on this thread's CPU.
func runWith(t testing.TB, s *rings.Skel, p *skel.Program, data []byte) int32 {
	t.Helper()
	s.Bss.Size = uint32(copy(s.Bss.Payload[:], data))
	res, err := p.TestRun(skel.RunOptions{})
	must(t, err)
	return int32(res.Return)
}

func TestClosingTheSkeletonEndsARingLoop(t *testing.T) {
	s := loadRings(t)
	r := kernelReader(t, s.Maps.Ring)
	done := inBackground(t.Context(), r)
	must(t, s.Close())
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
		must(t, s.Close())
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
		must(t, err)
		must(t, r.Close())
	}
}
