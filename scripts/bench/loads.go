package main

import (
	"io"
	"path/filepath"
	"time"

	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/scripts/bench/core"
	"github.com/bpfskel/bpfskel/scripts/bench/cside"
	"github.com/bpfskel/bpfskel/scripts/bench/hundred"
	lightcore "github.com/bpfskel/bpfskel/scripts/bench/light/core"
	lighthundred "github.com/bpfskel/bpfskel/scripts/bench/light/hundred"
	lightsmall "github.com/bpfskel/bpfskel/scripts/bench/light/small"
	"github.com/bpfskel/bpfskel/scripts/bench/small"
)

// loads compares open and load, without attach and close.
func loads(objects string) ([]comparison, error) {
	object := func(name string) string { return filepath.Join(objects, name+".bpf.o") }
	return []comparison{
		{
			name: "open and load, 3 programs, ms", unit: time.Millisecond, n: 1, lightLimits: [contenders]float64{inC: 1.5},
			work: [contenders]work{
				inC:         cside.LoadSmall,
				ours:        loadsOf(small.OpenAndLoad),
				viaCilium:   ciliumLoads(object("small")),
				viaLibbpfgo: libbpfgoLoads(object("small")),
				viaLight:    loadsOf(lightsmall.OpenAndLoad),
			},
		},
		{
			name: "open and load, CO-RE, ms", unit: time.Millisecond, n: 1, lightLimits: [contenders]float64{inC: 1. / 5, viaCilium: 1. / 5},
			work: [contenders]work{
				inC:         cside.LoadCore,
				ours:        loadsOf(core.OpenAndLoad),
				viaCilium:   ciliumLoads(object("core")),
				viaLibbpfgo: libbpfgoLoads(object("core")),
				viaLight:    loadsOf(lightcore.OpenAndLoad),
			},
		},
		{
			name: "open and load, 100 programs, ms", unit: time.Millisecond, n: 1, lightLimits: [contenders]float64{inC: 1.1},
			work: [contenders]work{
				inC:         cside.LoadHundred,
				ours:        loadsOf(hundred.OpenAndLoad),
				viaCilium:   ciliumLoads(object("hundred")),
				viaLibbpfgo: libbpfgoLoads(object("hundred")),
				viaLight:    loadsOf(lighthundred.OpenAndLoad),
			},
		},
	}, nil
}

// loadsOf measures n calls of load, without the time of closing.
func loadsOf[S io.Closer](load func(...skel.OpenOption) (S, error)) work {
	return func(n int) (total time.Duration, err error) {
		for range n {
			start := time.Now()
			s, err := load()
			total += time.Since(start)
			if err != nil {
				return 0, err
			}
			if err := s.Close(); err != nil {
				return 0, err
			}
		}
		return total, nil
	}
}

// ciliumLoads reads the kernel's types for each collection, as libbpf does for each object.
func ciliumLoads(object string) work {
	return func(n int) (total time.Duration, err error) {
		for range n {
			start := time.Now()
			c, err := loadCollection(object)
			total += time.Since(start)
			if err != nil {
				return 0, err
			}
			c.Close()
		}
		return total, nil
	}
}

func libbpfgoLoads(object string) work {
	return func(n int) (total time.Duration, err error) {
		for range n {
			start := time.Now()
			m, err := loadModule(object)
			total += time.Since(start)
			if err != nil {
				return 0, err
			}
			m.Close()
		}
		return total, nil
	}
}
