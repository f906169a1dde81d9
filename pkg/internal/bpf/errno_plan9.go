package bpf

import (
	"errors"
	"strconv"
)

// Errno is the result of a call that allocates nothing. 0 is success. Plan 9 has no
// numbers of errors; these are Linux's.
type Errno uintptr

// The errors that this package looks at or makes.
const (
	errNotExist    Errno = 2
	errInterrupted Errno = 4
	errTooBig      Errno = 7
	errBadFD       Errno = 9
	errPermission  Errno = 1
	errFault       Errno = 14
	errInvalid     Errno = 22
	errNoSpace     Errno = 28
	errUnsupported Errno = 38
)

// Error is the number.
func (e Errno) Error() string { return "errno " + strconv.Itoa(int(e)) }

// Is reports whether e stands for one of the errors of package errors.
func (e Errno) Is(target error) bool {
	return target == errors.ErrUnsupported && e == errUnsupported
}
