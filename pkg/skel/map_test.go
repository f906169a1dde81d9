package skel_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func loadKinds(t testing.TB, prepare ...func(*kinds.OpenSkel)) *kinds.Skel {
	t.Helper()
	needRoot(t)
	open, err := kinds.Open()
	must(t, err)
	if !kernelHas(t, 5, 16) {
		must(t, open.Maps.Bloom.SetAutocreate(false))
	}
	if !kernelHas(t, 6, 1) {
		must(t, open.Maps.UserRing.SetAutocreate(false))
	}
	for _, f := range prepare {
		f(open)
	}
	s, err := open.Load()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestHash(t *testing.T) {
	m := loadKinds(t).Maps.Hash
	key, value := kinds.Key{Id: 1, Sub: 2}, kinds.Value{Count: 3, Level: 4, Name: [12]uint8{'x'}}

	if _, err := m.Lookup(&key); !errors.Is(err, skel.ErrNotExist) || !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a missing key: error %v", err)
	}
	if err := m.Update(&key, &value, skel.Exist); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("Update(Exist) of a missing key returned %v", err)
	}
	must(t, m.Update(&key, &value))
	if err := m.Update(&key, &value, skel.NoExist); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("Update(NoExist) of a key that exists returned %v", err)
	}
	if got, err := m.Lookup(&key); err != nil || got != value {
		t.Errorf("Lookup returned %v, %v", got, err)
	}
	var into kinds.Value
	if err := m.LookupInto(&key, &into); err != nil || into != value {
		t.Errorf("LookupInto returned %v, %v", into, err)
	}
	if has, err := m.Has(&key); !has || err != nil {
		t.Errorf("Has returned %v, %v", has, err)
	}
	if n, err := m.Len(); n != 1 || err != nil {
		t.Errorf("Len returned %d, %v", n, err)
	}
	if got, err := m.LookupAndDelete(&key); err != nil || got != value {
		t.Errorf("LookupAndDelete returned %v, %v", got, err)
	}
	if has, err := m.Has(&key); has || err != nil {
		t.Errorf("Has returned %v, %v", has, err)
	}
	if err := m.Delete(&key); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("Delete of a missing key returned %v", err)
	}
	if m.Name() != "hash" || m.MaxEntries() != 128 || m.KeySize() != 8 || m.ValueSize() != 24 {
		t.Errorf("%s has %d entries, keys of %d and values of %d bytes", m.Name(), m.MaxEntries(), m.KeySize(), m.ValueSize())
	}
}

func TestArray(t *testing.T) {
	m := loadKinds(t).Maps.Array
	for i := range uint32(16) {
		must(t, m.Update(&i, &kinds.Value{Count: uint64(i)}))
	}
	var sum uint64
	for k, v := range m.All() {
		if uint64(k) != v.Count {
			t.Errorf("element %d has count %d", k, v.Count)
		}
		sum += v.Count
	}
	if n, err := m.Len(); n != 16 || err != nil || sum != 120 {
		t.Errorf("Len returned %d, %v; the counts are %d together", n, err, sum)
	}
	key := uint32(16)
	if _, err := m.Lookup(&key); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("an index past the end: error %v", err)
	}
	if err := m.Delete(&key); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Delete returned %v", err)
	}
	if got := slices.Collect(m.Keys()); len(got) != 16 || got[15] != 15 {
		t.Errorf("Keys returned %v", got)
	}
}

func TestLPMTrie(t *testing.T) {
	m := loadKinds(t).Maps.Trie
	value := uint32(8)
	must(t, m.Update(&kinds.Key{Id: 8, Sub: 10}, &value)) // 10.0.0.0/8, little endian
	if got, err := m.Lookup(&kinds.Key{Id: 32, Sub: 10 | 77<<8}); err != nil || got != 8 {
		t.Errorf("10.77.0.0 returned %d, %v", got, err)
	}
	if _, err := m.Lookup(&kinds.Key{Id: 32, Sub: 11}); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("11.0.0.0 returned %v", err)
	}
}

