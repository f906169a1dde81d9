package skel

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// PossibleCPUs is the number of values that an element of a per-CPU map has: one for
// each CPU that the kernel could have. It is read from /sys, and it is an error if /sys
// is not mounted; the number is cached, a failure is not. (libbpf_num_possible_cpus)
func PossibleCPUs() (int, error) {
	n, err := bpf.NumPossibleCPUs()
	if err == nil {
		return n, nil
	}
	return 0, fmt.Errorf("the number of possible CPUs is unknown: read /sys/devices/system/cpu/possible: %w; mount sysfs at /sys", err)
}

// PerCPUMap is a per-CPU hash, array, LRU hash or cgroup storage: an element has one
// key and PossibleCPUs values, indexed by CPU. It is used like a Map.
type PerCPUMap[K, V any] struct {
	mapBase
}

func (m *PerCPUMap[K, V]) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(keyValueShape[K, V]("PerCPUMap"))
}

// stride is the distance between the values of two CPUs in the kernel's memory.
func stride(size uintptr) int { return int(size+7) &^ 7 }

// perCPUBuffer is memory in which the kernel reads or writes the values of an element.
type perCPUBuffer[V any] struct {
	values []V
	raw    []uint64 // nil if values is that memory itself
}

func newPerCPUBuffer[V any](values []V) perCPUBuffer[V] {
	size := unsafe.Sizeof(*new(V))
	if stride(size) == int(size) {
		return perCPUBuffer[V]{values: values}
	}
	return perCPUBuffer[V]{values, make([]uint64, stride(size)/8*len(values))}
}

func (b *perCPUBuffer[V]) pointer() unsafe.Pointer {
	if b.raw == nil {
		return mem.Of(b.values)
	}
	return mem.Of(b.raw)
}

// copyOut copies the values that the kernel wrote from raw.
func (b *perCPUBuffer[V]) copyOut() {
	if b.raw != nil {
		copyFromKernel(b.values, mem.Of(b.raw))
	}
}

// copyIn copies the values that the kernel will read to raw.
func (b *perCPUBuffer[V]) copyIn() {
	if b.raw != nil {
		copyToKernel(mem.Of(b.raw), b.values)
	}
}

// copyFromKernel copies the values of one element out of memory that the kernel wrote.
func copyFromKernel[V any](values []V, raw unsafe.Pointer) {
	for i := range values {
		values[i] = *perCPUValue[V](raw, i)
	}
}

// copyToKernel copies the values of one element to memory that the kernel will read.
func copyToKernel[V any](raw unsafe.Pointer, values []V) {
	for i := range values {
		*perCPUValue[V](raw, i) = values[i]
	}
}

func perCPUValue[V any](raw unsafe.Pointer, cpu int) *V {
	// SAFETY: raw has a stride for each CPU, and begins at a word's boundary, which
	// suits every type.
	return (*V)(unsafe.Add(raw, cpu*stride(unsafe.Sizeof(*new(V)))))
}

// newValues returns memory for the values of one element.
func (m *PerCPUMap[K, V]) newValues() ([]V, error) {
	if err := m.base().checkUsable(); err != nil {
		return nil, err
	}
	n, err := PossibleCPUs()
	if err != nil {
		return nil, m.base().fail("use", err)
	}
	return make([]V, n), nil
}

// Lookup returns copies of the values of key. The error is ErrNotExist if there
// are none. (bpf_map_lookup_elem)
func (m *PerCPUMap[K, V]) Lookup(key *K) ([]V, error) {
	return m.lookup(uapi.CmdMapLookupElem, "look up", key)
}

// LookupInto is Lookup into values, whose length must be PossibleCPUs. It allocates
// nothing if a V has a multiple of 8 bytes.
func (m *PerCPUMap[K, V]) LookupInto(key *K, values []V) error {
	return m.lookupInto(uapi.CmdMapLookupElem, "look up", key, values)
}

// LookupAndDelete removes the element of key and returns its values.
// (bpf_map_lookup_and_delete_elem)
func (m *PerCPUMap[K, V]) LookupAndDelete(key *K) ([]V, error) {
	return m.lookup(uapi.CmdMapLookupAndDeleteElem, "look up and delete", key)
}

func (m *PerCPUMap[K, V]) lookup(cmd uapi.Cmd, op string, key *K) ([]V, error) {
	values, err := m.newValues()
	if err != nil {
		return nil, err
	}
	if err := m.lookupInto(cmd, op, key, values); err != nil {
		return nil, err
	}
	return values, nil
}

func (m *PerCPUMap[K, V]) lookupInto(cmd uapi.Cmd, op string, key *K, values []V) error {
	if err := m.checkLen(values); err != nil {
		return err
	}
	buf := newPerCPUBuffer(values)
	// The buffer has the size that the kernel uses; neither is kept.
	if err := m.base().callElem(cmd, op, mem.At(key), buf.pointer(), 0); err != nil {
		return err
	}
	buf.copyOut()
	return nil
}

func (m *PerCPUMap[K, V]) checkLen(values []V) error {
	if m.base().unusable != nil {
		return m.base().checkUsable()
	}
	switch n, err := PossibleCPUs(); {
	case err != nil:
		return m.base().fail("use", err)
	case len(values) != n:
		return m.base().fail("use", fmt.Errorf("%w: %d values, but the kernel has %d possible CPUs", syscall.EINVAL, len(values), n))
	}
	return nil
}

// Has reports whether key is in the map. (bpf_map_lookup_elem)
func (m *PerCPUMap[K, V]) Has(key *K) (bool, error) {
	_, err := m.Lookup(key)
	if err == m.base().notExist {
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
	buf.copyIn()
	// The buffer has the size that the kernel uses; neither is kept.
	return m.base().callElem(uapi.CmdMapUpdateElem, "update", mem.At(key), buf.pointer(), joinFlags(flags))
}

// Delete removes the element of key. (bpf_map_delete_elem)
func (m *PerCPUMap[K, V]) Delete(key *K) error {
	return m.base().callElem(uapi.CmdMapDeleteElem, "delete", mem.At(key), nil, 0)
}
