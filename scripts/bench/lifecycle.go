package main

import (
	"path/filepath"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfskel/bpfskel/scripts/bench/cside"
	"github.com/bpfskel/bpfskel/scripts/bench/hundred"
	"github.com/bpfskel/bpfskel/scripts/bench/small"
)

// lifecycles compares the whole lifecycle: open, load, attach, close.
func lifecycles(objects string) ([]comparison, error) {
	limits := [contenders]float64{inC: 1.05}
	smallObject, hundredObject := filepath.Join(objects, "small.bpf.o"), filepath.Join(objects, "hundred.bpf.o")
	return []comparison{
		{
			name: "open to close, 3 programs, ms", unit: time.Millisecond, n: 1, limits: limits,
			work: [contenders]work{
				inC:         cside.Small,
				ours:        repeat(smallLifecycle),
				viaCilium:   repeat(func() error { return ciliumLifecycle(smallObject) }),
				viaLibbpfgo: repeat(func() error { return libbpfgoLifecycle(smallObject) }),
			},
		},
		{
			name: "open to close, 100 programs, ms", unit: time.Millisecond, n: 1, limits: limits,
			work: [contenders]work{
				inC:         cside.Hundred,
				ours:        repeat(hundredLifecycle),
				viaCilium:   repeat(func() error { return ciliumLifecycle(hundredObject) }),
				viaLibbpfgo: repeat(func() error { return libbpfgoLifecycle(hundredObject) }),
			},
		},
	}, nil
}

func smallLifecycle() error {
	s, err := small.OpenAndLoad()
	if err != nil {
		return err
	}
	if err := s.Attach(); err != nil {
		s.Close()
		return err
	}
	return s.Close()
}

func hundredLifecycle() error {
	s, err := hundred.OpenAndLoad()
	if err != nil {
		return err
	}
	if err := s.Attach(); err != nil {
		s.Close()
		return err
	}
	return s.Close()
}

func ciliumLifecycle(object string) error {
	spec, err := ebpf.LoadCollectionSpec(object)
	if err != nil {
		return err
	}
	c, err := ebpf.NewCollection(spec)
	if err != nil {
		return err
	}
	defer c.Close()
	for name, p := range c.Programs {
		l, err := link.AttachRawTracepoint(link.RawTracepointOptions{Name: spec.Programs[name].AttachTo, Program: p})
		if err != nil {
			return err
		}
		defer l.Close()
	}
	return nil
}

func libbpfgoLifecycle(object string) error {
	m, err := loadModule(object)
	if err != nil {
		return err
	}
	defer m.Close()
	return m.AttachPrograms()
}
