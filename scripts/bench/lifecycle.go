package main

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/scripts/bench/cside"
	"github.com/bpfskel/bpfskel/scripts/bench/hundred"
	lighthundred "github.com/bpfskel/bpfskel/scripts/bench/light/hundred"
	lightsmall "github.com/bpfskel/bpfskel/scripts/bench/light/small"
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
				ours:        repeat(lifecycle(small.OpenAndLoad)),
				viaCilium:   repeat(func() error { return ciliumLifecycle(smallObject) }),
				viaLibbpfgo: repeat(func() error { return libbpfgoLifecycle(smallObject) }),
				viaLight:    repeat(lifecycle(lightsmall.OpenAndLoad)),
			},
		},
		{
			name: "open to close, 100 programs, ms", unit: time.Millisecond, n: 1, limits: limits,
			work: [contenders]work{
				inC:         cside.Hundred,
				ours:        repeat(lifecycle(hundred.OpenAndLoad)),
				viaCilium:   repeat(func() error { return ciliumLifecycle(hundredObject) }),
				viaLibbpfgo: repeat(func() error { return libbpfgoLifecycle(hundredObject) }),
				viaLight:    repeat(lifecycle(lighthundred.OpenAndLoad)),
			},
		},
	}, nil
}

// lifecycle returns the work of a skeleton.
func lifecycle[S interface {
	Attach() error
	Close() error
}](load func(...skel.OpenOption) (S, error)) func() error {
	return func() error {
		s, err := load()
		if err != nil {
			return err
		}
		return errors.Join(s.Attach(), s.Close())
	}
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
