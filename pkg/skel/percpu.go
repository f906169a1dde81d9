package skel

import (
	"fmt"
	"iter"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// PossibleCPUs is the number of values that an element of a per-CPU map has: one
// for each CPU that the kernel could have. (libbpf_num_possible_cpus)
func PossibleCPUs() int { return libbpf.NumPossibleCPUs() }

// PerCPUMap is a per-CPU hash, array, LRU hash or cgroup storage: an element has
// one key and PossibleCPUs values, indexed by CPU. It is used as a Map is.
type PerCPUMap[K, V any] struct {
	mapBase
}

// NewPerCPUMap returns the map with the given index. It is for generated
// packages.
func NewPerCPUMap[K, V any](o *Object, m int) *PerCPUMap[K, V] {
	out := &PerCPUMap[K, V]{newMapBase(o, m)}
	var k K
	var v V
	out.checkSizes(unsafe.Sizeof(k), unsafe.Sizeof(v))
	return out
}

// perCPUBuffer is memory as the kernel has the values: each rounded up to 8 bytes.
type perCPUBuffer[V any] struct {
	values []V
	raw    []uint64 // nil where values is that memory itself
}

func perCPUStride[V any]() int {
	var v V
	return (int(unsafe.Sizeof(v)) + 7) &^ 7
}

func newPerCPUBuffer[V any](values []V) perCPUBuffer[V] {
	var v V
	stride := perCPUStride[V]()
	if stride == int(unsafe.Sizeof(v)) {
		return perCPUBuffer[V]{values: values}
	}
	return perCPUBuffer[V]{values, make([]uint64, stride/8*len(values))}
}

func (b *perCPUBuffer[V]) pointer() unsafe.Pointer {
	if b.raw == nil {
		return unsafe.Pointer(unsafe.SliceData(b.values))
	}
	return unsafe.Pointer(unsafe.SliceData(b.raw))
}

// at is the value of one CPU in raw.
func (b *perCPUBuffer[V]) at(cpu int) *V {
	// SAFETY: raw has a stride for each of values, and words are aligned for all
	// types of less than a word.
	return (*V)(unsafe.Pointer(&b.raw[cpu*perCPUStride[V]()/8]))
}

func (b *perCPUBuffer[V]) toValues() {
	if b.raw != nil {
		for i := range b.values {
			b.values[i] = *b.at(i)
		}
	}
}

func (b *perCPUBuffer[V]) fromValues() {
	if b.raw != nil {
		for i := range b.values {
			*b.at(i) = b.values[i]
		}
	}
}

// Lookup returns copies of the values of key. The error is ErrNotExist where there
// are none. (bpf_map_lookup_elem)
func (m *PerCPUMap[K, V]) Lookup(key *K) ([]V, error) {
	values := make([]V, PossibleCPUs())
	if err := m.LookupInto(key, values); err != nil {
		return nil, err
	}
	return values, nil
}

// LookupInto is Lookup into values, of which there must be PossibleCPUs. It
// allocates nothing if a V has a multiple of 8 bytes.
func (m *PerCPUMap[K, V]) LookupInto(key *K, values []V) error {
	return m.values(libbpf.MapLookup, "look up", key, values)
}

// LookupAndDelete takes the element out of the map and returns its values.
// (bpf_map_lookup_and_delete_elem)
func (m *PerCPUMap[K, V]) LookupAndDelete(key *K) ([]V, error) {
	values := make([]V, PossibleCPUs())
	if err := m.values(libbpf.MapLookupAndDelete, "look up and delete", key, values); err != nil {
		return nil, err
	}
	return values, nil
}

func (m *PerCPUMap[K, V]) values(cmd uintptr, op string, key *K, values []V) error {
	if err := m.checkLen(values); err != nil {
		return err
	}
	buf := newPerCPUBuffer(values)
	// SAFETY: key and buffer have the sizes that the kernel uses; neither is kept.
	if err := m.elem(cmd, op, unsafe.Pointer(key), buf.pointer(), 0); err != nil {
		return err
	}
	buf.toValues()
	return nil
}

func (m *PerCPUMap[K, V]) checkLen(values []V) error {
	if n := PossibleCPUs(); len(values) != n {
		return m.fail("use", fmt.Errorf("%w: %d values for %d possible CPUs", syscall.EINVAL, len(values), n))
	}
	return nil
}

// Has tells whether key is in the map. (bpf_map_lookup_elem)
func (m *PerCPUMap[K, V]) Has(key *K) (bool, error) {
	_, err := m.Lookup(key)
	if err == m.missing {
		return false, nil
	}
	return err == nil, err
}

// Update sets the values of key, one for each possible CPU. (bpf_map_update_elem)
func (m *PerCPUMap[K, V]) Update(key *K, values []V, flags ...UpdateFlags) error {
	if err := m.checkLen(values); err != nil {
		return err
	}
	buf := newPerCPUBuffer(values)
	buf.fromValues()
	// SAFETY: key and buffer have the sizes that the kernel uses; neither is kept.
	return m.elem(libbpf.MapUpdate, "update", unsafe.Pointer(key), buf.pointer(), orFlags(flags))
}

// Delete removes the element of key. (bpf_map_delete_elem)
func (m *PerCPUMap[K, V]) Delete(key *K) error {
	// SAFETY: the key has the map's size and is not kept.
	return m.elem(libbpf.MapDelete, "delete", unsafe.Pointer(key), nil, 0)
}

// PerCPUIter goes through the elements of a PerCPUMap. One goroutine uses it at
// a time.
type PerCPUIter[K, V any] struct {
	m    *PerCPUMap[K, V]
	c    cursor
	keys [3]K
	buf  perCPUBuffer[V]
}

// Iter returns an iteration over all elements, as Map's Iter does.
func (m *PerCPUMap[K, V]) Iter() *PerCPUIter[K, V] { return &PerCPUIter[K, V]{m: m} }

// All yields keys and values. The slice is used again for the next element: copy
// what is to outlive the loop body.
func (it *PerCPUIter[K, V]) All() iter.Seq2[K, []V] {
	return func(yield func(K, []V) bool) {
		it.buf = newPerCPUBuffer(make([]V, PossibleCPUs()))
		for it.c.reset(&it.m.mapBase); it.advance(); {
			if !yield(it.keys[it.c.prev()], it.buf.values) {
				return
			}
		}
	}
}

// Err is why the last range over All ended early, nil if it did not.
func (it *PerCPUIter[K, V]) Err() error { return it.c.err }

func (it *PerCPUIter[K, V]) advance() bool {
	// SAFETY: keys and buffer have the sizes that the kernel uses; none is kept.
	k := keys{unsafe.Pointer(&it.keys[0]), unsafe.Pointer(&it.keys[1]), unsafe.Pointer(&it.keys[2])}
	if !it.c.advance(&k, it.buf.pointer()) {
		return false
	}
	it.buf.toValues()
	return true
}

// All is Iter's All where the error does not matter: it ends at the first.
func (m *PerCPUMap[K, V]) All() iter.Seq2[K, []V] { return m.Iter().All() }

// Keys yields copies of the keys, and ends at the first error.
func (m *PerCPUMap[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range m.All() {
			if !yield(k) {
				return
			}
		}
	}
}

// Len counts the elements, as Map's Len does.
func (m *PerCPUMap[K, V]) Len() (n int, err error) {
	if m.kind == kindPerCPUArray && m.bad == nil {
		return m.MaxEntries(), m.life.check()
	}
	it := m.Iter()
	for range it.All() {
		n++
	}
	return n, it.Err()
}
