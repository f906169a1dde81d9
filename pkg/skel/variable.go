package skel

import (
	"sync/atomic"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/layout"
)

// Scalar is a type that Load and Store take: of 1, 2, 4 or 8 bytes.
type Scalar interface {
	~bool | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Load reads a variable of a section that programs may change at the same time. It
// reads memory, not a register, and in one access, which plain Go code does not
// guarantee. For integers of 32 and 64 bits, sync/atomic does the same, and more.
func Load[T Scalar](p *T) T {
	// SAFETY: each case has T's size. A word that holds a smaller T lies in the
	// same page.
	switch unsafe.Sizeof(*p) {
	case 8:
		v := atomic.LoadUint64((*uint64)(unsafe.Pointer(p)))
		return *(*T)(unsafe.Pointer(&v))
	case 4:
		v := atomic.LoadUint32((*uint32)(unsafe.Pointer(p)))
		return *(*T)(unsafe.Pointer(&v))
	}
	word, off := wordOf(unsafe.Pointer(p))
	v := atomic.LoadUint32(word)
	return *(*T)(unsafe.Add(unsafe.Pointer(&v), off))
}

// Store writes a variable of a section in one access, so that programs see it, and does
// not change its neighbors. For integers of 32 and 64 bits, sync/atomic does the same,
// and more.
func Store[T Scalar](p *T, value T) {
	// SAFETY: as in Load.
	switch unsafe.Sizeof(*p) {
	case 8:
		atomic.StoreUint64((*uint64)(unsafe.Pointer(p)), *(*uint64)(unsafe.Pointer(&value)))
		return
	case 4:
		atomic.StoreUint32((*uint32)(unsafe.Pointer(p)), *(*uint32)(unsafe.Pointer(&value)))
		return
	}
	word, off := wordOf(unsafe.Pointer(p))
	for {
		old := atomic.LoadUint32(word)
		changed := old
		*(*T)(unsafe.Add(unsafe.Pointer(&changed), off)) = value
		if atomic.CompareAndSwapUint32(word, old, changed) {
			return
		}
	}
}

// wordOf finds the aligned word that holds a smaller variable.
func wordOf(p unsafe.Pointer) (word *uint32, off uintptr) {
	off = uintptr(p) & 3
	// SAFETY: rounding down stays in the page of a section, which is a whole page.
	return (*uint32)(unsafe.Add(p, -int(off))), off
}

// CString returns the text of a char array, up to its first NUL or its end.
func CString[T layout.Char](b []T) string { return layout.CString(b) }

// PutCString stores text in a char array, a slice of all of its elements, and fills the
// rest with NULs: skel.PutCString(key.Comm[:], "sh"). It returns EINVAL, and changes
// nothing, if text and a NUL at its end do not fit, or if text contains a NUL.
func PutCString[T layout.Char](b []T, text string) error { return layout.PutCString(b, text) }
