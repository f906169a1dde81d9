//go:build !plan9

package bpf

import "syscall"

// Errno is the result of a call that allocates nothing. 0 is success.
type Errno = syscall.Errno

// The errors that this package checks for or returns.
const (
	errAgain       = syscall.EAGAIN
	errBadFD       = syscall.EBADF
	errFault       = syscall.EFAULT
	errInterrupted = syscall.EINTR
	errInvalid     = syscall.EINVAL
	errNoSpace     = syscall.ENOSPC
	errNotExist    = syscall.ENOENT
	errPermission  = syscall.EPERM
	errTooBig      = syscall.E2BIG
	errUnsupported = syscall.ENOSYS
)
