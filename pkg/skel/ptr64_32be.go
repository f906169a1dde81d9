//go:build linux && mips

package skel

import "unsafe"

// ptr64 is a pointer in a field of 64 bits, as bpf(2) takes them.
type ptr64 struct {
	_ uint32
	p unsafe.Pointer
}
