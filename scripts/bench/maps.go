package main

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/aquasecurity/libbpfgo"
	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/scripts/bench/cside"
)

const (
	mapCalls  = 3000
	batchSize = 10000
)

// copyMap makes a map of cilium/ebpf from a copy of a map's descriptor.
func copyMap(fd int) (*ebpf.Map, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	return ebpf.NewMapFromFD(own)
}

// repeat measures n calls of f.
func repeat(f func() error) work {
	return func(n int) (time.Duration, error) {
		start := time.Now()
		for range n {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
}

func maps(c *loadedObjects) ([]comparison, error) {
	keys, values := make([]uint64, batchSize), make([]uint64, batchSize)
	for i := range keys {
		keys[i], values[i] = uint64(i)+1, uint64(i)
	}
	if _, err := c.skel.Maps.Hash.UpdateBatch(keys, values); err != nil {
		return nil, err
	}
	if _, err := c.collection.Maps["hash"].BatchUpdate(keys, values, nil); err != nil {
		return nil, err
	}
	hash, err := c.module.GetMap("hash")
	if err != nil {
		return nil, err
	}
	if _, err := hash.UpdateBatch(unsafe.Pointer(&keys[0]), unsafe.Pointer(&values[0]), batchSize); err != nil {
		return nil, err
	}
	array, err := c.module.GetMap("array")
	if err != nil {
		return nil, err
	}
	all := singleCalls("hash", uint64(77), c.skel.Maps.Hash, c.collection.Maps["hash"], hash)
	all = append(all, singleCalls("array", uint32(7), c.skel.Maps.Array, c.collection.Maps["array"], array)...)
	all = append(all, batch(c, hash))
	perCPU, err := perCPU(c)
	return append(all, perCPU), err
}

func singleCalls[K any](name string, key K, our *skel.Map[K, uint64], theirs *ebpf.Map, bpfgo *libbpfgo.BPFMap) []comparison {
	value := new(uint64)
	k := &key
	limits := [contenders]float64{inC: 1.15, viaCilium: 1}
	lookup := comparison{name: name + " lookup, ns", unit: 1, n: mapCalls, limits: limits}
	lookup.work = [contenders]work{
		inC:         func(n int) (time.Duration, error) { return cside.Lookup(our.FD(), unsafe.Pointer(k), value, n) },
		ours:        repeat(func() error { return our.LookupInto(k, value) }),
		viaCilium:   repeat(func() error { return theirs.Lookup(k, value) }),
		viaLibbpfgo: repeat(func() error { _, err := bpfgo.GetValue(unsafe.Pointer(k)); return err }),
	}
	update := comparison{name: name + " update, ns", unit: 1, n: mapCalls, limits: limits}
	update.work = [contenders]work{
		inC:         func(n int) (time.Duration, error) { return cside.Update(our.FD(), unsafe.Pointer(k), value, n) },
		ours:        repeat(func() error { return our.Update(k, value) }),
		viaCilium:   repeat(func() error { return theirs.Update(k, value, ebpf.UpdateAny) }),
		viaLibbpfgo: repeat(func() error { return bpfgo.Update(unsafe.Pointer(k), unsafe.Pointer(value)) }),
	}
	return []comparison{lookup, update}
}

func batch(c *loadedObjects, bpfgo *libbpfgo.BPFMap) comparison {
	keys, values := make([]uint64, batchSize), make([]uint64, batchSize)
	cmp := comparison{name: "hash batch lookup, ns/element", unit: 1, n: 2, each: batchSize,
		limits: [contenders]float64{inC: 1.05}}
	cmp.work = [contenders]work{
		inC: func(n int) (time.Duration, error) {
			return cside.LookupBatch(c.skel.Maps.Hash.FD(), keys, values, n)
		},
		ours: repeat(func() error {
			var pos skel.BatchPos
			n, err := c.skel.Maps.Hash.LookupBatch(&pos, keys, values)
			return checkBatchSize(n, err)
		}),
		viaCilium: repeat(func() error {
			var cursor ebpf.MapBatchCursor
			n, err := c.collection.Maps["hash"].BatchLookup(&cursor, keys, values, nil)
			if errors.Is(err, ebpf.ErrKeyNotExist) {
				err = nil
			}
			return checkBatchSize(n, err)
		}),
		viaLibbpfgo: repeat(func() error {
			var next uint64
			_, n, err := bpfgo.GetValueBatch(unsafe.Pointer(&keys[0]), nil, unsafe.Pointer(&next), batchSize)
			return checkBatchSize(int(n), err)
		}),
	}
	return cmp
}

func checkBatchSize(n int, err error) error {
	if err == nil && n != batchSize {
		err = fmt.Errorf("%d elements instead of %d", n, batchSize)
	}
	return err
}

func perCPU(c *loadedObjects) (comparison, error) {
	bpfgo, err := c.module.GetMap("percpu")
	if err != nil {
		return comparison{}, err
	}
	key := new(uint32)
	cpus, err := skel.PossibleCPUs()
	if err != nil {
		return comparison{}, err
	}
	values := make([]uint64, cpus)
	theirs := c.collection.Maps["percpu"]
	cmp := comparison{name: "per-CPU lookup, ns", unit: 1, n: mapCalls, limits: [contenders]float64{inC: 1.15, viaCilium: 1}}
	cmp.work = [contenders]work{
		inC: func(n int) (time.Duration, error) {
			return cside.Lookup(c.skel.Maps.Percpu.FD(), unsafe.Pointer(key), &values[0], n)
		},
		ours:        repeat(func() error { return c.skel.Maps.Percpu.LookupInto(key, values) }),
		viaCilium:   repeat(func() error { return theirs.Lookup(key, &values) }),
		viaLibbpfgo: repeat(func() error { _, err := bpfgo.GetValue(unsafe.Pointer(key)); return err }),
	}
	return cmp, nil
}
