package layout

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

// Char is the Go type of an element of a C char array, whatever its sign.
type Char interface{ ~int8 | ~uint8 }

// CString returns the text in b up to the first NUL, or all of b without one.
func CString[T Char](b []T) string {
	text := charBytes(b)
	if i := bytes.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	return string(text)
}

// PutCString stores text in b, and fills the rest of b with NULs. It returns EINVAL, and
// changes nothing, if text and a NUL at its end do not fit into b, or if text contains a
// NUL.
func PutCString[T Char](b []T, text string) error {
	switch {
	case len(text) >= len(b):
		return fmt.Errorf("a text of %d bytes and its NUL do not fit into %d bytes: %w", len(text), len(b), syscall.EINVAL)
	case strings.IndexByte(text, 0) >= 0:
		return fmt.Errorf("the text %.60q contains a NUL: %w", text, syscall.EINVAL)
	}
	clear(b[copy(charBytes(b), text):])
	return nil
}

func charBytes[T Char](b []T) []byte {
	// SAFETY: exactly the bytes of b, whose elements are bytes.
	return unsafe.Slice((*byte)(mem.Of(b)), len(b))
}
