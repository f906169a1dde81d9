package skel_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

type hashMap = skel.Map[kinds.Key, kinds.Value]

// withAndWithoutBatches runs a test on a hash that is read in batches, and on one that
// is read from key to key.
func withAndWithoutBatches(t *testing.T, name string, f func(t *testing.T, fill func(n int) *hashMap)) {
	for way, use := range map[string]func(*hashMap) *hashMap{
		"in batches":      func(m *hashMap) *hashMap { return m },
		"from key to key": skel.WithoutBatches[kinds.Key, kinds.Value],
	} {
		t.Run(name+", "+way, func(t *testing.T) {
			f(t, func(n int) *hashMap { return use(fullHash(t, n, 128)) })
		})
	}
}

// fullHash is a map of the given size with elements 0 to n-1.
func fullHash(t testing.TB, n, size int) *hashMap {
	t.Helper()
	m := loadKinds(t, func(open *kinds.OpenSkel) { must(t, open.Maps.Hash.SetMaxEntries(uint32(size))) }).Maps.Hash
	for i := range n {
		must(t, m.Update(&kinds.Key{Id: uint32(i)}, &kinds.Value{Count: uint64(i)}))
	}
	return m
}

func TestIteration(t *testing.T) {
	withAndWithoutBatches(t, "sees every element once", func(t *testing.T, fill func(int) *hashMap) {
		for _, n := range []int{0, 1, 100, 128} {
			m, seen := fill(n), map[uint32]int{}
			it := m.Iter()
			for k, v := range it.All() {
				if uint64(k.Id) != v.Count {
					t.Errorf("key %d has count %d", k.Id, v.Count)
				}
				seen[k.Id]++
			}
			must(t, it.Err())
			for i := range uint32(n) {
				if seen[i] != 1 {
					t.Errorf("%d elements: key %d came %d times", n, i, seen[i])
				}
			}
			keys := slices.Collect(m.Keys())
			if l, err := m.Len(); l != n || err != nil || len(keys) != n || len(seen) != n {
				t.Errorf("%d elements: %d came, %d keys, Len returned %d, %v", n, len(seen), len(keys), l, err)
			}
		}
	})
	withAndWithoutBatches(t, "deleting the element at hand", func(t *testing.T, fill func(int) *hashMap) {
		m := fill(100)
		it, n := m.Iter(), 0
		for k := range it.All() {
			must(t, m.Delete(&k))
			n++
		}
		must(t, it.Err())
		if left, err := m.Len(); n != 100 || left != 0 || err != nil {
			t.Errorf("%d elements were deleted, %d are left, %v", n, left, err)
		}
	})
	withAndWithoutBatches(t, "deleting others", func(t *testing.T, fill func(int) *hashMap) {
		m := fill(100)
		seen := map[uint32]int{}
		it := m.Iter()
		for k := range it.All() {
			seen[k.Id]++
			if other := k.Id + 50; len(seen) < 25 && k.Id < 50 && seen[other] == 0 {
				must(t, m.Delete(&kinds.Key{Id: other}))
			}
		}
		must(t, it.Err())
		for i := range uint32(100) {
			if there, err := m.Has(&kinds.Key{Id: i}); err != nil || seen[i] > 1 || there && seen[i] != 1 {
				t.Errorf("key %d came %d times; it is there: %v, %v", i, seen[i], there, err)
			}
		}
	})
	withAndWithoutBatches(t, "deleting all others in the middle", func(t *testing.T, fill func(int) *hashMap) {
		m := fill(100)
		seen := map[uint32]int{}
		it := m.Iter()
		for k := range it.All() {
			if seen[k.Id]++; len(seen) == 10 {
				for i := range uint32(100) {
					if err := m.Delete(&kinds.Key{Id: i}); err != nil {
						t.Error(err)
					}
				}
				must(t, m.Update(&kinds.Key{Id: 1000}, &kinds.Value{}))
			}
		}
		must(t, it.Err())
		for k, n := range seen {
			if n != 1 {
				t.Errorf("key %d came %d times", k, n)
			}
		}
	})
	withAndWithoutBatches(t, "breaking off, and starting anew", func(t *testing.T, fill func(int) *hashMap) {
		it := fill(100).Iter()
		for range it.All() {
			break
		}
		must(t, it.Err())
		n := 0
		for range it.All() {
			n++
		}
		if n != 100 {
			t.Errorf("the second range saw %d elements", n)
		}
	})
	withAndWithoutBatches(t, "inside another", func(t *testing.T, fill func(int) *hashMap) {
		it, n := fill(20).Iter(), 0
		for range it.All() {
			for range it.All() {
				n++
			}
		}
		if n != 400 || it.Err() != nil {
			t.Errorf("%d elements, %v", n, it.Err())
		}
	})
}

