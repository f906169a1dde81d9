package skel

import (
	"fmt"
	"slices"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// OpenMap is a map before load. Its settings take effect at Load; after that every method
// returns ErrClosed or a zero value.
type OpenMap struct {
	o    *OpenObject
	i    int
	name string
}

func (m *OpenMap) bind(o *OpenObject, i int) { *m = OpenMap{o, i, o.sk.Map(i).Name()} }

// Name is the map's name in libbpf. (bpf_map__name)
func (m *OpenMap) Name() string {
	if m == nil {
		return ""
	}
	return m.name
}

func (m *OpenMap) set(op string, f func(backend.Map) error) error {
	if m == nil {
		return ErrClosed
	}
	return m.o.withObject(func(sk backend.Object) error {
		return fail(op, m.o.spec.Name, m.name, "", f(sk.Map(m.i)))
	})
}

// mapProperty returns a property, or the zero value after Load.
func mapProperty[T any](m *OpenMap, f func(backend.Map) T) (out T) {
	if m == nil {
		return out
	}
	_ = m.o.withObject(func(sk backend.Object) error {
		out = f(sk.Map(m.i))
		return nil
	})
	return out
}

// Type is the kind of map. (bpf_map__type)
func (m *OpenMap) Type() uapi.MapType { return mapProperty(m, backend.Map.Type) }

// SetType sets it. The error is EINVAL if a data section, an arena or a struct_ops map
// would change its type, or another map would become one. (bpf_map__set_type)
func (m *OpenMap) SetType(kind uapi.MapType) error {
	return m.set("set the type", func(lm backend.Map) error { return lm.SetType(kind) })
}

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *OpenMap) KeySize() int { return int(mapProperty(m, backend.Map.KeySize)) }

// SetKeySize sets it. If it then differs from the size of the map's Go type, every
// operation of the loaded map fails. (bpf_map__set_key_size)
func (m *OpenMap) SetKeySize(n int) error {
	return m.set("set the key size", func(lm backend.Map) error {
		if err := checkRange("the size", n, 0, maxInt32); err != nil {
			return err
		}
		return lm.SetKeySize(uint32(n))
	})
}

// ValueSize is the size of a value in bytes; for a data section, the size of the
// section. (bpf_map__value_size)
func (m *OpenMap) ValueSize() int { return int(mapProperty(m, backend.Map.ValueSize)) }

// SetValueSize sets it. If it then differs from the size of the map's Go type, every
// operation of the loaded map fails. It resizes a data section, so that its last
// variable, an array, grows or shrinks: its memory moves, the skeleton's pointer
// follows, and pointers copied out of the section become invalid. The section cannot
// become smaller than its Go type. The error is EINVAL for an arena or a struct_ops
// map: libbpf does not resize their memory. (bpf_map__set_value_size)
func (m *OpenMap) SetValueSize(n int) error {
	return m.set("set the value size", func(lm backend.Map) error {
		if err := checkRange("the size", n, 0, maxInt32); err != nil {
			return err
		}
		if min := m.o.goSize(m.i); sectionMemory(n) < min {
			return fmt.Errorf("%w: the section cannot have %d bytes: its Go type has %d", syscall.EINVAL, n, min)
		}
		if err := lm.SetValueSize(uint32(n)); err != nil {
			return err
		}
		m.o.rebind(m.i)
		return nil
	})
}

// MaxEntries is the number of elements that the map can hold.
// (bpf_map__max_entries)
func (m *OpenMap) MaxEntries() int { return int(mapProperty(m, backend.Map.MaxEntries)) }

// SetMaxEntries sets it. For a ring buffer it is the size in bytes, which libbpf rounds
// up to a power of two of whole pages; for an arena it is the size in pages, which must
// hold its variables. (bpf_map__set_max_entries)
func (m *OpenMap) SetMaxEntries(n uint32) error {
	return m.set("set max_entries", func(lm backend.Map) error { return lm.SetMaxEntries(n) })
}

// Flags are the flags of the map's creation. (bpf_map__map_flags)
func (m *OpenMap) Flags() uapi.MapFlags { return mapProperty(m, backend.Map.Flags) }

// SetFlags sets them. A data section without BPF_F_MMAPABLE has no pointer after
// Load. (bpf_map__set_map_flags)
func (m *OpenMap) SetFlags(flags uapi.MapFlags) error {
	return m.set("set the flags", func(lm backend.Map) error { return lm.SetFlags(flags) })
}

// NUMANode is the node that the map is allocated on, if its flags have
// BPF_F_NUMA_NODE. (bpf_map__numa_node)
func (m *OpenMap) NUMANode() uint32 { return mapProperty(m, backend.Map.NUMANode) }

// SetNUMANode sets it. (bpf_map__set_numa_node)
func (m *OpenMap) SetNUMANode(node uint32) error {
	return m.set("set the NUMA node", func(lm backend.Map) error { return lm.SetNUMANode(node) })
}

// Extra is map_extra, whose meaning depends on the type. (bpf_map__map_extra)
func (m *OpenMap) Extra() uint64 { return mapProperty(m, backend.Map.Extra) }

