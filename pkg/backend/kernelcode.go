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

// kernelCodes are the kernel's include/linux/errno.h, as of Linux 6.18, from firstKernelCode
// on; others have no name.
var kernelCodes = [...]struct{ name, meaning string }{
	512 - firstKernelCode: {"ERESTARTSYS", interrupted},
	513 - firstKernelCode: {"ERESTARTNOINTR", interrupted},
	514 - firstKernelCode: {"ERESTARTNOHAND", interrupted},
	515 - firstKernelCode: {"ENOIOCTLCMD", unsupported},
	516 - firstKernelCode: {"ERESTART_RESTARTBLOCK", interrupted},
	517 - firstKernelCode: {"EPROBE_DEFER", "the driver is not ready"},
	518 - firstKernelCode: {"EOPENSTALE", "stale file"},
	519 - firstKernelCode: {"ENOPARAM", unsupported},
	521 - firstKernelCode: {"EBADHANDLE", "illegal handle"},
	522 - firstKernelCode: {"ENOTSYNC", "update out of step"},
	523 - firstKernelCode: {"EBADCOOKIE", "stale cookie"},
	524 - firstKernelCode: {"ENOTSUPP", unsupported},
	525 - firstKernelCode: {"ETOOSMALL", "buffer or request too small"},
	526 - firstKernelCode: {"ESERVERFAULT", "fault of a server"},
	527 - firstKernelCode: {"EBADTYPE", unsupported},
	528 - firstKernelCode: {"EJUKEBOX", "not ready yet"},
	529 - firstKernelCode: {"EIOCBQUEUED", "still in progress"},
	530 - firstKernelCode: {"ERECALLCONFLICT", "conflict with a recalled delegation"},
	531 - firstKernelCode: {"ENOGRACE", "no grace period"},
}

const firstKernelCode = 512

const (
	unsupported = "not supported by this kernel"
	interrupted = "interrupted by a signal"
)

// text returns the code's name and meaning, "" if it is not one of the kernel's.
func (c KernelCode) text() (name, meaning string) {
	if i := int(c) - firstKernelCode; i >= 0 && i < len(kernelCodes) {
		return kernelCodes[i].name, kernelCodes[i].meaning
	}
	return "", ""
}

// Error returns the meaning of the code, its name and number.
func (c KernelCode) Error() string {
	name, meaning := c.text()
	return fmt.Sprintf("%s (%s, %d)", meaning, name, int(c))
}

// Is reports whether target is errors.ErrUnsupported and the code means that something
// is not supported.
func (c KernelCode) Is(target error) bool {
	_, meaning := c.text()
	return target == errors.ErrUnsupported && meaning == unsupported
}

// Unwrap returns the number as a syscall.Errno, which every failure wraps.
func (c KernelCode) Unwrap() error { return syscall.Errno(c) }

// Errno returns the error for an errno of the kernel: a KernelCode if it is one,
// otherwise a syscall.Errno.
func Errno(n int) error {
	if name, _ := KernelCode(n).text(); name != "" {
		return KernelCode(n)
	}
	return syscall.Errno(n)
}
