//go:build linux && cgo

package ringbuf

import (
	"errors"
	"io"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// A second reader or writer of a map would read records that the first still has in its
// loop body, or leave the first without records; it is refused until the first is
// closed.
func TestAMapHasOneReader(t *testing.T) {
	s := loadRings(t)
	for _, c := range []struct {
		name string
		open func() (io.Closer, error)
	}{
		{"ring buffer", func() (io.Closer, error) { return NewReader(s.Maps.Ring) }},
		{"ring buffer by its fd", func() (io.Closer, error) { return NewReader(skel.FD(s.Maps.Ring.FD())) }},
		{"perf buffer", func() (io.Closer, error) { return NewPerfReader(s.Maps.Perf, 1) }},
		{"user ring buffer", func() (io.Closer, error) { return NewWriter(s.Maps.User) }},
	} {
		for range 2 {
			first, err := c.open()
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if _, err := c.open(); !errors.Is(err, syscall.EBUSY) {
				t.Errorf("%s: a second one returned %v", c.name, err)
			}
			must(t, first.Close())
		}
	}
	if _, err := NewReader(s.Maps.Ring, s.Maps.Ring); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("the same ring twice: error %v", err)
	}
	first, err := NewReader(s.Maps.Ring)
	if err != nil {
		t.Fatalf("after an attempt that failed: %v", err)
	}
	must(t, first.Close())
}
