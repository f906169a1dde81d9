package skel_test

import (
	"sync/atomic"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// Calls that run for each event must not allocate: keys and values on the caller's
// stack stay there.
func TestNothingIsAllocated(t *testing.T) {
	if testkit.Instrumented {
		t.Skip("the instrumentation of this build allocates")
	}
	s, k := loadBasic(t), loadKinds(t)
	must(t, k.Maps.Hash.Update(&kinds.Key{Id: 1}, &kinds.Value{}))
	must(t, k.Maps.PercpuHash.Update(ptr(uint32(1)), make([]uint64, possibleCPUs(t))))
	values := make([]uint64, possibleCPUs(t))
	it := k.Maps.Hash.Iter()
	for name, f := range map[string]func(){
		"Lookup": func() {
			key := kinds.Key{Id: 1}
			_, err := k.Maps.Hash.Lookup(&key)
			must(t, err)
		},
		"a missed Lookup": func() {
			key := kinds.Key{Id: 2}
			if _, err := k.Maps.Hash.Lookup(&key); err == nil {
				t.Fatal("found")
			}
		},
		"Update": func() {
			key, value := kinds.Key{Id: 1}, kinds.Value{Count: 1}
			must(t, k.Maps.Hash.Update(&key, &value, skel.Exist))
		},
		"Update through cgo": func() {
			value := kinds.Value{Count: 1}
			must(t, k.Maps.Queue.Push(&value))
			_, err := k.Maps.Queue.Pop()
			must(t, err)
		},
		"a missed Delete": func() {
			key := kinds.Key{Id: 2}
			if k.Maps.Hash.Delete(&key) == nil {
				t.Fatal("deleted")
			}
		},
		"All": func() {
			for key, value := range k.Maps.Hash.All() {
				if key.Id != 1 || value.Level == 7 {
					t.Fatal("wrong element")
				}
			}
		},
		"Iter": func() {
			for key := range it.All() {
				if key.Id != 1 {
					t.Fatal("wrong element")
				}
			}
		},
		"a new Iter": func() {
			it := k.Maps.Hash.Iter()
			for key := range it.All() {
				if key.Id != 1 {
					t.Fatal("wrong element")
				}
			}
			must(t, it.Err())
		},
		"Len":                func() { must(t, second(k.Maps.Hash.Len())) },
		"per-CPU LookupInto": func() { must(t, k.Maps.PercpuHash.LookupInto(ptr(uint32(1)), values)) },
		"a global":           func() { s.Data.Step = s.Bss.Hits },
		"an atomic global":   func() { atomic.AddUint64(&s.Bss.Hits, 1) },
		"a small global":     func() { skel.Store(&s.Bss.Small, skel.Load(&s.Bss.Small)+1) },
		"a getter of a view": func() { _ = s.Rodata.Table(1) },
		"a struct in a view": func() { _ = s.Rodata.Config().Level() },
		"an array in a view": func() {
			sum := uint64(0)
			for i, x := range s.Rodata.TableAll() {
				sum += uint64(i) * x
			}
			if sum != 20+2*30+3*40 {
				t.Fatalf("a sum of %d", sum)
			}
		},
		"a key in a variable": func() { must(t, s.Maps.Counts.Update(&basic.Key{Id: 3}, &s.Bss.Hits)) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