func TestManyGoroutinesOnOneMap(t *testing.T) {
	m := loadKinds(t).Maps.Hash
	var wg sync.WaitGroup
	for g := range 100 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			key, value := kinds.Key{Id: uint32(g)}, kinds.Value{Count: uint64(g)}
			for range 50 {
				if err := m.Update(&key, &value); err != nil {
					t.Error(err)
				}
				if got, err := m.Lookup(&key); err != nil || got != value {
					t.Errorf("goroutine %d read %v, %v", g, got, err)
				}
				if err := m.Delete(&key); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
}

// A key inside a struct with Go pointers is what cgo refuses to take.
func TestKeyInAStructWithGoPointers(t *testing.T) {
	s := loadKinds(t)
	type request struct {
		who  *string
		key  kinds.Key
		tags []string
		v    kinds.Value
	}
	who := "somebody"
	r := &request{who: &who, key: kinds.Key{Id: 5}, tags: []string{"a"}, v: kinds.Value{Count: 9}}
	must(t, s.Maps.Hash.Update(&r.key, &r.v))
	got, err := s.Maps.Hash.Lookup(&r.key)
	if err != nil || got.Count != 9 {
		t.Errorf("Lookup returned %v, %v", got, err)
	}
	if err := s.Maps.Hash.LookupInto(&r.key, &r.v); err != nil {
		t.Error(err)
	}
	must(t, s.Maps.Queue.Push(&r.v)) // through cgo
	if v, err := s.Maps.Queue.Pop(); err != nil || v.Count != 9 {
		t.Errorf("Pop returned %v, %v", v, err)
	}
}

func TestSizesThatDifferAreAnErrorWithoutACall(t *testing.T) {
	s := loadKinds(t, func(open *kinds.OpenSkel) {
		must(t, open.Maps.Hash.SetValueSize(32))
		must(t, open.Maps.Lru.SetKeySize(8))
		must(t, open.Maps.PercpuHash.SetValueSize(16))
		must(t, open.Maps.Queue.SetValueSize(8))
	})
	var key kinds.Key
	var value kinds.Value
	var small uint32
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"Lookup":      {second(s.Maps.Hash.Lookup(&key)), "a value has 24 bytes in Go but 32"},
		"Update":      {s.Maps.Hash.Update(&key, &value), "a value has 24 bytes in Go but 32"},
		"Delete":      {s.Maps.Hash.Delete(&key), "a value has 24 bytes in Go but 32"},
		"Len":         {second(s.Maps.Hash.Len()), "a value has 24 bytes in Go but 32"},
		"batch":       {second(s.Maps.Hash.DeleteBatch(make([]kinds.Key, 1))), "a value has 24 bytes in Go but 32"},
		"key":         {second(s.Maps.Lru.Lookup(&small)), "a key has 4 bytes in Go but 8"},
		"per-CPU":     {second(s.Maps.PercpuHash.Lookup(&small)), "a value has 8 bytes in Go but 16"},
		"queue":       {second(s.Maps.Queue.Peek()), "a value has 24 bytes in Go but 8"},
		"other error": {second(s.Maps.Array.Lookup(ptr(uint32(99)))), "key does not exist"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s returned %v", name, c.err)
		}
	}
	it := s.Maps.Hash.Iter()
	for range it.All() {
		t.Error("an iteration yields something")
	}
	if !errors.Is(it.Err(), syscall.EINVAL) {
		t.Errorf("Iter returned %v", it.Err())
	}
	must(t, s.Close())
	if _, err := s.Maps.Hash.Lookup(&key); err != skel.ErrClosed {
		t.Errorf("after Close: %v", err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestAMapThatWasNotCreated(t *testing.T) {
	s := loadKinds(t, func(open *kinds.OpenSkel) { must(t, open.Maps.Hash.SetAutocreate(false)) })
	if _, err := s.Maps.Hash.Lookup(&kinds.Key{}); !errors.Is(err, syscall.EBADF) || s.Maps.Hash.FD() != -1 {
		t.Errorf("Lookup returned %v, the fd is %d", err, s.Maps.Hash.FD())
	}
}

func TestPerCPUMaps(t *testing.T) {
	s := loadKinds(t)
	cpus := possibleCPUs(t)
	t.Run("values of 8 bytes", func(t *testing.T) { perCPU(t, s.Maps.PercpuHash, func(i int) uint64 { return uint64(i) << 40 }) })
	t.Run("values of 4 bytes", func(t *testing.T) { perCPU(t, s.Maps.PercpuSmall, func(i int) uint32 { return uint32(i) * 7 }) })
	t.Run("values of 12 bytes", func(t *testing.T) {
		perCPU(t, s.Maps.PercpuArray, func(i int) kinds.Odd { return kinds.Odd{A: 1, B: uint32(i), C: 3} })
	})
	if _, err := s.Maps.PercpuHash.Lookup(ptr(uint32(99))); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("a missing key: error %v", err)
	}
	if err := s.Maps.PercpuHash.LookupInto(ptr(uint32(1)), make([]uint64, cpus+1)); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("too many values: error %v", err)
	}
	if err := s.Maps.PercpuHash.Update(ptr(uint32(1)), nil); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("no values: error %v", err)
	}
	must(t, s.Maps.PercpuHash.Delete(ptr(uint32(1))))
	if has, err := s.Maps.PercpuHash.Has(ptr(uint32(1))); has || err != nil {
		t.Errorf("Has returned %v, %v", has, err)
	}
}

func perCPU[V comparable](t *testing.T, m *skel.PerCPUMap[uint32, V], value func(cpu int) V) {
	t.Helper()
	key := uint32(1)
	want := make([]V, possibleCPUs(t))
	for i := range want {
		want[i] = value(i)
	}
	must(t, m.Update(&key, want))
	got, err := m.Lookup(&key)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Lookup returned %v, %v, want %v", got, err, want)
	}
	found := false
	it := m.Iter()
	for k, v := range it.All() {
		if k == key {
			found = slices.Equal(v, want)
		}
	}
	if !found || it.Err() != nil {
		t.Errorf("the iteration did not show the element, %v", it.Err())
	}
}
