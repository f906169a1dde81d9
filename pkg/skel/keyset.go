package skel

import (
	"bytes"
	"hash/maphash"
)

// keySet is a set of keys of one size: their bytes, one after the other, and a table
// of their numbers by hash. It takes the keys' size and at most 16 bytes for each.
type keySet struct {
	size  int
	keys  []byte
	table []uint32 // slots with number + 1, or 0 if free; the length is a power of 2
	seed  maphash.Seed
}

// add reports whether key was not in the set before.
func (s *keySet) add(key []byte) bool {
	if s.table == nil {
		s.size, s.seed, s.table = len(key), maphash.MakeSeed(), make([]uint32, 64)
	}
	slot, found := s.find(key)
	if found {
		return false
	}
	s.keys = append(s.keys, key...)
	s.table[slot] = uint32(s.len())
	if 2*s.len() > len(s.table) {
		s.grow()
	}
	return true
}

func (s *keySet) has(key []byte) bool {
	if s.table == nil {
		return false
	}
	_, found := s.find(key)
	return found
}

func (s *keySet) len() int { return len(s.keys) / s.size }

// find returns the slot of key in the table, or the free slot at which to add it.
func (s *keySet) find(key []byte) (slot uint64, found bool) {
	mask := uint64(len(s.table) - 1)
	for slot = maphash.Bytes(s.seed, key) & mask; s.table[slot] != 0; slot = (slot + 1) & mask {
		i := int(s.table[slot]-1) * s.size
		if bytes.Equal(s.keys[i:i+s.size], key) {
			return slot, true
		}
	}
	return slot, false
}

func (s *keySet) grow() {
	s.table = make([]uint32, 2*len(s.table))
	for i := range s.len() {
		slot, _ := s.find(s.keys[i*s.size:][:s.size])
		s.table[slot] = uint32(i + 1)
	}
}
