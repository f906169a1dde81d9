package main

import (
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/bpfskel/bpfskel/scripts/bench/cside"
)

const globalAccesses = 1000000

// globals compares access to a program's variable, which is memory for C and bpfskel, and a call for the others.
func globals(c *loadedObjects) ([]comparison, error) {
	theirs := c.collection.Variables["counter"]
	bpfgo, err := c.module.GetMap(".bss")
	if err != nil {
		return nil, err
	}
	bss := make([]byte, bpfgo.ValueSize())
	key := new(uint32)
	limits := [contenders]float64{inC: 1.1}
	p := &c.skel.Bss.Counter
	hundredth := func(f func() error) work {
		few := repeat(f)
		return func(n int) (time.Duration, error) {
			took, err := few(n / 100)
			return took * 100, err
		}
	}
	read := comparison{name: "global read, ns", unit: 1, n: globalAccesses, limits: limits}
	read.work = [contenders]work{
		inC:  func(n int) (time.Duration, error) { return cside.GlobalRead(p, n) },
		ours: readGlobal(c),
		viaCilium: hundredth(func() error {
			var v uint64
			err := theirs.Get(&v)
			sum += v
			return err
		}),
		viaLibbpfgo: hundredth(func() error {
			v, err := bpfgo.GetValue(unsafe.Pointer(key))
			if err == nil {
				sum += firstWord(v)
			}
			return err
		}),
	}
	write := comparison{name: "global write, ns", unit: 1, n: globalAccesses, limits: limits}
	write.work = [contenders]work{
		inC:         func(n int) (time.Duration, error) { return cside.GlobalWrite(p, n) },
		ours:        writeGlobal(c),
		viaCilium:   hundredth(func() error { return theirs.Set(uint64(1)) }),
		viaLibbpfgo: hundredth(func() error { return bpfgo.Update(unsafe.Pointer(key), unsafe.Pointer(&bss[0])) }),
	}
	add := comparison{name: "global atomic add, ns", unit: 1, n: globalAccesses, limits: limits}
	add.work = [contenders]work{
		inC:  func(n int) (time.Duration, error) { return cside.GlobalAdd(p, n) },
		ours: addGlobal(c),
	}
	return []comparison{read, write, add}, nil
}

func readGlobal(c *loadedObjects) work {
	return func(n int) (time.Duration, error) {
		bss, start, local := c.skel.Bss, time.Now(), uint64(0)
		for range n {
			local += bss.Counter
		}
		sum += local
		return time.Since(start), nil
	}
}

func writeGlobal(c *loadedObjects) work {
	return func(n int) (time.Duration, error) {
		bss, start := c.skel.Bss, time.Now()
		for i := range n {
			bss.Counter = uint64(i)
		}
		return time.Since(start), nil
	}
}

func addGlobal(c *loadedObjects) work {
	return func(n int) (time.Duration, error) {
		bss, start := c.skel.Bss, time.Now()
		for range n {
			atomic.AddUint64(&bss.Counter, 1)
		}
		return time.Since(start), nil
	}
}
