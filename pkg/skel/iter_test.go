package skel_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

type hashMap = skel.Map[kinds.Key, kinds.Value]

// bothWays runs a test on a hash that is read in batches, and on one that is read
// from key to key.
func bothWays(t *testing.T, name string, f func(t *testing.T, fill func(n int) *hashMap)) {
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
	bothWays(t, "sees every element once", func(t *testing.T, fill func(int) *hashMap) {
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
				t.Errorf("%d elements: %d came, %d keys, Len gave %d, %v", n, len(seen), len(keys), l, err)
			}
		}
	})
	bothWays(t, "deleting the element at hand", func(t *testing.T, fill func(int) *hashMap) {
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
	bothWays(t, "deleting others", func(t *testing.T, fill func(int) *hashMap) {
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
	bothWays(t, "deleting all others in the middle", func(t *testing.T, fill func(int) *hashMap) {
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
	bothWays(t, "breaking off, and starting anew", func(t *testing.T, fill func(int) *hashMap) {
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
	bothWays(t, "inside another", func(t *testing.T, fill func(int) *hashMap) {
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

func TestCloseInsideAnIterationEitherWay(t *testing.T) {
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

// beside calls f again and again in another goroutine, until the test ends.
func beside(t *testing.T, f func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				f()
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
}

// A key that is removed and put back makes the kernel start again, without a word,
// for whoever stands on it. What does not change comes once.
func TestIterationBesideChanges(t *testing.T) {
	const still = 100
	for name, c := range map[string]struct {
		use     func(*testing.T) *skel.Map[kinds.Key, uint64]
		aborted bool // it may lose its place
		// Of several keys the memory moves from bucket to bucket, and who goes from
		// key to key without a lock moves with it.
		churners int
	}{
		"a hash in batches": {churners: 3, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] { return churned(t, unix.BPF_MAP_TYPE_HASH, still) }},
		"an LRU hash in batches": {churners: 3, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return churned(t, unix.BPF_MAP_TYPE_LRU_HASH, still)
		}},
		"a hash from key to key": {churners: 1, aborted: true, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return skel.WithoutBatches(churned(t, unix.BPF_MAP_TYPE_HASH, still))
		}},
		"a trie": {churners: 3, aborted: true, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return churned(t, unix.BPF_MAP_TYPE_LPM_TRIE, still)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := c.use(t)
			one := uint64(1)
			for id := range uint32(c.churners) {
				key := trieKey(1000 + id)
				beside(t, func() {
					_ = m.Update(&key, &one)
					runtime.Gosched()
					_ = m.Delete(&key)
				})
			}
			rounds, aborted := 0, 0
			for end := time.Now().Add(time.Second); time.Now().Before(end); rounds++ {
				seen := map[kinds.Key]int{}
				it := m.Iter()
				for k := range it.All() {
					if seen[k]++; seen[k] > 1 && k.Sub < 1000 {
						t.Fatalf("key %d came %d times", k.Sub, seen[k])
					}
				}
				switch err := it.Err(); {
				case c.aborted && errors.Is(err, skel.ErrIterAborted):
					aborted++
					continue
				case err != nil:
					t.Fatal(err)
				}
				for id := range uint32(still) {
					if seen[trieKey(id)] != 1 {
						t.Fatalf("key %d came %d times", id, seen[trieKey(id)])
					}
				}
			}
			t.Logf("%d iterations, %d lost their place", rounds, aborted)
		})
	}
}

// trieKey is a key that a trie and a hash can have.
func trieKey(id uint32) kinds.Key { return kinds.Key{Id: 32, Sub: id} }

// churned is a map of the given kind with n elements that stay.
func churned(t *testing.T, kind uint32, n int) *skel.Map[kinds.Key, uint64] {
	t.Helper()
	s := loadKinds(t, func(open *kinds.OpenSkel) {
		m := open.Maps.Hash
		must(t, errors.Join(m.SetType(uapi.MapType(kind)), m.SetMaxEntries(1024), m.SetValueSize(8)))
		if kind == unix.BPF_MAP_TYPE_LPM_TRIE {
			must(t, m.SetFlags(unix.BPF_F_NO_PREALLOC))
		}
	})
	own, err := skel.MapFromFD(s.Maps.Hash.FD())
	must(t, err)
	t.Cleanup(func() { own.Close() })
	m := skel.TypedMap[kinds.Key, uint64](own)
	for id := range uint32(n) {
		key := trieKey(id)
		must(t, m.Update(&key, new(uint64)))
	}
	return m
}

// Whoever deletes the element at hand and the one after it makes the kernel start
// again. Some detours are made; then the iteration says that it has lost its place.
func TestIterationThatLosesItsPlace(t *testing.T) {
	const n, still = 1000, 500
	m := skel.WithoutBatches(fullHash(t, n, 2048))
	order := slices.Collect(m.Keys())
	place := map[kinds.Key]int{}
	for i, k := range order {
		place[k] = i
	}
	seen := map[kinds.Key]int{}
	it := m.Iter()
	for k := range it.All() {
		if seen[k]++; seen[k] > 1 {
			t.Fatalf("key %d came %d times", k.Id, seen[k])
		}
		if i := place[k]; i >= still && i+1 < n {
			must(t, errors.Join(m.Delete(&order[i]), m.Delete(&order[i+1])))
		}
	}
	if !errors.Is(it.Err(), skel.ErrIterAborted) || len(seen) < still {
		t.Errorf("after %d elements it ended with %v", len(seen), it.Err())
	}
}

// A map whose every element is replaced all the time does not keep an iteration for
// ever.
func TestIterationOfAMapThatIsNeverStill(t *testing.T) {
	bothWays(t, "64 elements", func(t *testing.T, fill func(int) *hashMap) {
		m, i := fill(64), uint32(0)
		beside(t, func() {
			_ = m.Delete(&kinds.Key{Id: i % 64})
			_ = m.Update(&kinds.Key{Id: i % 64}, &kinds.Value{})
			i++
		})
		for range 100 {
			it, seen := m.Iter(), map[kinds.Key]int{}
			for k := range it.All() {
				if seen[k]++; seen[k] > 1 {
					t.Fatalf("key %d came %d times", k.Id, seen[k])
				}
			}
			if err := it.Err(); err != nil && !errors.Is(err, skel.ErrIterAborted) {
				t.Fatal(err)
			}
		}
	})
}

// The kernel rounds the size of an LRU hash without a common list up to the number
// of CPUs, so that it holds more than the object asks for.
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
			t.Errorf("%d of %d elements came, %v; Len gave %d, %v", n, want, it.Err(), l, err)
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
		t.Errorf("%s: %d elements came, %v; Len gave %d, %v; %d keys", name, len(seen), it.Err(), l, err, len(keys))
	}
}

// Batches are about five times as fast as the way from key to key, and allocate
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
		{"a key that is not there", func() (int, error) { return m.DeleteBatch([]uint32{1, 9, 2}) }, 1, skel.ErrNotExist},
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

// Elements that came with an error do not come again.
func TestABatchThatIsTooShortGoesOn(t *testing.T) {
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
			t.Errorf("%s gave %v", name, err)
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
		t.Fatalf("UpdateBatch gave %d, %v", n, err)
	}
	values[1] = values[1][:cpus-1]
	if n, err := m.UpdateBatch(keys, values); n != 0 || !errors.Is(err, syscall.EINVAL) {
		t.Errorf("too few values gave %d, %v", n, err)
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
		t.Errorf("DeleteBatch gave %d, %v", n, err)
	}
}
