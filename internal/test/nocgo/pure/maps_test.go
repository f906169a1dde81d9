//go:build linux && !cgo

package pure

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/ops"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func key(n uint32) kinds.Key { return kinds.Key{Id: n, Sub: n * 3} }

func value(n uint32) kinds.Value {
	v := kinds.Value{Count: uint64(n) << 33, Level: n}
	v.Name[0] = 'a' + byte(n%26)
	return v
}

// A package that is not light says so.
func TestAGeneratedPackageSaysThatItNeedsCgo(t *testing.T) {
	if s, err := ops.Open(); err == nil {
		s.Close()
		t.Error("it was opened without cgo")
	}
}

func TestElements(t *testing.T) {
	own, err := skel.MapFromFD(hashFD)
	must(t, err)
	defer own.Close()
	m := skel.TypedMap[kinds.Key, kinds.Value](own)
	for n := range uint32(100) {
		k, v := key(n), value(n)
		must(t, m.Update(&k, &v))
	}
	for n := range uint32(100) {
		k := key(n)
		if v, err := m.Lookup(&k); v != value(n) || err != nil {
			t.Fatalf("element %d is %+v, %v", n, v, err)
		}
	}
	k, v := key(7), value(7)
	if err := m.Update(&k, &v, skel.NoExist); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("an element that exists was added: %v", err)
	}
	must(t, m.Delete(&k))
	if _, err := m.Lookup(&k); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("after Delete: %v", err)
	}
	if has, err := m.Has(&k); has || err != nil {
		t.Errorf("Has returned %v, %v", has, err)
	}
	seen := map[kinds.Key]kinds.Value{}
	it := m.Iter()
	for k, v := range it.All() {
		seen[k] = v
	}
	must(t, it.Err())
	if n, err := m.Len(); len(seen) != 99 || n != 99 || err != nil {
		t.Errorf("an iteration saw %d elements, and Len returned %d, %v", len(seen), n, err)
	}
	for n := range uint32(100) {
		if n != 7 && seen[key(n)] != value(n) {
			t.Errorf("the iteration saw element %d as %+v", n, seen[key(n)])
		}
	}
	// The pin is the same map.
	if again, err := skel.TypedMap[kinds.Key, kinds.Value](pinned(t, "hash")).Len(); again != 99 || err != nil {
		t.Errorf("through the pin there are %d elements, %v", again, err)
	}
}

func TestBatches(t *testing.T) {
	m := skel.TypedMap[uint32, kinds.Value](pinned(t, "array"))
	keys, values := make([]uint32, 16), make([]kinds.Value, 16)
	for i := range keys {
		keys[i], values[i] = uint32(i), value(uint32(i)+5)
	}
	if n, err := m.UpdateBatch(keys, values); n != 16 || err != nil {
		t.Fatalf("UpdateBatch returned %d, %v", n, err)
	}
	var pos skel.BatchPos
	var read []kinds.Value
	for !pos.Done() {
		k, v := make([]uint32, 5), make([]kinds.Value, 5)
		n, err := m.LookupBatch(&pos, k, v)
		must(t, err)
		read = append(read, v[:n]...)
	}
	if !slices.Equal(read, values) {
		t.Errorf("batches read %+v", read)
	}
}

func TestPerCPU(t *testing.T) {
	m := skel.TypedPerCPUMap[uint32, uint64](pinned(t, "percpu_hash"))
	k := uint32(42)
	if _, err := m.Lookup(&k); !errors.Is(err, skel.ErrNotExist) {
		t.Fatalf("an empty map: got %v", err)
	}
	cpus, err := skel.PossibleCPUs()
	must(t, err)
	values := make([]uint64, cpus)
	for i := range values {
		values[i] = 1<<40 + uint64(i)
	}
	must(t, m.Update(&k, values))
	if got, err := m.Lookup(&k); !slices.Equal(got, values) || err != nil {
		t.Errorf("Lookup returned %v, %v", got, err)
	}
	n := 0
	it := m.Iter()
	for got, v := range it.All() {
		if n++; got != k || !slices.Equal(v, values) {
			t.Errorf("the iteration yields %d, %v", got, v)
		}
	}
	if must(t, it.Err()); n != 1 {
		t.Errorf("the iteration yields %d elements", n)
	}
	if _, err := skel.TypedMap[uint32, uint64](pinned(t, "percpu_hash")).Lookup(&k); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("as a plain map: %v", err)
	}
}

func TestQueues(t *testing.T) {
	m := skel.TypedQueue[kinds.Value](pinned(t, "queue"))
	for n := range uint32(4) {
		v := value(n)
		must(t, m.Push(&v))
	}
	for n := range uint32(4) {
		if v, err := m.Pop(); v != value(n) || err != nil {
			t.Errorf("value %d is %+v, %v", n, v, err)
		}
	}
	if _, err := m.Peek(); !errors.Is(err, skel.ErrNotExist) {
		t.Errorf("an empty queue returned %v", err)
	}
}

func TestPins(t *testing.T) {
	m := pinned(t, "trie")
	path := filepath.Join(pins, "again")
	must(t, m.Pin(path))
	again, err := skel.OpenPinnedMap(path)
	must(t, err)
	defer again.Close()
	a, err := m.Info()
	must(t, err)
	b, err := again.Info()
	must(t, err)
	if a.ID != b.ID || a.ID == 0 || a.Name != "trie" {
		t.Errorf("the pin of %+v is %+v", a, b)
	}
	must(t, m.Unpin(path))
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Unpin: %v", err)
	}
	if _, err := skel.OpenPinnedMap(path); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a removed pin: error %v", err)
	}
}
