package skel

import (
	"iter"
	"unsafe"
)

// Iter goes through the elements of a map. One goroutine uses it at a time.
type Iter[K, V any] struct {
	m     *Map[K, V]
	c     cursor
	keys  [3]K
	value V
}

// Iter returns an iteration over all elements. Each range over its All starts
// anew; Err tells afterwards whether it saw the whole map.
//
//	it := m.Iter()
//	for k, v := range it.All() {
//		...
//	}
//	if err := it.Err(); err != nil {
//		...
//	}
//
// The loop body may delete the element it was given, change others, and close the
// skeleton, which ends the loop with ErrClosed. Elements that are made or removed
// meanwhile may be missed or come twice. Where the map changes so that the kernel
// would start again from the beginning, the loop ends with ErrIterAborted; it
// never yields more elements than the map can hold.
// (bpf_map_get_next_key, bpf_map_lookup_elem)
func (m *Map[K, V]) Iter() *Iter[K, V] { return &Iter[K, V]{m: m} }

// All yields copies of keys and values, in the kernel's order.
func (it *Iter[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for it.c.reset(&it.m.mapBase); it.advance(); {
			if !yield(it.keys[it.c.prev()], it.value) {
				return
			}
		}
	}
}

// Err is why the last range over All ended early: nil if it saw the whole map, or
// if the loop body broke it off.
func (it *Iter[K, V]) Err() error { return it.c.err }

func (it *Iter[K, V]) advance() bool {
	// SAFETY: K and V have the map's sizes (NewMap), and no pointer is kept.
	k := keys{unsafe.Pointer(&it.keys[0]), unsafe.Pointer(&it.keys[1]), unsafe.Pointer(&it.keys[2])}
	return it.c.advance(&k, unsafe.Pointer(&it.value))
}

// All is Iter's All where the error does not matter: it ends at the first.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		it := Iter[K, V]{m: m}
		for it.c.reset(&m.mapBase); it.advance(); {
			if !yield(it.keys[it.c.prev()], it.value) {
				return
			}
		}
	}
}

// Keys yields copies of the keys, and ends at the first error.
func (m *Map[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) {
		it := Iter[K, V]{m: m}
		for it.c.reset(&m.mapBase); it.advance(); {
			if !yield(it.keys[it.c.prev()]) {
				return
			}
		}
	}
}

// Len counts the elements: for a hash and the like those that are there now, by
// going through them; for an array all that it has. (bpf_map_get_next_key)
func (m *Map[K, V]) Len() (n int, err error) {
	if m.kind == kindArray && m.bad == nil {
		return m.MaxEntries(), m.life.check()
	}
	it := Iter[K, V]{m: m}
	for it.c.reset(&m.mapBase); it.advance(); n++ {
	}
	return n, it.c.err
}
