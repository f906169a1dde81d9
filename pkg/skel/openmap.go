package skel

import (
	"fmt"
	"slices"
	"syscall"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// OpenMap is a map before load. What it sets goes to libbpf and takes effect at
// Load; after that every method returns ErrClosed, or a zero value.
type OpenMap struct {
	o    *OpenObject
	i    int
	name string
}

// NewOpenMap returns the map with the given index. It is for generated packages.
func NewOpenMap(o *OpenObject, m int) *OpenMap {
	return &OpenMap{o, m, o.sk.Map(m).Name()}
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *OpenMap) Name() string { return m.name }

func (m *OpenMap) set(op string, f func(libbpf.Map) error) error {
	return m.o.with(func(sk *libbpf.Skeleton) error {
		return fail(op, m.o.spec.Name, m.name, "", f(sk.Map(m.i)))
	})
}

// setShape is set for what must not change under a data section: libbpf has
// mapped it by then, and would unmap another size.
func (m *OpenMap) setShape(op string, f func(libbpf.Map) error) error {
	return m.set(op, func(lm libbpf.Map) error {
		if lm.Internal() {
			return fmt.Errorf("%w: a data section is an array of one element", syscall.EINVAL)
		}
		return f(lm)
	})
}

// SetMaxEntries sets how many elements the map can hold; for a ring buffer, its
// size in bytes, a power of two of whole pages. (bpf_map__set_max_entries)
func (m *OpenMap) SetMaxEntries(n uint32) error {
	return m.setShape("set max_entries", func(lm libbpf.Map) error { return lm.SetMaxEntries(n) })
}

// SetInitialValue sets what a data section or an arena starts with, and reaches
// sections that cannot be mapped too. The value has the section's exact size in
// bytes, and is copied. (bpf_map__set_initial_value)
func (m *OpenMap) SetInitialValue(value []byte) error {
	return m.set("set the initial value", func(lm libbpf.Map) error { return lm.SetInitialValue(value) })
}

// InitialValue is a copy of what a data section or an arena starts with, nil for
// other maps. (bpf_map__initial_value)
func (m *OpenMap) InitialValue() (value []byte) {
	_ = m.set("read the initial value", func(lm libbpf.Map) error {
		value = slices.Clone(lm.InitialValue())
		return nil
	})
	return value
}
