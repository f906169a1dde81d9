package skel

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A cursor goes through a map from key to key.
//
// The kernel finds the key after a given one. If the given key is gone, it returns
// the first key of the map: without a word, it starts again.
//
//  1. The key after an element is asked for before the loop body sees the element,
//     which the body may delete.
//  2. If that key is gone when its turn comes, the key after the last element that
//     was seen is asked for again.
//  3. If the kernel starts again all the same, the keys that were seen are passed
//     over until a new one comes: so none comes twice, and none is missed that is
//     there throughout. Too many detours end the iteration with ErrIterAborted.
//
// The keys of an array are indices, which neither come nor go.
type cursor struct {
	b *mapBase
	// The key of the last element that was seen, or passed over; a key to look at;
	// and memory for the one after it.
	last, cur, next []uint64
	started, asked  bool // last is a key; cur is one
	ended           bool
	seen            keySet
	detours         int
	err             error
}

// advance moves to the next element, whose key is then last, and writes its value to
// value.
func (c *cursor) advance(value unsafe.Pointer) bool {
	for !c.ended {
		switch {
		case !c.asked && !c.ask():
			return false
		case c.passed():
			if !c.pass() {
				return false
			}
		case !c.peek():
			return false
		default:
			found, ok := c.lookup(value)
			if found || !ok {
				return found
			}
		}
	}
	return false
}

// ask finds the key after last, or the first.
func (c *cursor) ask() bool {
	from := c.last
	if !c.started {
		from = nil
	}
	switch err := c.nextKey(from, c.cur); err {
	case nil:
		c.asked = true
		return true
	case c.b.missing:
		return c.end(nil)
	default:
		return c.end(err)
	}
}

func (c *cursor) nextKey(from, to []uint64) error {
	return c.b.elem(uapi.CmdMapGetNextKey, "iterate", mem.Of(from), mem.Of(to), 0)
}

// passed reports whether the key at hand was seen before.
func (c *cursor) passed() bool { return !arrayKinds.has(c.b.kind) && c.seen.has(c.bytes(c.cur)) }

// pass goes on behind the key at hand.
func (c *cursor) pass() bool {
	c.last, c.cur = c.cur, c.last
	c.started, c.asked = true, false
	return c.detour()
}

// detour counts a step that did not lead to an element. There may be some for each
// element that was seen.
func (c *cursor) detour() bool {
	const each, free = 8, 1000
	if c.detours++; c.detours > each*len(c.seen.table)+free {
		return c.end(c.b.fail("iterate", ErrIterAborted))
	}
	return true
}

// peek finds the key after the one at hand.
func (c *cursor) peek() bool {
	switch err := c.nextKey(c.cur, c.next); err {
	case nil:
		return true
	case c.b.missing:
		c.ended = true
		return true
	default:
		return c.end(err)
	}
}

// lookup looks at the key at hand. If its element is there, it becomes the last and
// the key after it the one at hand.
func (c *cursor) lookup(value unsafe.Pointer) (found, ok bool) {
	err := c.b.elem(uapi.CmdMapLookupElem, "iterate", mem.Of(c.cur), value, 0)
	switch {
	case err == nil:
		if !arrayKinds.has(c.b.kind) {
			c.seen.add(c.bytes(c.cur))
		}
	case err != c.b.missing:
		return false, c.end(err)
	case !arrayKinds.has(c.b.kind):
		// What peek found may be the first key of the map, or its end.
		c.asked, c.ended = false, false
		return false, c.detour()
	}
	c.last, c.cur, c.next = c.cur, c.next, c.last
	c.started, c.asked = true, !c.ended
	return err == nil, true
}

func (c *cursor) bytes(key []uint64) []byte {
	// SAFETY: the key's own bytes, of which there are keySize.
	return unsafe.Slice((*byte)(mem.Of(key)), c.b.keySize)
}

// end finishes with err and returns false.
func (c *cursor) end(err error) bool {
	c.ended, c.err = true, err
	return false
}
