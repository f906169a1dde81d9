// Package mem is the only place that converts Go memory to an address for C or for the
// kernel, and that checks whether a type is fit for that. It is pure Go. Only packages
// of this module use it.
package mem

import "unsafe"

// Of returns the address of the memory of s, for one call. It is nil if s has no bytes:
// nil and empty slices are the same to C and to the kernel, and an address never comes
// with a length of 0.
func Of[T any](s []T) unsafe.Pointer {
	if len(s) == 0 || unsafe.Sizeof(s[0]) == 0 {
		return nil
	}
	// SAFETY: the caller says how many elements there are, and keeps to them.
	return unsafe.Pointer(unsafe.SliceData(s))
}

// At returns the address of *p, for one call; nil if *p has no bytes.
func At[T any](p *T) unsafe.Pointer {
	if p == nil || unsafe.Sizeof(*p) == 0 {
		return nil
	}
	return unsafe.Pointer(p) // SAFETY: as in Of
}

// Bytes returns the memory of *p. T must be free of pointers (PointerFree).
func Bytes[T any](p *T) []byte {
	if p == nil {
		return nil
	}
	// SAFETY: exactly the bytes of *p.
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))
}

// OfString returns the memory of s, which nobody may change.
func OfString(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s)) // SAFETY: the bytes of the string
}

// As returns the T at the start of b, nil if b is too short for one. It shares b's
// memory, which must be aligned for a T. T must be free of pointers.
func As[T any](b []byte) *T {
	if unsafe.Sizeof(*new(T)) > uintptr(len(b)) {
		return nil
	}
	// SAFETY: b is long enough, and the caller vouches for its alignment.
	return (*T)(unsafe.Pointer(unsafe.SliceData(b)))
}
