//go:build 386 || arm || mipsle

package bpf

import "unsafe"

// ptr64 is a pointer in a field of 64 bits, as bpf(2) takes them. It is a Go pointer,
// so that it follows a stack that moves and keeps its target alive.
type ptr64 struct {
	p unsafe.Pointer
	_ uint32
}
