package skel_test

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// guardedValue is a value followed by memory that no call may touch.
type guardedValue struct {
	value  uint64
	Canary [63]uint64
}

// A per-CPU map has keys and values of the same size as a plain one, but the kernel
// reads and writes a value for each CPU. Whatever makes a Map hold one, no operation
// reaches the kernel.
func TestAPerCPUMapIsNotAMap(t *testing.T) {
	origin := loadKinds(t)
	perCPU := origin.Maps.PercpuHash
	values := make([]uint64, possibleCPUs(t))
	for i := range values {
		values[i] = 0xdead0000 + uint64(i)
	}
	must(t, perCPU.Update(ptr(uint32(1)), values))
	pin := filepath.Join(pinFolder(t), "map")
	must(t, perCPU.Pin(pin))
	own, err := skel.MapFromFD(perCPU.FD())
	must(t, err)
	defer own.Close()

	loaded := func(prepare func(*skel.OpenMap) error) func(*testing.T) *skel.Map[uint32, uint64] {
		return func(t *testing.T) *skel.Map[uint32, uint64] {
			return loadKinds(t, func(open *kinds.OpenSkel) { must(t, prepare(open.Maps.Lru)) }).Maps.Lru
		}
	}
	for name, get := range map[string]func(*testing.T) *skel.Map[uint32, uint64]{
		"TypedMap": func(*testing.T) *skel.Map[uint32, uint64] { return skel.TypedMap[uint32, uint64](own) },
		"ReuseFD":  loaded(func(m *skel.OpenMap) error { return m.ReuseFD(perCPU.FD()) }),
		"ReusePin": loaded(func(m *skel.OpenMap) error { return m.ReusePin(pin) }),
		"SetType":  loaded(func(m *skel.OpenMap) error { return m.SetType(unix.BPF_MAP_TYPE_PERCPU_HASH) }),
	} {
		t.Run(name, func(t *testing.T) {
			m := get(t)
			key, b, list := uint32(1), guardedValue{}, make([]uint64, 4)
			var pos skel.BatchPos
			it := m.Iter()
			for range it.All() {
				t.Error("an iteration yields something")
			}
			for op, err := range map[string]error{
				"Lookup":      second(m.Lookup(&key)),
				"LookupInto":  m.LookupInto(&key, &b.value),
				"Update":      m.Update(&key, &b.value),
				"Has":         second(m.Has(&key)),
				"Delete":      m.Delete(&key),
				"LookupBatch": second(m.LookupBatch(&pos, make([]uint32, 4), list)),
				"UpdateBatch": second(m.UpdateBatch(make([]uint32, 4), list)),
				"DeleteBatch": second(m.DeleteBatch(make([]uint32, 4))),
				"Len":         second(m.Len()),
				"Iter":        it.Err(),
			} {
				if !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "the kernel's map has the type percpu_hash, which needs a skel.PerCPUMap, not a skel.Map") {
					t.Errorf("%s returned %v", op, err)
				}
			}
			if b != (guardedValue{}) {
				t.Errorf("the memory became %v", b)
			}
		})
	}
	if n, err := perCPU.Len(); n != 1 || err != nil {
		t.Errorf("the map has %d elements, %v", n, err)
	}
}

// Each Go type accepts its own kinds of map, from any origin, and refuses all others.
func TestEveryGoTypeChecksItsKind(t *testing.T) {
	s := loadKinds(t)
	fields := reflect.ValueOf(s.Maps)
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Name
		t.Run(name, func(t *testing.T) {
			m := fields.Field(i).Interface().(interface {
				skel.Descriptor
				KeySize() int
				ValueSize() int
			})
			if m.FD() < 0 {
				t.Skip("this kernel has no such kind of map")
			}
			own, err := skel.MapFromFD(m.FD())
			must(t, err)
			defer own.Close()
			goType := fields.Field(i).Type().Elem().Name()
			for typ, err := range typedErrors(own) {
				fits := strings.HasPrefix(goType, typ+"[") || goType == "RawMap" && typ == "Map"
				if kindRefused := err != nil && strings.Contains(err.Error(), ", which needs a skel."); kindRefused == fits {
					t.Errorf("a %s as %s returned %v", goType, typ, err)
				}
			}
		})
	}
}

