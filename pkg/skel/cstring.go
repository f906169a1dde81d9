package skel

import "bytes"

// CString is the text of a char array, up to its first NUL or its end.
func CString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}
