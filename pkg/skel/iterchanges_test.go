package skel_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// inBackground calls f repeatedly in another goroutine, until the test ends.
func inBackground(t *testing.T, f func()) {
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

// A key that is removed and put back makes the kernel silently start over for an
// iteration that is at this key. Elements that do not change are yielded once.
func TestIterationBesideChanges(t *testing.T) {
	const still = 100
	for name, c := range map[string]struct {
		use     func(*testing.T) *skel.Map[kinds.Key, uint64]
		aborted bool // it may end with ErrIterAborted
		// With several keys, memory moves from bucket to bucket, and an iteration from
		// key to key without a lock moves with it.
		churners int
	}{
		"a hash in batches": {churners: 3, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return mapWithFixedKeys(t, unix.BPF_MAP_TYPE_HASH, still)
		}},
		"an LRU hash in batches": {churners: 3, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return mapWithFixedKeys(t, unix.BPF_MAP_TYPE_LRU_HASH, still)
		}},
		"a hash from key to key": {churners: 1, aborted: true, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return skel.WithoutBatches(mapWithFixedKeys(t, unix.BPF_MAP_TYPE_HASH, still))
		}},
		"a trie": {churners: 3, aborted: true, use: func(t *testing.T) *skel.Map[kinds.Key, uint64] {
			return mapWithFixedKeys(t, unix.BPF_MAP_TYPE_LPM_TRIE, still)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := c.use(t)
			one := uint64(1)
			for id := range uint32(c.churners) {
				key := trieKey(1000 + id)
				inBackground(t, func() {
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
			t.Logf("%d iterations, %d were aborted", rounds, aborted)
		})
	}
}

// trieKey is a key that a trie and a hash can have.
func trieKey(id uint32) kinds.Key { return kinds.Key{Id: 32, Sub: id} }

// mapWithFixedKeys returns a map of the given kind with n elements that are not deleted.
func mapWithFixedKeys(t *testing.T, kind uint32, n int) *skel.Map[kinds.Key, uint64] {
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

// Deleting the current element and the next one makes the kernel start over. The
// iteration makes some detours, and then ends with ErrIterAborted.
func TestIterationIsAborted(t *testing.T) {
	const n, still = 1000, 500
	m := skel.WithoutBatches(fullHash(t, n, 2048))
	order := slices.Collect(m.Keys())
	index := map[kinds.Key]int{}
	for i, k := range order {
		index[k] = i
	}
	seen := map[kinds.Key]int{}
	it := m.Iter()
	for k := range it.All() {
		if seen[k]++; seen[k] > 1 {
			t.Fatalf("key %d came %d times", k.Id, seen[k])
		}
		if i := index[k]; i >= still && i+1 < n {
			must(t, errors.Join(m.Delete(&order[i]), m.Delete(&order[i+1])))
		}
	}
	if !errors.Is(it.Err(), skel.ErrIterAborted) || len(seen) < still {
		t.Errorf("after %d elements it ended with %v", len(seen), it.Err())
	}
}

// An iteration ends even if every element of the map is replaced all the time.
func TestIterationOfAConstantlyChangingMap(t *testing.T) {
	withAndWithoutBatches(t, "64 elements", func(t *testing.T, fill func(int) *hashMap) {
		m, i := fill(64), uint32(0)
		inBackground(t, func() {
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