// typedErrors returns the error of a first call through each type that takes any map.
func typedErrors(own *skel.MapHandle) map[string]error {
	var key [1]uint32
	var pair [1]uint64
	errs := map[string]error{"Queue": second(skel.TypedQueue[uint64](own).Peek())}
	if own.KeySize() == len(key)*4 {
		errs["Map"] = second(skel.TypedMap[[1]uint32, [3]uint16](own).Lookup((*[1]uint32)(&key)))
		errs["PerCPUMap"] = second(skel.TypedPerCPUMap[[1]uint32, [3]uint16](own).Lookup(&key))
	} else {
		errs["Map"] = second(skel.TypedMap[[1]uint64, [3]uint16](own).Lookup(&pair))
		errs["PerCPUMap"] = second(skel.TypedPerCPUMap[[1]uint64, [3]uint16](own).Lookup(&pair))
	}
	return errs
}

func TestKindsThatDoNotFitTheField(t *testing.T) {
	needKernel(t, 5, 16, "earlier ones have no bloom filters")
	origin := loadKinds(t)
	for name, c := range map[string]struct {
		reuse func(*kinds.OpenMaps) error
		use   func(*kinds.Maps) error
		want  string
	}{
		"a hash for a per-CPU hash": {
			func(m *kinds.OpenMaps) error { return m.PercpuHash.ReuseFD(origin.Maps.Lru.FD()) },
			func(m *kinds.Maps) error {
				return m.PercpuHash.LookupInto(ptr(uint32(1)), make([]uint64, possibleCPUs(t)))
			},
			"the kernel's map has the type lru_hash, which needs a skel.Map, not a skel.PerCPUMap"},
		"a bloom filter for a queue": {
			func(m *kinds.OpenMaps) error { return m.Queue.ReuseFD(origin.Maps.Bloom.FD()) },
			func(m *kinds.Maps) error { return second(m.Queue.Pop()) },
			"the kernel's map has the type bloom_filter, which needs a skel.Bloom, not a skel.Queue"},
		"a queue for a bloom filter": {
			func(m *kinds.OpenMaps) error { return m.Bloom.ReuseFD(origin.Maps.Queue.FD()) },
			func(m *kinds.Maps) error { return second(m.Bloom.MayHave(new(uint64))) },
			"the kernel's map has the type queue, which needs a skel.Queue, not a skel.Bloom"},
		"a hash for a hash of maps": {
			func(m *kinds.OpenMaps) error { return m.OuterHash.ReuseFD(origin.Maps.Hash.FD()) },
			func(m *kinds.Maps) error { return second(m.OuterHash.LookupID(&kinds.Key{})) },
			"the kernel's map has the type hash, which needs a skel.Map, not a skel.MapOfMaps"},
		"an array for a perf event array": {
			func(m *kinds.OpenMaps) error { return m.Events.ReuseFD(origin.Maps.First.FD()) },
			func(m *kinds.Maps) error { return m.Events.Delete(0) },
			"the kernel's map has the type array, which needs a skel.Map, not a skel.PerfEventArray"},
		"a stack for a queue": {
			func(m *kinds.OpenMaps) error { return m.Queue.SetType(unix.BPF_MAP_TYPE_STACK) },
			func(m *kinds.Maps) error { return m.Queue.Push(&kinds.Value{}) }, ""},
		"an LRU hash for a hash": {
			func(m *kinds.OpenMaps) error { return m.Hash.SetType(unix.BPF_MAP_TYPE_LRU_HASH) },
			func(m *kinds.Maps) error { return m.Hash.Update(&kinds.Key{}, &kinds.Value{}) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := loadKinds(t, func(open *kinds.OpenSkel) { must(t, c.reuse(&open.Maps)) })
			switch err := c.use(&s.Maps); {
			case c.want == "":
				must(t, err)
			case !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), c.want):
				t.Errorf("it returned %v", err)
			}
		})
	}
}

