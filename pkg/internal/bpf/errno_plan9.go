package bpf

import (
	"errors"
	"strconv"
)

// Errno is the result of a call that allocates nothing. 0 is success. Plan 9 does not
// have error numbers; these are Linux's.
type Errno uintptr

// The errors that this package checks for or returns.
const (
	errNotExist    Errno = 2
	errInterrupted Errno = 4
	errTooBig      Errno = 7
	errBadFD       Errno = 9
	errAgain       Errno = 11
	errPermission  Errno = 1
	errFault       Errno = 14
	errInvalid     Errno = 22
	errNoSpace     Errno = 28
	errUnsupported Errno = 38
)

// Error returns the number.
func (e Errno) Error() string { return "errno " + strconv.Itoa(int(e)) }

// Is reports whether e means the given error of package errors.
func (e Errno) Is(target error) bool {
	return target == errors.ErrUnsupported && e == errUnsupported
}
