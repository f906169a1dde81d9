package backend

import (
	"errors"
	"fmt"
	"syscall"
)

// KernelCode is an error code for the kernel's internal use that system calls
// nevertheless return now and then. The C library has no names for these, and most of
// them mean that something is not supported.
type KernelCode int

// The kernel's include/linux/errno.h, as of Linux 6.18.
var kernelCodes = map[KernelCode]struct{ name, meaning string }{
	512: {"ERESTARTSYS", interrupted},
	513: {"ERESTARTNOINTR", interrupted},
	514: {"ERESTARTNOHAND", interrupted},
	515: {"ENOIOCTLCMD", unsupported},
	516: {"ERESTART_RESTARTBLOCK", interrupted},
	517: {"EPROBE_DEFER", "the driver is not ready"},
	518: {"EOPENSTALE", "stale file"},
	519: {"ENOPARAM", unsupported},
	521: {"EBADHANDLE", "illegal handle"},
	522: {"ENOTSYNC", "update out of step"},
	523: {"EBADCOOKIE", "stale cookie"},
	524: {"ENOTSUPP", unsupported},
	525: {"ETOOSMALL", "buffer or request too small"},
	526: {"ESERVERFAULT", "fault of a server"},
	527: {"EBADTYPE", unsupported},
	528: {"EJUKEBOX", "not ready yet"},
	529: {"EIOCBQUEUED", "still in progress"},
	530: {"ERECALLCONFLICT", "conflict with a recalled delegation"},
	531: {"ENOGRACE", "no grace period"},
}

const (
	unsupported = "not supported by this kernel"
	interrupted = "interrupted by a signal"
)

// Error returns the meaning of the code, its name and number.
func (c KernelCode) Error() string {
	return fmt.Sprintf("%s (%s, %d)", kernelCodes[c].meaning, kernelCodes[c].name, int(c))
}

// Is reports whether target is errors.ErrUnsupported and the code means that something
// is not supported.
func (c KernelCode) Is(target error) bool {
	return target == errors.ErrUnsupported && kernelCodes[c].meaning == unsupported
}

// Unwrap returns the number as a syscall.Errno, which every failure wraps.
func (c KernelCode) Unwrap() error { return syscall.Errno(c) }

// Errno returns the error for an errno of the kernel: a KernelCode if it is one,
// otherwise a syscall.Errno.
func Errno(n int) error {
	if _, ok := kernelCodes[KernelCode(n)]; ok {
		return KernelCode(n)
	}
	return syscall.Errno(n)
}
