package skel_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/elements"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func loadElements(t *testing.T) *elements.Skel {
	t.Helper()
	needKernel(t, 6, 2, "earlier ones take no elements with locks")
	needRoot(t)
	open, err := elements.Open()
	must(t, err)
	t.Cleanup(func() { open.Close() })
	must(t, open.Maps.Late.SetAutocreate(false))
	s, err := open.Load()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// putElement makes an element and puts it into its map of maps.
func putElement(t *testing.T, m *skel.MapOfMaps[uint32], opts ...skel.CreateOption) *skel.MapHandle {
	t.Helper()
	e, err := m.Create(opts...)
	must(t, err)
	t.Cleanup(func() { e.Close() })
	if err := m.Update(ptr(uint32(1)), e); err != nil {
		t.Errorf("an element of %s: %v", m.Name(), err)
	}
	return e
}

func TestElementsHaveAllThatTheirTemplateHas(t *testing.T) {
	s := loadElements(t)
	locked := skel.TypedMap[uint32, elements.Locked](putElement(t, s.Maps.Locks))
	must(t, locked.Update(ptr(uint32(1)), &elements.Locked{N: 3}, skel.Lock))
	putElement(t, s.Maps.Timers)
	const numaAndNoPrealloc = 1<<2 | 1<<0
	for _, c := range []struct {
		m       *skel.MapOfMaps[uint32]
		name    string
		entries int
		flags   uapi.MapFlags
		extra   uint64
		typed   bool
	}{
		{s.Maps.Locks, "locks.inner", 8, 0, 0, true},
		{s.Maps.Timers, "timers.inner", 8, 0, 0, true},
		{s.Maps.Plains, "plains.inner", 8, numaAndNoPrealloc, 0, true},
		{s.Maps.Blooms, "blooms.inner", 100, 0, 3, true},
		{s.Maps.Rings, "rings.inner", 4096, 0, 0, false},
		{s.Maps.Events, "events.inner", possibleCPUs(t), 0, 0, false},
	} {
		got, err := putElement(t, c.m).Info()
		must(t, err)
		if got.Name != c.name || int(got.MaxEntries) != c.entries || got.Flags != c.flags || got.Extra != c.extra || (got.BTFValue != 0) != c.typed {
			t.Errorf("an element of %s is %+v", c.m.Name(), got)
		}
	}
}

func TestElementsOfAnotherSize(t *testing.T) {
	s := loadElements(t)
	for m, n := range map[*skel.MapOfMaps[uint32]]int{s.Maps.Locks: 1, s.Maps.Plains: 1000, s.Maps.Sized: 9, s.Maps.Rings: 1 << 16, s.Maps.Fixed: 8} {
		e := putElement(t, m, skel.WithMaxEntries(n), skel.WithMapName("tenant"))
		if e.MaxEntries() != n || e.Name() != "tenant" {
			t.Errorf("an element of %s is %s, with %d entries, want %d", m.Name(), e.Name(), e.MaxEntries(), n)
		}
	}
	tooMany := int64(1<<32 + 8) // no constant: this compiles where an int has 32 bits, too
	for name, opt := range map[string]skel.CreateOption{
		"no entries": skel.WithMaxEntries(0), "fewer": skel.WithMaxEntries(-1), "too many": skel.WithMaxEntries(int(tooMany)),
		"a long name": skel.WithMapName("sixteen_letters_"),
	} {
		if _, err := s.Maps.Sized.Create(opt); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	if _, err := s.Maps.Fixed.Create(skel.WithMaxEntries(9)); !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "BPF_F_INNER_MAP") {
		t.Errorf("an array of another size: error %v", err)
	}
}

func TestElementsLikeAMapThatIsSet(t *testing.T) {
	like := loadElements(t)
	open, err := elements.Open()
	must(t, err)
	defer open.Close()
	own, err := skel.MapFromFD(like.Maps.Lock.FD())
	must(t, err)
	must(t, open.Maps.Late.SetInner(own))
	must(t, own.Close())
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	e, err := s.Maps.Late.Create()
	must(t, err)
	defer e.Close()
	must(t, s.Maps.Late.Update(&[4]byte{1}, e))
	must(t, skel.TypedMap[uint32, elements.Locked](e).Update(ptr(uint32(1)), &elements.Locked{N: 3}, skel.Lock))
}

func TestAMapOfMapsWithoutATemplate(t *testing.T) {
	s := loadElements(t)
	_, err := s.Maps.Late.Create()
	if err == nil || !errors.Is(err, syscall.EBADF) {
		t.Errorf("Create of a map that is not in the object returned %v", err)
	}
	open, err := elements.Open()
	must(t, err)
	if _, err = open.Load(); err == nil || !strings.Contains(err.Error(), "map late: load: ") || !strings.Contains(err.Error(), "__array(values, ...)") {
		t.Errorf("Load returned %v", err)
	}
}
