package skel_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// empties are slices without an element: to the kernel they are the same.
func empties[T any]() map[string][]T {
	return map[string][]T{"nil": nil, "no memory": {}, "cut": make([]T, 8)[:0]}
}

func TestEmptySlicesOfATestRun(t *testing.T) {
	s := loadBasic(t)
	for name, b := range empties[byte]() {
		for field, o := range map[string]skel.RunOptions{
			"Context": {Context: b}, "ContextOut": {ContextOut: b}, "Data": {Data: b}, "DataOut": {DataOut: b},
			"all": {Context: b, ContextOut: b, Data: b, DataOut: b},
		} {
			if r, err := s.Progs.Run.TestRun(o); err != nil || len(r.Data) != 0 || len(r.Context) != 0 {
				t.Errorf("%s as %s returned %+v, %v", name, field, r, err)
			}
		}
	}
}

func TestEmptyKeys(t *testing.T) {
	s := loadKinds(t)
	queue, err := skel.MapFromFD(s.Maps.Queue.FD())
	must(t, err)
	defer queue.Close()
	array, err := skel.MapFromFD(s.Maps.Array.FD())
	must(t, err)
	defer array.Close()
	value := make([]byte, queue.ValueSize())
	for name, key := range empties[byte]() {
		must(t, queue.Update(key, value))
		if _, err := queue.Lookup(key); err != nil {
			t.Errorf("%s as the key of a queue: %v", name, err)
		}
		if first, err := array.NextKey(key); err != nil || len(first) != 4 || first[0] != 0 {
			t.Errorf("the key after %s is %v, %v", name, first, err)
		}
		if _, err := array.Lookup(key); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s as the key of an array: %v", name, err)
		}
		if err := array.Update([]byte{0, 0, 0, 0}, key); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s as a value: %v", name, err)
		}
	}
}

// The kernel reads one cookie per function, or none.
func TestEmptyCookies(t *testing.T) {
	needKernel(t, 6, 6, "earlier ones have no uprobe.multi")
	path := buildTarget(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.UprobeMulti })
	must(t, err)
	for name, list := range map[string][]uint64{"nil": nil, "no memory": {}, "cut": []uint64{0xdeadbeef, 2, 3}[:0]} {
		s.Bss.Cookie = 0
		l, err := s.Progs.UprobeMulti.AttachUprobeMulti(string(path), "", &skel.UprobeMultiOptions{
			Offsets: []uint64{path.offset(t, "target_one")}, Cookies: list, RefCounters: list,
		})
		must(t, err)
		runs := s.Bss.Runs
		if path.call(t, 3); s.Bss.Cookie != 0 || s.Bss.Runs == runs {
			t.Errorf("%s: the program ran %d times with cookie %#x", name, s.Bss.Runs-runs, s.Bss.Cookie)
		}
		must(t, l.Close())
	}
}