// The kernel rounds the value of a CPU up to 8 bytes.
func TestRawMapOfAPerCPUKind(t *testing.T) {
	s := loadKinds(t)
	own, err := skel.MapFromFD(s.Maps.PercpuSmall.FD())
	must(t, err)
	defer own.Close()
	key, n := make([]byte, 4), possibleCPUs(t)*8
	value, err := own.Lookup(key)
	if err != nil || len(value) != n {
		t.Fatalf("Lookup returned %d bytes, want %d, %v", len(value), n, err)
	}
	must(t, own.Update(key, value))
	for _, size := range []int{4, 8, n - 8, n + 8} {
		if size != n && own.Update(key, make([]byte, size)) == nil {
			t.Errorf("Update with %d bytes worked", size)
		}
	}
}

func TestTypedMapsOfOtherKinds(t *testing.T) {
	s := loadKinds(t)
	perCPU, err := skel.MapFromFD(s.Maps.PercpuArray.FD())
	must(t, err)
	defer perCPU.Close()
	values := make([]kinds.Odd, possibleCPUs(t))
	values[0].C = 7
	must(t, skel.TypedPerCPUMap[uint32, kinds.Odd](perCPU).Update(ptr(uint32(2)), values))
	if got, err := s.Maps.PercpuArray.Lookup(ptr(uint32(2))); err != nil || got[0].C != 7 {
		t.Errorf("Lookup returned %v, %v", got, err)
	}
	stack, err := skel.MapFromFD(s.Maps.Stack.FD())
	must(t, err)
	defer stack.Close()
	must(t, skel.TypedQueue[uint32](stack).Push(ptr(uint32(9))))
	if v, err := s.Maps.Stack.Pop(); v != 9 || err != nil {
		t.Errorf("Pop returned %d, %v", v, err)
	}
	if _, err := skel.TypedQueue[uint64](stack).Pop(); err == nil || !strings.Contains(err.Error(), "a value has 8 bytes in Go but 4") {
		t.Errorf("another size returned %v", err)
	}
}

// Memory that the kernel reads or writes must not hold Go pointers.
func TestTypesWithGoPointers(t *testing.T) {
	s := loadKinds(t)
	own := func(m skel.Descriptor) *skel.MapHandle {
		o, err := skel.MapFromFD(m.FD())
		must(t, err)
		t.Cleanup(func() { o.Close() })
		return o
	}
	type named struct {
		ID   uint32
		List [1]struct{ Next *uint64 }
	}
	hash, perCPU, bits := own(s.Maps.Lru), own(s.Maps.PercpuHash), own(s.Maps.Array)
	key := uint32(1)
	var pos skel.BatchPos
	keys, values := make([]uint32, 2), make([]*uint64, 2)
	it, perIt := skel.TypedMap[uint32, *uint64](hash).Iter(), skel.TypedPerCPUMap[uint32, *uint64](perCPU).Iter()
	for range it.All() {
		t.Error("an iteration yields something")
	}
	for range perIt.All() {
		t.Error("an iteration yields something")
	}
	for name, err := range map[string]error{
		"a pointer":           second(skel.TypedMap[uint32, *uint64](hash).Lookup(&key)),
		"an unsafe pointer":   second(skel.TypedMap[uint32, unsafe.Pointer](hash).Lookup(&key)),
		"a map":               second(skel.TypedMap[uint32, map[int]int](hash).Lookup(&key)),
		"a batch":             second(skel.TypedMap[uint32, *uint64](hash).LookupBatch(&pos, keys, values)),
		"an iteration":        it.Err(),
		"Len":                 second(skel.TypedMap[uint32, *uint64](hash).Len()),
		"per CPU":             second(skel.TypedPerCPUMap[uint32, *uint64](perCPU).Lookup(&key)),
		"a per-CPU batch":     second(skel.TypedPerCPUMap[uint32, *uint64](perCPU).LookupBatch(&pos, keys, make([][]*uint64, 2))),
		"a per-CPU iteration": perIt.Err(),
		"inside a struct": second(skel.TypedMap[uint32, struct {
			a named
			_ uint64
		}](bits).Lookup(&key)),
		"a slice": second(skel.TypedMap[uint32, []byte](bits).Lookup(&key)),
		"a string in a queue": second(skel.TypedQueue[struct {
			s string
			_ uint64
		}](own(s.Maps.Queue)).Pop()),
	} {
		if !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "holds a Go pointer") {
			t.Errorf("%s returned %v", name, err)
		}
	}
}
