package skel_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/relaxed"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestRelaxedMaps(t *testing.T) {
	needLibbpf(t, "maps with attributes of the future")
	needRoot(t)
	if _, err := relaxed.Open(); !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "unknown field 'map_extrb'") {
		t.Errorf("an attribute of the future: error %v", err)
	}
	s, err := relaxed.OpenAndLoad(skel.WithRelaxedMaps())
	must(t, err)
	defer s.Close()
	if n, err := s.Maps.Numbers.Len(); err != nil || n != 3 {
		t.Errorf("%d elements, %v", n, err)
	}
}

func TestMapAttributesReachTheKernel(t *testing.T) {
	const numaNode, hashFunctions = 1 << 2, 3 // BPF_F_NUMA_NODE, those of a bloom filter
	s := loadKinds(t, func(open *kinds.OpenSkel) {
		m := open.Maps.Array
		if !m.Autocreate() || m.NUMANode() != 0 {
			t.Errorf("autocreate %v, node %d", m.Autocreate(), m.NUMANode())
		}
		must(t, m.SetFlags(numaNode))
		must(t, m.SetNUMANode(0))
		must(t, open.Maps.Lru.SetFlags(numaNode))
		must(t, open.Maps.Lru.SetNUMANode(0))
		must(t, open.Maps.Bloom.SetExtra(hashFunctions))
		if open.Maps.Bloom.Extra() != hashFunctions {
			t.Errorf("map_extra is %d", open.Maps.Bloom.Extra())
		}
	})
	if info, err := s.Maps.Array.Info(); err != nil || info.Flags&numaNode == 0 {
		t.Errorf("the kernel has %+v, %v", info, err)
	}
	if info, err := s.Maps.Bloom.Info(); err != nil || info.Extra != hashFunctions {
		t.Errorf("the kernel has %+v, %v", info, err)
	}
	open, err := kinds.Open()
	must(t, err)
	must(t, open.Maps.Array.SetFlags(numaNode))
	must(t, open.Maps.Array.SetNUMANode(1<<20))
	if _, err := open.Load(); !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "kinds_bpf: map array: load: ") {
		t.Errorf("a node that does not exist: error %v", err)
	}
}

func TestSetInner(t *testing.T) {
	like, err := kinds.OpenAndLoad()
	must(t, err)
	defer like.Close()
	s := loadKinds(t, func(open *kinds.OpenSkel) {
		must(t, open.Maps.OuterArray.SetAutocreate(true))
		must(t, open.Maps.OuterHash.SetInner(like.Maps.Lru))
		if err := open.Maps.OuterHash.SetInner(fakeFD(-1)); !errors.Is(err, syscall.EBADF) {
			t.Errorf("no map: error %v", err)
		}
	})
	inner, err := s.Maps.OuterHash.Create()
	must(t, err)
	defer inner.Close()
	want, err := like.Maps.Lru.Info()
	must(t, err)
	if got, err := inner.Info(); err != nil || got.Type != want.Type || got.MaxEntries != want.MaxEntries {
		t.Errorf("the inner map is %+v, %v, want one like %+v", got, err, want)
	}
	must(t, s.Maps.OuterHash.Update(&kinds.Key{Id: 1}, inner))
	if err := s.Maps.OuterHash.Update(&kinds.Key{Id: 2}, s.Maps.Array); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a map of another kind: error %v", err)
	}
}

func TestMapsByID(t *testing.T) {
	s := loadKinds(t)
	key := uint32(0)
	id, err := s.Maps.OuterArray.LookupID(&key)
	must(t, err)
	m, err := skel.MapByID(id)
	must(t, err)
	defer m.Close()
	if first, err := s.Maps.First.Info(); err != nil || first.ID != id || m.Name() != "first" {
		t.Errorf("map %d is %s, but first has id %d, %v", id, m.Name(), first.ID, err)
	}
	if _, err := skel.MapByID(1 << 31); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("an id that nobody has: error %v", err)
	}
	must(t, s.Maps.OuterArray.Delete(&key))
	if _, err := s.Maps.OuterArray.LookupID(&key); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("a link that is not attached: error %v", err)
	}
}

func TestFreeze(t *testing.T) {
	s := loadKinds(t)
	key, value := uint32(1), kinds.Value{Count: 3}
	must(t, s.Maps.Array.Update(&key, &value))
	must(t, s.Maps.Array.Freeze())
	if err := s.Maps.Array.Update(&key, &value); !errors.Is(err, syscall.EPERM) {
		t.Errorf("an update returned %v", err)
	}
	if got, err := s.Maps.Array.Lookup(&key); err != nil || got != value {
		t.Errorf("a look-up returned %v, %v", got, err)
	}
	if err := s.Maps.Array.Freeze(); !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EBUSY) {
		t.Errorf("the second time: error %v", err)
	}
}

func TestFDsAsMapValues(t *testing.T) {
	s := loadKinds(t)
	info, err := s.Progs.Target.Info()
	must(t, err)
	must(t, s.Maps.Jumps.UpdateFD(1, s.Progs.Target.FD()))
	if id, err := s.Maps.Jumps.LookupID(1); err != nil || id != info.ID {
		t.Errorf("program %d is attached, want %d; %v", id, info.ID, err)
	}
	event := clockEvent(t)
	must(t, s.Maps.Events.UpdateFD(0, event))
	must(t, s.Maps.Events.Delete(0))
	if err := s.Maps.Events.UpdateFD(0, s.Maps.Hash.FD()); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.EBADF) {
		t.Errorf("a file descriptor that is not a perf event: error %v", err)
	}
	if err := s.Maps.Jumps.UpdateFD(9, s.Progs.Target.FD()); !errors.Is(err, syscall.E2BIG) {
		t.Errorf("an index beyond the end: error %v", err)
	}
}

// Other users of a skeleton are stopped before anything is freed.
func TestOnClose(t *testing.T) {
	s, err := kinds.OpenAndLoad()
	must(t, err)
	var fds []int
	note := func() { fds = append(fds, s.Maps.Hash.FD()) }
	s.OnClose(note)
	s.Maps.Hash.OnClose(note)
	stop := s.OnClose(func() { t.Error("called after it was removed") })
	stop()
	stop()
	err = s.WithPointer(func(object unsafe.Pointer) error {
		if object == nil {
			t.Error("no object")
		}
		return nil
	})
	if testkit.Light != errors.Is(err, errors.ErrUnsupported) || !testkit.Light && err != nil {
		t.Errorf("WithPointer gave %v", err)
	}
	must(t, s.Close())
	must(t, s.Close())
	if len(fds) != 2 || fds[0] < 0 || fds[1] < 0 {
		t.Errorf("calls at Close saw the fds %v", fds)
	}
	late := false
	s.OnClose(func() { late = true })
	if !late {
		t.Error("not called at once after Close")
	}
	if err := s.WithPointer(func(unsafe.Pointer) error { return nil }); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("WithPointer after Close returned %v", err)
	}
}
