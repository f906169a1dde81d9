package skel_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestBatchCounts(t *testing.T) {
	s := loadKinds(t)
	keys, values := []uint32{1, 2, 3}, []uint64{1, 2, 3}
	m, first := s.Maps.Lru, s.Maps.First
	own, err := skel.MapFromFD(s.Maps.Hash.FD())
	must(t, err)
	must(t, own.Close())
	full := loadKinds(t, func(open *kinds.OpenSkel) { must(t, open.Maps.Hash.SetMaxEntries(4)) }).Maps.Hash
	some := make([]kinds.Key, 10)
	for i := range some {
		some[i].Id = uint32(i)
	}
	var pos, arrayPos skel.BatchPos
	for _, c := range []struct {
		name string
		call func() (int, error)
		n    int
		err  error
	}{
		{"a flag that batches do not know", func() (int, error) { return m.UpdateBatch(keys, values, skel.NoExist) }, 0, syscall.EINVAL},
		{"all", func() (int, error) { return m.UpdateBatch(keys, values) }, 3, nil},
		{"a full map", func() (int, error) { return full.UpdateBatch(some, make([]kinds.Value, 10)) }, 4, syscall.E2BIG},
		{"an index past the end", func() (int, error) { return first.UpdateBatch([]uint32{0, 1, 7, 2}, make([]uint64, 4)) }, 2, syscall.E2BIG},
		{"a key that does not exist", func() (int, error) { return m.DeleteBatch([]uint32{1, 9, 2}) }, 1, skel.ErrNotExist},
		{"deleting from an array", func() (int, error) { return first.DeleteBatch(keys) }, 0, syscall.Errno(524)},
		{"taking out of an array", func() (int, error) { return first.LookupAndDeleteBatch(&arrayPos, keys, values) }, 0, syscall.Errno(524)},
		{"a map that is closed", func() (int, error) {
			return skel.TypedMap[kinds.Key, kinds.Value](own).DeleteBatch(some)
		}, 0, skel.ErrClosed},
		{"the two that are left", func() (int, error) { return m.LookupBatch(&pos, keys, values) }, 2, nil},
		{"after the end", func() (int, error) { return m.LookupBatch(&pos, keys, values) }, 0, nil},
		{"no keys", func() (int, error) { return m.DeleteBatch(nil) }, 0, nil},
	} {
		if n, err := c.call(); n != c.n || (err == nil) != (c.err == nil) || !errors.Is(err, c.err) {
			t.Errorf("%s: %d, %v, want %d, %v", c.name, n, err, c.n, c.err)
		}
	}
	if l, err := m.Len(); l != 2 || err != nil {
		t.Errorf("%d elements are left, %v", l, err)
	}
}

// Elements that were returned with an error are not returned again.
func TestLookupBatchWithATooSmallBuffer(t *testing.T) {
	m := fullHash(t, 128, 128)
	seen := map[kinds.Key]int{}
	keys, values := make([]kinds.Key, 1), make([]kinds.Value, 1)
	var pos skel.BatchPos
	for !pos.Done() {
		n, err := m.LookupBatch(&pos, keys, values)
		if errors.Is(err, syscall.ENOSPC) {
			keys, values = make([]kinds.Key, 2*len(keys)), make([]kinds.Value, 2*len(keys))
		} else {
			must(t, err)
		}
		for _, k := range keys[:n] {
			seen[k]++
		}
	}
	for i := range uint32(128) {
		if n := seen[kinds.Key{Id: i}]; n != 1 {
			t.Errorf("key %d came %d times", i, n)
		}
	}
	if len(keys) == 1 {
		t.Error("no bucket had two elements")
	}
}

func TestBatchPosBelongsToItsMap(t *testing.T) {
	s, other := loadKinds(t), loadKinds(t)
	for _, m := range []*skel.Map[uint32, uint64]{s.Maps.Lru, other.Maps.Lru} {
		for i := range uint32(8) {
			must(t, m.Update(&i, ptr(uint64(i))))
		}
	}
	keys, values := make([]uint32, 4), make([]uint64, 4)
	var pos skel.BatchPos
	must(t, second(s.Maps.Lru.LookupBatch(&pos, keys, values)))
	for name, err := range map[string]error{
		"another map":            second(s.Maps.First.LookupBatch(&pos, keys, values)),
		"a map with longer keys": second(s.Maps.Hash.LookupBatch(&pos, make([]kinds.Key, 4), make([]kinds.Value, 4))),
		"another skeleton's":     second(other.Maps.Lru.LookupBatch(&pos, keys, values)),
		"to delete":              second(other.Maps.Lru.LookupAndDeleteBatch(&pos, keys, values)),
		"a per-CPU map":          second(s.Maps.PercpuHash.LookupBatch(&pos, keys, make([][]uint64, 4))),
		"nil":                    second(s.Maps.Lru.LookupBatch(nil, keys, values)),
		"nil, per-CPU":           second(s.Maps.PercpuHash.LookupBatch(nil, keys, make([][]uint64, 4))),
	} {
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	for !pos.Done() {
		must(t, second(s.Maps.Lru.LookupBatch(&pos, keys, values)))
	}
}

func TestPerCPUBatches(t *testing.T) {
	s := loadKinds(t, func(open *kinds.OpenSkel) { must(t, open.Maps.PercpuHash.SetMaxEntries(256)) })
	perCPUBatches(t, s.Maps.PercpuHash, 100, true)
	needKernel(t, 5, 13, "earlier ones have no batches of per-CPU arrays")
	perCPUBatches(t, s.Maps.PercpuSmall, 4, false)
}

func perCPUBatches[V uint32 | uint64](t *testing.T, m *skel.PerCPUMap[uint32, V], count int, deletes bool) {
	cpus := possibleCPUs(t)
	keys, values := make([]uint32, count), make([][]V, count)
	for i := range keys {
		keys[i], values[i] = uint32(i), make([]V, cpus)
		for cpu := range values[i] {
			values[i][cpu] = V(100*i + cpu)
		}
	}
	if n, err := m.UpdateBatch(keys, values); n != count || err != nil {
		t.Fatalf("UpdateBatch returned %d, %v", n, err)
	}
	values[1] = values[1][:cpus-1]
	if n, err := m.UpdateBatch(keys, values); n != 0 || !errors.Is(err, syscall.EINVAL) {
		t.Errorf("too few values returned %d, %v", n, err)
	}
	look := []func(*skel.BatchPos, []uint32, [][]V) (int, error){m.LookupBatch}
	if deletes {
		look = append(look, m.LookupAndDeleteBatch)
	}
	for i, look := range look {
		var pos skel.BatchPos
		k, v, seen := make([]uint32, 30), make([][]V, 30), 0
		for !pos.Done() {
			n, err := look(&pos, k, v)
			must(t, err)
			for i := range n {
				if len(v[i]) != cpus || v[i][cpus-1] != V(100*k[i]+uint32(cpus)-1) {
					t.Errorf("key %d has %v", k[i], v[i])
				}
			}
			seen += n
		}
		if seen != count {
			t.Errorf("%s: %d of %d elements came", fmt.Sprint(i), seen, count)
		}
	}
	if n, err := m.DeleteBatch(keys[:1]); n != 0 || err == nil {
		t.Errorf("DeleteBatch returned %d, %v", n, err)
	}
}
