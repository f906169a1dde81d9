package skel

import "github.com/bpfskel/bpfskel/pkg/layout"

// CString is the text of a char array, up to its first NUL or its end.
func CString(b []byte) string { return layout.CString(b) }
