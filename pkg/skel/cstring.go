package skel

import "github.com/bpfskel/bpfskel/pkg/layout"

// CString returns the text of a char array, up to its first NUL or its end.
func CString[T layout.Char](b []T) string { return layout.CString(b) }

// PutCString stores text in a char array, a slice of all of its elements, and fills the
// rest with NULs: skel.PutCString(key.Comm[:], "sh"). It returns EINVAL, and changes
// nothing, if text and a NUL at its end do not fit, or if text contains a NUL.
func PutCString[T layout.Char](b []T, text string) error { return layout.PutCString(b, text) }
