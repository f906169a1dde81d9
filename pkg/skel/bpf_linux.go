package skel

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// elemAttr is union bpf_attr of the calls on a single element. Its pointers are
// typed as such, so that they follow a stack that moves.
type elemAttr struct {
	fd    uint32
	_     uint32
	key   ptr64
	value ptr64 // the next key, of MapNextKey
	flags uint64
}

// bpfElem makes one bpf(2) call on an element of a plain map, which C's speed
// needs to be made by Go itself: through cgo it takes a fourth longer. It does not
// tell the scheduler, which is right for calls that do not block.
func bpfElem(cmd uintptr, fd int, key, value unsafe.Pointer, flags uint64) syscall.Errno {
	attr := elemAttr{fd: uint32(fd), key: ptr64{p: key}, value: ptr64{p: value}, flags: flags}
	// SAFETY: the pointers are in attr, which stays where it is during the call.
	_, _, errno := syscall.RawSyscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
	return errno
}
