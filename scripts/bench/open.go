package main

import (
	"github.com/aquasecurity/libbpfgo"
	"github.com/cilium/ebpf"

	"github.com/bpfskel/bpfskel/scripts/bench/bench"
)

// loadedObjects are the same object, loaded once by each contender. C uses the maps of bpfskel's.
type loadedObjects struct {
	skel       *bench.Skel
	collection *ebpf.Collection
	module     *libbpfgo.Module
}

func openAll(object string) (c *loadedObjects, err error) {
	libbpfgo.SetLoggerCbs(libbpfgo.Callbacks{Log: func(int, string) {}})
	c = &loadedObjects{}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if c.skel, err = bench.OpenAndLoad(); err != nil {
		return nil, err
	}
	if c.collection, err = loadCollection(object); err != nil {
		return nil, err
	}
	c.module, err = loadModule(object)
	return c, err
}

func loadCollection(object string) (*ebpf.Collection, error) {
	spec, err := ebpf.LoadCollectionSpec(object)
	if err != nil {
		return nil, err
	}
	return ebpf.NewCollection(spec)
}

func loadModule(object string) (*libbpfgo.Module, error) {
	m, err := libbpfgo.NewModuleFromFileArgs(libbpfgo.NewModuleArgs{BPFObjPath: object, SkipMemlockBump: true})
	if err != nil {
		return nil, err
	}
	if err := m.BPFLoadObject(); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func (c *loadedObjects) close() {
	if c.skel != nil {
		c.skel.Close()
	}
	if c.collection != nil {
		c.collection.Close()
	}
	if c.module != nil {
		c.module.Close()
	}
}

// fillProgram returns the descriptor of the program that fills the ring of a contender.
func (c *loadedObjects) fillProgram(who int) (int, error) {
	switch who {
	case viaCilium:
		return c.collection.Programs["fill"].FD(), nil
	case viaLibbpfgo:
		p, err := c.module.GetProgram("fill")
		if err != nil {
			return -1, err
		}
		return p.FileDescriptor(), nil
	}
	return c.skel.Progs.Fill.FD(), nil
}
