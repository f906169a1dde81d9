// Package layout supports generated types whose C layout Go cannot express: unions,
// bitfields, members that are not aligned, flexible arrays, 128-bit integers. It is pure Go and builds on every system.
//
// Its functions are called by generated code, which knows that sizes and offsets fit; a
// function panics on a size or offset that does not fit, instead of accessing other
// memory. T must be a type without Go pointers, as generated types are.
package layout

import "unsafe"

// OrZero returns p, or a pointer to a zero value if p is nil: a view without a
// skeleton, or of a closed one, reads zeros.
func OrZero[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// At returns a pointer to the T that lies off bytes into s: a member of a union whose
// storage is s. It is valid as long as s is. It panics if T is not inside s or is not
// aligned there.
func At[T, S any](s *S, off uintptr) *T {
	var t T
	if off > unsafe.Sizeof(*s) || unsafe.Sizeof(t) > unsafe.Sizeof(*s)-off {
		panic("layout: member outside its storage")
	}
	// SAFETY: off + Sizeof(T) <= Sizeof(S), so p stays inside what s points to.
	p := unsafe.Add(unsafe.Pointer(s), off)
	if uintptr(p)%unsafe.Alignof(t) != 0 {
		panic("layout: member is not aligned")
	}
	return (*T)(p)
}

// Get returns a copy of the T at the start of b, which need not be aligned. It panics
// if b is shorter than T.
func Get[T any](b []byte) T {
	var t T
	copy(bytesOf(&t), b[:unsafe.Sizeof(t)])
	return t
}

// Put copies t's bytes to the start of b, which need not be aligned. It panics if b is
// shorter than T.
func Put[T any](b []byte, t T) {
	copy(b[:unsafe.Sizeof(t)], bytesOf(&t))
}

// Copy returns a pointer to a copy of t.
func Copy[T any](t T) *T { return &t }

// Merge sets a member in a zero T, and ORs the bits of that T into s. So if members
// share memory, the one that is not zero determines the bytes.
func Merge[T any](s *T, set func(*T)) {
	var one T
	set(&one)
	to, from := bytesOf(s), bytesOf(&one)
	for i, b := range from {
		to[i] |= b
	}
}

// Element returns a copy of the i-th T in b, an array that is not aligned. It panics if
// i is out of range.
func Element[T any](b []byte, i int) T {
	return Get[T](element[T](b, i))
}

// PutElement stores t as the i-th T in b, an array that is not aligned. It panics if i
// is out of range.
func PutElement[T any](b []byte, i int, t T) {
	Put(element[T](b, i), t)
}

func element[T any](b []byte, i int) []byte {
	var t T
	size := int(unsafe.Sizeof(t))
	if i < 0 || size == 0 || i >= len(b)/size {
		panic("layout: index out of range")
	}
	return b[i*size:][:size]
}

// Tail returns the n elements of a flexible array that begins off bytes into
// s. Neither C nor this function knows its length: the caller must know that n elements
// exist, for example from a member that counts them. It returns nil for n <= 0. The
// slice is valid as long as s is.
func Tail[T, S any](s *S, off uintptr, n int) []T {
	if n <= 0 {
		return nil
	}
	// SAFETY: the caller vouches that n elements follow at off; a generated
	// accessor's off is a multiple of T's alignment.
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(s), off)), n)
}

// Bool returns 1 for true and 0 for false, as in C.
func Bool(v bool) uint8 {
	if v {
		return 1
	}
	return 0
}

func bytesOf[T any](t *T) []byte {
	// SAFETY: exactly the bytes of *t, which has no Go pointers in it.
	return unsafe.Slice((*byte)(unsafe.Pointer(t)), unsafe.Sizeof(*t))
}
