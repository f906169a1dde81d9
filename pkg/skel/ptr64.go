//go:build linux && !(386 || arm || mips || mipsle)

package skel

import "unsafe"

// ptr64 is a pointer in a field of 64 bits, as bpf(2) takes them.
type ptr64 struct {
	p unsafe.Pointer
}
