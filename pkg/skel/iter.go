package skel

import (
	"iter"
	"unsafe"
)

// Iter goes through the elements of a map. One goroutine uses it at a time.
type Iter[K, V any] struct {
	m         *Map[K, V]
	prev      K // the element before, once yielded
	cur, next K
	value     V
	state     iterState
	left      uint64 // elements that may still come
	err       error
}

type iterState uint8

const (
	iterStart    iterState = iota
	iterFirst              // cur is to come, nothing was yielded
	iterMiddle             // cur is to come, prev was yielded
	iterFinished           // no cur
)

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
// meanwhile may be missed. Where the map changes so that the kernel would start
// again from the beginning, the loop ends with ErrIterAborted.
// (bpf_map_get_next_key, bpf_map_lookup_elem)
func (m *Map[K, V]) Iter() *Iter[K, V] { return &Iter[K, V]{m: m} }

// All yields copies of keys and values, in the kernel's order.
func (it *Iter[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for it.reset(); it.advance(); {
			if !yield(it.prev, it.value) {
				return
			}
		}
	}
}

// Err is why the last range over All ended early: nil if it saw the whole map, or
// if the loop body broke it off.
func (it *Iter[K, V]) Err() error { return it.err }

// All is Iter's All where the error does not matter: it ends at the first.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		it := Iter[K, V]{m: m}
		for it.reset(); it.advance(); {
			if !yield(it.prev, it.value) {
				return
			}
		}
	}
}

// Keys yields copies of the keys, and ends at the first error.
func (m *Map[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) {
		it := Iter[K, V]{m: m}
		for it.reset(); it.advance(); {
			if !yield(it.prev) {
				return
			}
		}
	}
}

// Len counts the elements: those that are there for hashes and the like, by going
// through them; all that an array has. (bpf_map_get_next_key)
func (m *Map[K, V]) Len() (n int, err error) {
	if m.kind == mapTypeArray && m.bad == nil {
		return m.MaxEntries(), m.o.check()
	}
	it := Iter[K, V]{m: m}
	for it.reset(); it.advance(); n++ {
	}
	return n, it.err
}

func (it *Iter[K, V]) reset() {
	it.state, it.err, it.left = iterStart, nil, uint64(it.m.maxEntries)
}

// advance moves to the next element and puts it in prev and value.
//
// The key after an element is asked for before the loop body sees the element,
// which the body may delete: of a key that is gone the kernel gives the first key
// of the map. So an element counts only if it is still there once the key after
// it is known; if it is not, the way goes on from the one before.
func (it *Iter[K, V]) advance() bool {
	if it.state == iterStart && !it.first() {
		return false
	}
	for it.state != iterFinished {
		if it.left == 0 {
			return it.end(it.m.fail("iterate", ErrIterAborted))
		}
		it.left--
		last, ok := it.step(&it.cur, &it.next)
		if !ok {
			return false
		}
		switch err := it.m.LookupInto(&it.cur, &it.value); {
		case err == it.m.missing:
			if !it.resume() {
				return false
			}
			continue
		case err != nil:
			return it.end(err)
		}
		it.prev, it.cur = it.cur, it.next
		if it.state = iterMiddle; last {
			it.state = iterFinished
		}
		return true
	}
	return false
}

func (it *Iter[K, V]) first() bool {
	last, ok := it.step(nil, &it.cur)
	if it.state = iterFirst; last {
		it.state = iterFinished
	}
	return ok && !last
}

// step asks for the key after key; last says that there is none.
func (it *Iter[K, V]) step(key, next *K) (last, ok bool) {
	// SAFETY: a K has the map's key size, and neither pointer is kept.
	err := it.m.elem(bpfMapNextKey, "iterate", unsafe.Pointer(key), unsafe.Pointer(next), 0)
	switch {
	case err == nil:
		return false, true
	case err == it.m.missing:
		return true, true
	}
	return false, it.end(err)
}

// resume finds the key to go on with after cur has vanished, from prev if that
// is still there.
func (it *Iter[K, V]) resume() bool {
	if it.state == iterFirst {
		return it.first()
	}
	last, ok := it.step(&it.prev, &it.cur)
	if !ok {
		return false
	}
	var v V
	switch err := it.m.LookupInto(&it.prev, &v); {
	case err == it.m.missing:
		return it.end(it.m.fail("iterate", ErrIterAborted))
	case err != nil:
		return it.end(err)
	}
	if last {
		it.state = iterFinished
	}
	return true
}

// end finishes the iteration with err and returns false.
func (it *Iter[K, V]) end(err error) bool {
	it.state, it.err = iterFinished, err
	return false
}
