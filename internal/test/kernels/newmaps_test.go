package kernels

import (
	"errors"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/kernels/newmaps"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// TestNewKindsOfMap uses the kinds of map that 7.x kernels brought, and requires an
// older kernel to refuse them.
func TestNewKindsOfMap(t *testing.T) {
	needRoot(t)
	open, err := newmaps.Open()
	must(t, err)
	defer open.Close()
	if kind := uapi.MapType(open.Maps.Resizable.Type()); kind != uapi.MapTypeRHash {
		t.Fatalf("the object has a map of type %v", kind)
	}
	s, err := open.Load()
	if !testkit.KernelHas(t, 7, 2) {
		if !errors.Is(err, syscall.EINVAL) {
			t.Fatalf("an older kernel returned %v", err)
		}
		return
	}
	must(t, err)
	defer s.Close()
	resizable(t, s.Maps.Resizable)
	key := uint32(2)
	must(t, s.Maps.Insns.Update(&key, &newmaps.Insn{OrigOff: 7}))
	if insn, err := s.Maps.Insns.Lookup(&key); err != nil || insn.OrigOff != 7 {
		t.Errorf("element 2 is %+v: %v", insn, err)
	}
}

// resizable uses all methods of a map with keys and values.
func resizable(t *testing.T, m *skel.Map[uint32, uint64]) {
	for key := range uint32(50) {
		value := uint64(key) * 3
		must(t, m.Update(&key, &value, skel.NoExist))
	}
	sum, it := uint64(0), m.Iter()
	for _, value := range it.All() {
		sum += value
	}
	if it.Err() != nil || sum != 49*50/2*3 {
		t.Errorf("the values add up to %d: %v", sum, it.Err())
	}
	key := uint32(10)
	if value, err := m.Lookup(&key); err != nil || value != 30 {
		t.Errorf("element 10 is %d: %v", value, err)
	}
	must(t, m.Delete(&key))
	if _, err := m.Lookup(&key); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("a look-up after Delete returned %v", err)
	}
}
