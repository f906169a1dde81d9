//go:build !linux

package skel

import (
	"syscall"
	"unsafe"
)

// bpfElem is bpf(2), which only Linux has.
func bpfElem(cmd uintptr, fd int, key, value unsafe.Pointer, flags uint64) syscall.Errno {
	return syscall.ENOSYS
}
