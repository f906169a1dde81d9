package skel

import (
	"fmt"
	"math"
	"strings"
	"syscall"
)

// Limits of the kernel's numbers.
const (
	maxInt32   = math.MaxInt32
	maxLogSize = math.MaxUint32 >> 2 // of a log buffer, in bytes
)

// checkRange refuses a number that would be truncated in C, or that means something else
// there.
func checkRange(what string, n int, low, high int64) error {
	if int64(n) < low || int64(n) > high {
		return fmt.Errorf("%w: %s is %d, but must be from %d to %d", syscall.EINVAL, what, n, low, high)
	}
	return nil
}

// checkPID refuses negative numbers, which mean all processes in libbpf.
func checkPID(pid int) error { return checkRange("the PID", pid, 0, maxInt32) }

func checkIfindex(ifindex int) error { return checkRange("the ifindex", ifindex, 1, maxInt32) }

func checkMode(mode ProbeMode) error {
	return checkRange("the probe mode", int(mode), int64(ProbeDefault), int64(ProbeLink))
}

// checkFD refuses numbers that cannot be file descriptors.
func checkFD(fd int) error {
	if fd < 0 || int64(fd) > maxInt32 {
		return fmt.Errorf("%w: %d is not a file descriptor", syscall.EBADF, fd)
	}
	return nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkNoNUL refuses strings with a NUL byte, which would end them in C.
func checkNoNUL(texts ...string) error {
	for _, s := range texts {
		if strings.IndexByte(s, 0) >= 0 {
			return fmt.Errorf("%w: %q contains a NUL byte", syscall.EINVAL, s)
		}
	}
	return nil
}

// checkPath refuses a string that cannot be a path.
func checkPath(path string) error {
	if path == "" {
		return fmt.Errorf("%w: the path is empty", syscall.EINVAL)
	}
	return checkNoNUL(path)
}
