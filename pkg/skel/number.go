package skel

import (
	"fmt"
	"math"
	"syscall"
)

// Limits of the kernel's numbers.
const (
	maxInt32 = math.MaxInt32
	maxLog   = math.MaxUint32 >> 2 // of a log buffer, in bytes
)

// inRange refuses a number that C would cut, or take for another.
func inRange(what string, n int, low, high int64) error {
	if int64(n) < low || int64(n) > high {
		return fmt.Errorf("%w: %s is %d, not from %d to %d", syscall.EINVAL, what, n, low, high)
	}
	return nil
}

// checkPID refuses what libbpf takes for every process.
func checkPID(pid int) error { return inRange("the process", pid, 0, maxInt32) }

func checkIfindex(ifindex int) error { return inRange("the interface", ifindex, 1, maxInt32) }

func checkMode(mode ProbeMode) error {
	return inRange("the mode", int(mode), int64(ProbeDefault), int64(ProbeLink))
}

// checkFD refuses what cannot be a file descriptor.
func checkFD(fd int) error {
	if fd < 0 || int64(fd) > maxInt32 {
		return fmt.Errorf("%w: there is no fd %d", syscall.EBADF, fd)
	}
	return nil
}

// firstError is the first that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
