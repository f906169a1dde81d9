package skel

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A cursor iterates over a map from key to key (BPF_MAP_GET_NEXT_KEY), while others change
// it. The kernel returns the key after a given one; if the given key no longer exists, it
// returns the first key of the map, without an error. So the cursor works like this, with
// seen for the set of keys that it has yielded or skipped:
//
//  1. readCur: get the key after last, or the first key of the map. At the end of the map,
//     stop.
//  2. skip: if that key, cur, is in seen, the kernel has started over. Let it be last and
//     return to 1.
//  3. readNext: get the key after cur, next, before the loop body can delete cur.
//  4. lookUp: read the value of cur. If cur no longer exists, next may be the first key of
//     the map: forget both and return to 1, with the same last.
//  5. Otherwise add cur to seen and yield it. It becomes last, and next becomes cur; go on
//     with 2.
//
// seen makes sure that no element is yielded twice. None is missed that exists throughout,
// because the cursor always continues after a key that existed when it was read, or starts
// over. Steps 2 and 4 that lead to no element count as detours; too many end the iteration
// with ErrIterAborted.
//
// The keys of an array are indices, which always exist: seen stays empty.
type cursor struct {
	b               *mapBase
	last, cur, next []uint64 // keys, as described above
	hasLast, hasCur bool     // last and cur hold a key
	ended           bool
	seen            keySet
	detours         int
	err             error
}

// advance finds the next element. Its key is then last, and its value is in value.
func (c *cursor) advance(value unsafe.Pointer) bool {
	for !c.ended {
		switch {
		case !c.hasCur && !c.readCur():
			return false
		case c.wasSeen():
			if !c.skip() {
				return false
			}
		case !c.readNext():
			return false
		default:
			found, ok := c.lookUp(value)
			if found || !ok {
				return found
			}
		}
	}
	return false
}

// readCur is step 1.
func (c *cursor) readCur() bool {
	from := c.last
	if !c.hasLast {
		from = nil
	}
	switch err := c.nextKey(from, c.cur); err {
	case nil:
		c.hasCur = true
		return true
	case c.b.notExist:
		return c.end(nil)
	default:
		return c.end(err)
	}
}

func (c *cursor) nextKey(from, to []uint64) error {
	return c.b.callElem(uapi.CmdMapGetNextKey, "iterate", mem.Of(from), mem.Of(to), 0)
}

// wasSeen reports whether cur was yielded or skipped before.
func (c *cursor) wasSeen() bool { return !arrayKinds.has(c.b.kind) && c.seen.has(c.bytes(c.cur)) }

// skip is step 2.
func (c *cursor) skip() bool {
	c.last, c.cur = c.cur, c.last
	c.hasLast, c.hasCur = true, false
	return c.detour()
}

// detour counts a step that did not lead to an element. The number allowed grows with the
// number of keys seen.
func (c *cursor) detour() bool {
	const perSlot, minimum = 8, 1000
	if c.detours++; c.detours > perSlot*len(c.seen.table)+minimum {
		return c.end(c.b.fail("iterate", ErrIterAborted))
	}
	return true
}

// readNext is step 3.
func (c *cursor) readNext() bool {
	switch err := c.nextKey(c.cur, c.next); err {
	case nil:
		return true
	case c.b.notExist:
		c.ended = true
		return true
	default:
		return c.end(err)
	}
}

// lookUp is steps 4 and 5. ok is false at the end of the iteration.
func (c *cursor) lookUp(value unsafe.Pointer) (found, ok bool) {
	err := c.b.callElem(uapi.CmdMapLookupElem, "iterate", mem.Of(c.cur), value, 0)
	switch {
	case err == nil:
		if !arrayKinds.has(c.b.kind) {
			c.seen.add(c.bytes(c.cur))
		}
	case err != c.b.notExist:
		return false, c.end(err)
	case !arrayKinds.has(c.b.kind):
		c.hasCur, c.ended = false, false
		return false, c.detour()
	}
	c.last, c.cur, c.next = c.cur, c.next, c.last
	c.hasLast, c.hasCur = true, !c.ended
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
