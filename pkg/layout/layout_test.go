package layout

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"syscall"
	"testing"
	"unsafe"
)

func TestAt(t *testing.T) {
	var s struct {
		_   [0]uint64
		raw [16]byte
	}
	*At[uint32](&s.raw, 8) = 0x01020304
	if *At[[4]byte](&s.raw, 8) == [4]byte{} || *At[uint64](&s.raw, 0) != 0 {
		t.Errorf("after a write at offset 8, the bytes are % x", s.raw)
	}
	for name, f := range map[string]func(){
		"past the end":  func() { At[uint64](&s.raw, 9) },
		"far outside":   func() { At[uint64](&s.raw, 100) },
		"wraps around":  func() { At[uint64](&s.raw, ^uintptr(3)) },
		"not aligned":   func() { At[uint32](&s.raw, 1) },
		"short storage": func() { Get[uint64](s.raw[9:]) },
		"no element":    func() { Element[uint32](s.raw[:7], 1) },
		"before all":    func() { PutElement[uint32](s.raw[:], -1, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func TestGetPut(t *testing.T) {
	type pair struct {
		A uint8
		_ [3]byte
		B uint32
	}
	b := make([]byte, 32)
	Put(b[3:], pair{A: 7, B: 9})
	if got := Get[pair](b[3:]); got.A != 7 || got.B != 9 {
		t.Errorf("Get = %+v", got)
	}
	PutElement(b[1:], 1, uint16(0xabcd))
	if got := Element[uint16](b[1:], 1); got != 0xabcd {
		t.Errorf("Element = %#x", got)
	}
}

func TestTail(t *testing.T) {
	var s struct {
		N    uint32
		data [3]uint32
	}
	s.data = [3]uint32{1, 2, 3}
	if got := Tail[uint32](&s, 4, 3); len(got) != 3 || got[2] != 3 {
		t.Errorf("Tail = %v", got)
	}
	if got := Tail[uint32](&s, 16, 0); got != nil {
		t.Errorf("Tail of no elements = %v", got)
	}
}

// bitAt reads one bit, counted from the lowest or the highest of each byte.
func bitAt(b []byte, i uint, big bool) uint64 {
	if big {
		return uint64(b[i/8]>>(7-i%8)) & 1
	}
	return uint64(b[i/8]>>(i%8)) & 1
}

// slow assembles a bitfield bit by bit: the highest bit comes first in a
// big-endian object, last in a little-endian one.
func slow(b []byte, off, n uint, big bool) uint64 {
	var v uint64
	for i := range n {
		if big {
			v = v<<1 | bitAt(b, off+i, true)
		} else {
			v |= bitAt(b, off+i, false) << i
		}
	}
	return v
}

func TestBits(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20000 {
		b := make([]byte, 10)
		r.Read(b)
		n := 1 + uint(r.Intn(64))
		off := uint(r.Intn(int(80 - n + 1)))
		v := r.Uint64()
		for _, big := range []bool{false, true} {
			get, put := Bits[uint64], PutBits[uint64]
			if big {
				get, put = BitsBE[uint64], PutBitsBE[uint64]
			}
			if got, want := get(b, off, n), slow(b, off, n, big); got != want {
				t.Fatalf("big=%v off=%d n=%d of % x: %#x, want %#x", big, off, n, b, got, want)
			}
			c := bytes.Clone(b)
			put(c, off, n, v)
			if got, want := slow(c, off, n, big), v&(1<<n-1); got != want {
				t.Fatalf("big=%v off=%d n=%d: stored %#x, want %#x", big, off, n, got, want)
			}
			for i := range uint(80) {
				if (i < off || i >= off+n) && bitAt(b, i, big) != bitAt(c, i, big) {
					t.Fatalf("big=%v off=%d n=%d changed bit %d too", big, off, n, i)
				}
			}
		}
	}
}

func TestBitsSign(t *testing.T) {
	b := []byte{0b101_00000}
	if got := Bits[int32](b, 5, 3); got != -3 {
		t.Errorf("signed 3-bit 101 = %d, want -3", got)
	}
	if got := BitsBE[int32](b, 0, 3); got != -3 {
		t.Errorf("big-endian signed 3-bit 101 = %d, want -3", got)
	}
	if got := Bits[uint32](b, 5, 3); got != 5 {
		t.Errorf("unsigned 3-bit 101 = %d, want 5", got)
	}
	PutBits(b, 0, 8, int8(-1))
	if b[0] != 0xff {
		t.Errorf("stored %#x", b[0])
	}
}

func TestBits128(t *testing.T) {
	b := make([]byte, 20)
	v := Uint128{Lo: 0x1122334455667788, Hi: 0x9}
	PutBits128(b, 3, 68, v)
	if got := Bits128(b, 3, 68); got != v {
		t.Errorf("little-endian: %x", got)
	}
	clear(b)
	PutBits128BE(b, 3, 68, v)
	if got := Bits128BE(b, 3, 68); got != v {
		t.Errorf("big-endian: %x", got)
	}
	if got := Signed128(v, 68); got.Hi != -7 {
		t.Errorf("sign: %v", got)
	}
}

func TestInt128(t *testing.T) {
	for _, c := range []struct {
		v    fmt.Stringer
		want string
	}{
		{Uint128{Lo: 1, Hi: 1}, "18446744073709551617"},
		{Int128{Lo: ^uint64(0), Hi: -1}, "-1"},
		{Int128{Lo: 5}, "5"},
	} {
		if got := c.v.String(); got != c.want {
			t.Errorf("%#v = %s, want %s", c.v, got, c.want)
		}
	}
	if got := Get[Int128]([]byte{15: 0}); got != (Int128{}) {
		t.Errorf("%v", got)
	}
}

// function is a program at p.
type function struct{ p unsafe.Pointer }

func (f function) Pointer() unsafe.Pointer { return f.p }

func TestStructOpsFunc(t *testing.T) {
	var s StructOpsFunc
	if unsafe.Sizeof(s) != 8 || s.IsSet() {
		t.Errorf("an empty slot has %d bytes, set is %v", unsafe.Sizeof(s), s.IsSet())
	}
	var program int
	if err := s.Set(function{unsafe.Pointer(&program)}); err != nil || !s.IsSet() {
		t.Errorf("Set returned %v", err)
	}
	// SAFETY: a StructOpsFunc is at least a pointer, at its start.
	if *(*unsafe.Pointer)(unsafe.Pointer(&s)) != unsafe.Pointer(&program) {
		t.Error("libbpf does not find the program at the slot's start")
	}
	if err := s.Set(function{}); !errors.Is(err, syscall.EINVAL) || !s.IsSet() {
		t.Errorf("a program that is closed: error %v", err)
	}
	if s.Clear(); s.IsSet() {
		t.Error("set after Clear")
	}
}