func TestCloseInsideAnIterationWithAndWithoutBatches(t *testing.T) {
	for _, use := range []func(*hashMap) *hashMap{func(m *hashMap) *hashMap { return m }, skel.WithoutBatches[kinds.Key, kinds.Value]} {
		s := loadKinds(t)
		for i := range uint32(100) {
			must(t, s.Maps.Hash.Update(&kinds.Key{Id: i}, &kinds.Value{}))
		}
		it, n := use(s.Maps.Hash).Iter(), 0
		for range it.All() {
			if n++; n == 10 {
				must(t, s.Close())
			}
		}
		if n != 10 || it.Err() != skel.ErrClosed {
			t.Errorf("%d elements came, %v", n, it.Err())
		}
	}
}

// The kernel rounds the size of an LRU hash without a common list up to the number of
// CPUs, so that it holds more than the object declares.
func TestLRUOfTheKernelsSize(t *testing.T) {
	const asked = 3
	s := loadKinds(t, func(open *kinds.OpenSkel) {
		must(t, errors.Join(open.Maps.Lru.SetFlags(unix.BPF_F_NO_COMMON_LRU), open.Maps.Lru.SetMaxEntries(asked)))
	})
	m := s.Maps.Lru
	info, err := m.Info()
	must(t, err)
	if m.MaxEntries() != int(info.MaxEntries) {
		t.Errorf("MaxEntries is %d, the kernel's %d", m.MaxEntries(), info.MaxEntries)
	}
	cpus := possibleCPUs(t)
	if want := (asked + cpus - 1) / cpus * cpus; int(info.MaxEntries) != want {
		t.Errorf("the kernel has %d entries for %d CPUs", info.MaxEntries, cpus)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, only unix.CPUSet
	must(t, unix.SchedGetaffinity(0, &before))
	defer func() { must(t, unix.SchedSetaffinity(0, &before)) }()
	want := 0
	for cpu := range cpus {
		only.Zero()
		only.Set(cpu)
		if unix.SchedSetaffinity(0, &only) != nil {
			continue
		}
		for i := range int(info.MaxEntries) / cpus {
			must(t, m.Update(ptr(uint32(100*cpu+i)), ptr(uint64(1))))
			want++
		}
	}
	for _, m := range []*skel.Map[uint32, uint64]{m, skel.WithoutBatches(m)} {
		it, n := m.Iter(), 0
		for range it.All() {
			n++
		}
		if l, err := m.Len(); n != want || it.Err() != nil || l != want || err != nil {
			t.Errorf("%d of %d elements came, %v; Len returned %d, %v", n, want, it.Err(), l, err)
		}
	}
}

// A batch that is too small for the elements of one bucket grows.
func TestBatchesGrow(t *testing.T) {
	m := fullHash(t, 128, 128)
	keys, err := skel.KeysInBatchesOf(m, 1)
	must(t, err)
	seen := map[kinds.Key]bool{}
	for _, k := range keys {
		seen[k] = true
	}
	if len(keys) != 128 || len(seen) != 128 {
		t.Errorf("%d keys came, %d of them different", len(keys), len(seen))
	}
}

func TestMemoryOfAnIteration(t *testing.T) {
	s := loadKinds(t)
	for name, c := range map[string]struct {
		size  func() (int, int)
		count int
	}{
		"small values": {func() (int, int) { return skel.FirstBatch(fullHash(t, 0, 1<<20)) }, 256},
		"a small map":  {func() (int, int) { return skel.FirstBatch(s.Maps.Array) }, 16},
		"large values": {func() (int, int) { return skel.FirstBatch(s.Maps.Large) }, 4},
		"16 kB": {func() (int, int) {
			open := loadKinds(t, func(open *kinds.OpenSkel) { must(t, errors.Join(open.Maps.Hash.SetValueSize(16<<10))) })
			own, err := skel.MapFromFD(open.Maps.Hash.FD())
			must(t, err)
			defer own.Close()
			return skel.FirstBatch(skel.TypedMap[kinds.Key, [16 << 10]byte](own))
		}, 4},
	} {
		if count, size := c.size(); count != c.count || size > 72<<10 {
			t.Errorf("%s: a batch of %d elements, want %d, with %d bytes", name, count, c.count, size)
		}
	}
}

func TestPerCPUIteration(t *testing.T) {
	s := loadKinds(t, func(open *kinds.OpenSkel) { must(t, open.Maps.PercpuHash.SetMaxEntries(600)) })
	cpus := possibleCPUs(t)
	for i := range uint32(500) {
		values := make([]uint64, cpus)
		for cpu := range values {
			values[cpu] = uint64(i)<<8 | uint64(cpu)
		}
		must(t, s.Maps.PercpuHash.Update(&i, values))
	}
	for i := range uint32(4) {
		values := make([]uint32, cpus)
		for cpu := range values {
			values[cpu] = i<<8 | uint32(cpu)
		}
		must(t, s.Maps.PercpuSmall.Update(&i, values))
	}
	checkPerCPU(t, "a hash in batches", s.Maps.PercpuHash, 500)
	checkPerCPU(t, "a hash from key to key", skel.PerCPUWithoutBatches(s.Maps.PercpuHash), 500)
	checkPerCPU(t, "an array of 4 bytes in batches", s.Maps.PercpuSmall, 4)
	checkPerCPU(t, "an array of 4 bytes from key to key", skel.PerCPUWithoutBatches(s.Maps.PercpuSmall), 4)
}

func checkPerCPU[V uint32 | uint64](t *testing.T, name string, m *skel.PerCPUMap[uint32, V], want int) {
	t.Helper()
	seen := map[uint32]bool{}
	it := m.Iter()
	for k, values := range it.All() {
		seen[k] = true
		for cpu, v := range values {
			if v != V(k)<<8|V(cpu) {
				t.Errorf("%s: value %d of key %d is %#x", name, cpu, k, v)
			}
		}
	}
	keys := slices.Collect(m.Keys())
	if l, err := m.Len(); len(seen) != want || it.Err() != nil || l != want || err != nil || len(keys) != want {
		t.Errorf("%s: %d elements came, %v; Len returned %d, %v; %d keys", name, len(seen), it.Err(), l, err, len(keys))
	}
}

// Batches are about five times as fast as iterating from key to key, and allocate
// nothing.
func TestBatchesAreFaster(t *testing.T) {
	const n = 1000
	m := fullHash(t, n, 2048)
	slow := skel.WithoutBatches(m)
	took := func(m *hashMap) time.Duration {
		start, count := time.Now(), 0
		for range m.All() {
			count++
		}
		if count != n {
			t.Fatalf("%d elements came", count)
		}
		return time.Since(start)
	}
	batches, keys := time.Hour, time.Hour
	for range 50 {
		batches, keys = min(batches, took(m)), min(keys, took(slow))
	}
	t.Logf("%d elements: %v in batches, %v from key to key: %.1f times as fast", n, batches, keys, float64(keys)/float64(batches))
	if !testkit.Instrumented && batches*5 > keys*2 { // 2.5 on a busy machine
		t.Errorf("%v in batches, %v from key to key", batches, keys)
	}
	if allocated := testing.AllocsPerRun(20, func() { took(m) }); allocated != 0 && !testkit.Instrumented {
		t.Errorf("%v allocations", allocated)
	}
}

func BenchmarkIteration(b *testing.B) {
	m := fullHash(b, 1000, 2048)
	for name, m := range map[string]*hashMap{"batches": m, "keys": skel.WithoutBatches(m)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for range m.All() {
				}
			}
		})
	}
}
