package skel

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// cursor goes through the keys of a map. Its user owns three keys, which take
// turns at being the one before, the one at hand and the one after.
//
// The key after an element is asked for before the loop body sees the element,
// which the body may delete: of a key that is gone the kernel gives the first key
// of the map. So an element counts only if it is still there once the key after
// it is known; if it is not, the way goes on from the one before, and if that is
// gone too, the cursor has lost its place. What has indices instead of keys has
// them all, whether or not there is an element.
type cursor struct {
	b     *mapBase
	state cursorState
	turn  uint8
	left  uint32 // elements that may still come
	err   error
}

type cursorState uint8

const (
	cursorStart  cursorState = iota
	cursorFirst              // a key is at hand, none came before
	cursorMiddle             // a key is at hand, one came before
	cursorLast               // no key is at hand
)

// keys are the three keys; prev, cur and next which of them is what.
type keys [3]unsafe.Pointer

func (c *cursor) prev() uint8 { return c.turn }
func (c *cursor) cur() uint8  { return (c.turn + 1) % 3 }
func (c *cursor) next() uint8 { return (c.turn + 2) % 3 }

func (c *cursor) reset(b *mapBase) { *c = cursor{b: b, left: b.maxEntries} }

// advance moves to the next element: its key is then the one before, its value
// is written to value.
func (c *cursor) advance(k *keys, value unsafe.Pointer) bool {
	if c.state == cursorStart && !c.start(k) {
		return false
	}
	for c.state != cursorLast {
		if c.left == 0 {
			return c.end(c.b.fail("iterate", ErrIterAborted))
		}
		c.left--
		last, ok := c.after(k[c.cur()], k[c.next()])
		if !ok {
			return false
		}
		switch err := c.lookup(k[c.cur()], value); {
		case err == c.b.missing && arrayKinds.has(c.b.kind):
			if c.turn = c.cur(); last {
				c.state = cursorLast
			}
			continue
		case err == c.b.missing:
			if !c.resume(k, value) {
				return false
			}
			continue
		case err != nil:
			return c.end(err)
		}
		c.turn = c.cur()
		if c.state = cursorMiddle; last {
			c.state = cursorLast
		}
		return true
	}
	return false
}

// start finds the first key.
func (c *cursor) start(k *keys) bool {
	last, ok := c.after(nil, k[c.cur()])
	if c.state = cursorFirst; last || !ok {
		c.state = cursorLast
	}
	return ok && !last
}

// after asks for the key after key; last says that there is none.
func (c *cursor) after(key, next unsafe.Pointer) (last, ok bool) {
	switch err := c.b.elem(libbpf.MapNextKey, "iterate", key, next, 0); err {
	case nil:
		return false, true
	case c.b.missing:
		return true, true
	default:
		return false, c.end(err)
	}
}

func (c *cursor) lookup(key, value unsafe.Pointer) error {
	return c.b.elem(libbpf.MapLookup, "iterate", key, value, 0)
}

// resume finds the key to go on with after the one at hand has vanished, from
// the one before if that is still there.
func (c *cursor) resume(k *keys, scratch unsafe.Pointer) bool {
	if c.state == cursorFirst {
		return c.start(k)
	}
	last, ok := c.after(k[c.prev()], k[c.cur()])
	if !ok {
		return false
	}
	switch err := c.lookup(k[c.prev()], scratch); {
	case err == c.b.missing:
		return c.end(c.b.fail("iterate", ErrIterAborted))
	case err != nil:
		return c.end(err)
	}
	if last {
		c.state = cursorLast
	}
	return true
}

// end finishes with err and returns false.
func (c *cursor) end(err error) bool {
	c.state, c.err = cursorLast, err
	return false
}
