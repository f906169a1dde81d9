package skel

import "iter"

// Iter goes through the elements of a map. One goroutine uses it at a time.
type Iter[K, V any] struct {
	m   *Map[K, V]
	err error
}

// Iter returns an iteration over all elements. Each range over its All starts
// anew; Err says afterwards why it ended.
//
//	it := m.Iter()
//	for k, v := range it.All() {
//		...
//	}
//	if err := it.Err(); err != nil {
//		...
//	}
//
// The loop body may delete and change elements, and close the skeleton, which ends
// the loop with ErrClosed. Others may change the map meanwhile. No element comes
// twice, and none is missed that is in the map from beginning to end; of those that
// are made or removed meanwhile some come. If the kernel cannot keep its place among
// the changes, the loop ends with ErrIterAborted.
//
// Hashes and arrays are read in batches of at most 256 elements, if the kernel has
// batches for them (Linux 5.6, per-CPU arrays 5.13): an element is then as it was
// when its batch was read. A batch takes 64 KiB, or four elements if they are
// larger, or as many as there are in one bucket of a hash. Other kinds are read one
// element at a time; if they have no indices for keys, the keys that were seen are
// kept until the loop ends.
// (bpf_map_lookup_batch; bpf_map_get_next_key, bpf_map_lookup_elem)
func (m *Map[K, V]) Iter() *Iter[K, V] { return &Iter[K, V]{m: m} }

// All yields copies of keys and values, in the kernel's order.
func (it *Iter[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if it == nil {
			return
		}
		it.err = nil
		it.err = it.m.each(yield)
	}
}

// Err is why the last range over All ended early: nil if it saw the whole map, or
// if the loop body broke it off.
func (it *Iter[K, V]) Err() error {
	if it == nil {
		return ErrClosed
	}
	return it.err
}

// each calls yield with each element, until it returns false.
func (m *Map[K, V]) each(yield func(K, V) bool) error {
	var w walk
	w.begin(m.base())
	defer w.end()
	for w.advance() {
		// SAFETY: K and V have the sizes of the map's keys and values (require), and
		// hold no pointers.
		if !yield(*(*K)(w.key()), *(*V)(w.value())) {
			return nil
		}
	}
	return w.err
}

// All is Iter's All if the error does not matter: it ends at the first.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { _ = m.each(yield) }
}

// Keys yields copies of the keys, and ends at the first error.
func (m *Map[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) { _ = eachKey(m.base(), yield) }
}

// eachKey calls yield with each key, until it returns false.
func eachKey[K any](b *mapBase, yield func(K) bool) error {
	var w walk
	w.begin(b)
	defer w.end()
	for w.advance() {
		// SAFETY: as in each.
		if !yield(*(*K)(w.key())) {
			return nil
		}
	}
	return w.err
}

// Len counts the elements: for a hash and the like those that are there now, by
// going through them as Iter does; for an array all that it has.
func (m *Map[K, V]) Len() (n int, err error) { return m.base().length() }

func (b *mapBase) length() (n int, err error) {
	if b.bad != nil {
		return 0, b.usable()
	}
	if b.kind == kindArray || b.kind == kindPerCPUArray {
		return b.MaxEntries(), b.life.check()
	}
	var w walk
	w.begin(b)
	defer w.end()
	for w.fill() {
		n += w.n
	}
	return n, w.err
}

// PerCPUIter goes through the elements of a PerCPUMap. One goroutine uses it at
// a time.
type PerCPUIter[K, V any] struct {
	m   *PerCPUMap[K, V]
	err error
}

// Iter returns an iteration over all elements, as Map's Iter does.
func (m *PerCPUMap[K, V]) Iter() *PerCPUIter[K, V] { return &PerCPUIter[K, V]{m: m} }

// All yields keys and values. The slice is used again for the next element: copy
// what is to outlive the loop body.
func (it *PerCPUIter[K, V]) All() iter.Seq2[K, []V] {
	return func(yield func(K, []V) bool) {
		if it == nil {
			return
		}
		it.err = nil
		it.err = it.m.each(yield)
	}
}

// Err is why the last range over All ended early, nil if it did not.
func (it *PerCPUIter[K, V]) Err() error {
	if it == nil {
		return ErrClosed
	}
	return it.err
}

func (m *PerCPUMap[K, V]) each(yield func(K, []V) bool) error {
	values, err := m.room()
	if err != nil {
		return err
	}
	var w walk
	w.begin(m.base())
	defer w.end()
	for w.advance() {
		fromKernel(values, w.value())
		// SAFETY: K has the size of the map's keys (require), and holds no pointers.
		if !yield(*(*K)(w.key()), values) {
			return nil
		}
	}
	return w.err
}

// All is Iter's All if the error does not matter: it ends at the first.
func (m *PerCPUMap[K, V]) All() iter.Seq2[K, []V] {
	return func(yield func(K, []V) bool) { _ = m.each(yield) }
}

// Keys yields copies of the keys, and ends at the first error.
func (m *PerCPUMap[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) { _ = eachKey(m.base(), yield) }
}

// Len counts the elements, as Map's Len does.
func (m *PerCPUMap[K, V]) Len() (n int, err error) { return m.base().length() }
