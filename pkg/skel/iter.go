package skel

import "iter"

// Iter iterates over the elements of a map. One goroutine uses it at a time.
type Iter[K, V any] struct {
	m   *Map[K, V]
	err error
}

// Iter returns an iterator over all elements. Each range over its All starts anew;
// afterwards Err returns the error that ended it early.
//
//	it := m.Iter()
//	for k, v := range it.All() {
//		...
//	}
//	if err := it.Err(); err != nil {
//		...
//	}
//
// The loop body may delete and change elements, and close the skeleton, which ends the
// loop with ErrClosed. Others may change the map during the loop. The loop yields each
// element that is in the map from beginning to end exactly once, and elements that are
// created or removed during the loop at most once. If there are too many changes to keep
// that promise, it ends with ErrIterAborted.
//
// Hashes and arrays are read in batches of up to 256 elements, if the kernel supports that
// (Linux 5.6, per-CPU arrays 5.13); each element is as it was when its batch was read. A
// batch takes 64 KiB, or the size of four elements or of one bucket of a hash, whichever
// is largest. Other kinds are read one element at a time; unless their keys are indices,
// the iterator remembers all keys until the loop ends.
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

// Err returns the error that ended the last range over All, nil if it saw the whole map or
// the loop body broke out of it.
func (it *Iter[K, V]) Err() error {
	if it == nil {
		return ErrClosed
	}
	return it.err
}

// each calls yield with each element, until it returns false.
func (m *Map[K, V]) each(yield func(K, V) bool) error {
	var w mapWalk
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

// All is Iter's All for callers that ignore errors: it ends at the first error.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { _ = m.each(yield) }
}

// Keys yields copies of the keys, and ends at the first error.
func (m *Map[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) { _ = eachKey(m.base(), yield) }
}

// eachKey calls yield with each key, until it returns false.
func eachKey[K any](b *mapBase, yield func(K) bool) error {
	var w mapWalk
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

// Len returns the number of elements: of an array, its size; of any other map, the number
// that an iteration finds.
func (m *Map[K, V]) Len() (n int, err error) { return m.base().length() }

func (b *mapBase) length() (n int, err error) {
	if b.unusable != nil {
		return 0, b.checkUsable()
	}
	if b.kind == kindArray || b.kind == kindPerCPUArray {
		return b.MaxEntries(), b.lifetime.check()
	}
	var w mapWalk
	w.begin(b)
	defer w.end()
	for w.fill() {
		n += w.n
	}
	return n, w.err
}

// PerCPUIter iterates over the elements of a PerCPUMap. One goroutine uses it at a time.
//
// It repeats the methods of Iter: to share them, each would have to be called through an
// interface or a type parameter, and then every range would allocate its loop body.
type PerCPUIter[K, V any] struct {
	m   *PerCPUMap[K, V]
	err error
}

// Iter returns an iterator over all elements, like Map's Iter.
func (m *PerCPUMap[K, V]) Iter() *PerCPUIter[K, V] { return &PerCPUIter[K, V]{m: m} }

// All yields keys and values. The slice is reused for the next element: copy values that
// the loop body keeps.
func (it *PerCPUIter[K, V]) All() iter.Seq2[K, []V] {
	return func(yield func(K, []V) bool) {
		if it == nil {
			return
		}
		it.err = nil
		it.err = it.m.each(yield)
	}
}

// Err returns the error that ended the last range over All, like Iter's Err.
func (it *PerCPUIter[K, V]) Err() error {
	if it == nil {
		return ErrClosed
	}
	return it.err
}

func (m *PerCPUMap[K, V]) each(yield func(K, []V) bool) error {
	values, err := m.newValues()
	if err != nil {
		return err
	}
	var w mapWalk
	w.begin(m.base())
	defer w.end()
	for w.advance() {
		copyFromKernel(values, w.value())
		// SAFETY: K has the size of the map's keys (require), and holds no pointers.
		if !yield(*(*K)(w.key()), values) {
			return nil
		}
	}
	return w.err
}

// All is Iter's All for callers that ignore errors: it ends at the first error.
func (m *PerCPUMap[K, V]) All() iter.Seq2[K, []V] {
	return func(yield func(K, []V) bool) { _ = m.each(yield) }
}

// Keys yields copies of the keys, and ends at the first error.
func (m *PerCPUMap[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) { _ = eachKey(m.base(), yield) }
}

// Len returns the number of elements, like Map's Len.
func (m *PerCPUMap[K, V]) Len() (n int, err error) { return m.base().length() }