// SetExtra sets it. (bpf_map__set_map_extra)
func (m *OpenMap) SetExtra(extra uint64) error {
	return m.set("set map_extra", func(lm backend.Map) error { return lm.SetExtra(extra) })
}

// Autocreate reports whether Load creates the map. (bpf_map__autocreate)
func (m *OpenMap) Autocreate() bool { return mapProperty(m, backend.Map.Autocreate) }

// SetAutocreate sets it. A program that uses a map that is not created does not load;
// the map's operations fail. (bpf_map__set_autocreate)
func (m *OpenMap) SetAutocreate(on bool) error {
	return m.set("set autocreate", func(lm backend.Map) error { return lm.SetAutocreate(on) })
}

// Autoattach reports whether Attach attaches a struct_ops map.
// (bpf_map__autoattach)
func (m *OpenMap) Autoattach() bool { return mapProperty(m, backend.Map.Autoattach) }

// SetAutoattach sets it. (bpf_map__set_autoattach)
func (m *OpenMap) SetAutoattach(on bool) error {
	return m.set("set autoattach", func(lm backend.Map) error { return lm.SetAutoattach(on) })
}

// PinPath is the path at which Load pins the map, or finds it pinned and reuses it; ""
// if there is none. (bpf_map__pin_path)
func (m *OpenMap) PinPath() string { return mapProperty(m, backend.Map.PinPath) }

// SetPinPath sets it. (bpf_map__set_pin_path)
func (m *OpenMap) SetPinPath(path string) error {
	return m.set("set the pin path", func(lm backend.Map) error {
		if err := checkNoNUL(path); err != nil {
			return err
		}
		return lm.SetPinPath(path)
	})
}

// ReuseFD makes Load use the map behind fd instead of creating one. The caller keeps fd
// and may close it after ReuseFD. Type, sizes, entries and flags become those of the
// map behind fd; for a data section it must be an array of the same size, for an arena
// an arena. struct_ops maps cannot be reused. (bpf_map__reuse_fd)
func (m *OpenMap) ReuseFD(fd int) error {
	return m.set("reuse an fd", func(lm backend.Map) error {
		err := checkReuse(lm, fd)
		if err == nil {
			err = lm.ReuseFD(fd)
		}
		if err != nil {
			return err
		}
		m.o.reused[m.i] = true
		return nil
	})
}

// checkReuse refuses maps that libbpf would handle wrongly: if libbpf has memory for the
// map, the map behind fd must have the same shape.
func checkReuse(m backend.Map, fd int) error {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		return err
	}
	isSection := m.Internal()
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{syscall.EINVAL}, args...)...)
	}
	switch {
	case m.Type() == kindStructOps || info.Type == kindStructOps:
		return refuse("a struct_ops map cannot be reused: attach it in the process that loads it, and pin the link")
	case (m.Type() == kindArena) != (info.Type == kindArena):
		return refuse("one of the two maps is an arena, the other is not")
	case isSection && (info.Type != kindArray || info.KeySize != m.KeySize()):
		return refuse("a data section needs an array, which the map behind the fd is not")
	case isSection && (info.ValueSize != m.ValueSize() || info.MaxEntries != m.MaxEntries()):
		return refuse("the section has %d bytes, but the map behind the fd has max_entries %d and values of %d bytes", m.ValueSize(), info.MaxEntries, info.ValueSize)
	}
	return nil
}

// ReusePin is like ReuseFD, for the map that is pinned at path. (bpf_obj_get)
func (m *OpenMap) ReusePin(path string) error {
	pinned, err := OpenPinnedMap(path)
	if err != nil {
		return err
	}
	defer pinned.Close()
	return m.ReuseFD(pinned.FD())
}

// SetInner makes inner, such as a MapHandle, the template for the maps in a map of
// maps. inner may be closed afterwards. (bpf_map__set_inner_map_fd)
func (m *OpenMap) SetInner(inner Descriptor) error {
	return m.set("set the inner map", func(lm backend.Map) error {
		fd, err := copyFD(inner, bpf.KindMap)
		if err != nil {
			return err
		}
		info, err := bpf.InfoOfMap(fd)
		if err == nil {
			err = lm.SetInnerFD(fd)
		}
		if err != nil {
			closeFD(fd)
			return err
		}
		m.o.loadFDs = append(m.o.loadFDs, fd)
		m.o.inner[m.i] = templateLike(info)
		return nil
	})
}

// SetInitialValue sets the initial contents of a data section or an arena, including
// sections that cannot be mapped. The value has the section's exact size in bytes, and
// is copied. (bpf_map__set_initial_value)
func (m *OpenMap) SetInitialValue(value []byte) error {
	return m.set("set the initial value", func(lm backend.Map) error { return lm.SetInitialValue(value) })
}

// InitialValue is a copy of the initial contents of a data section or an arena, nil for
// other maps. (bpf_map__initial_value)
func (m *OpenMap) InitialValue() []byte {
	return mapProperty(m, func(lm backend.Map) []byte { return slices.Clone(lm.InitialValue()) })
}
