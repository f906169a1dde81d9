//go:build unix

package skel

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dupFD copies an fd, closed on exec.
func dupFD(fd int) (int, error) {
	if fd != int(int32(fd)) {
		return -1, syscall.EBADF // the kernel would truncate it
	}
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
}

func closeFD(fd int) error { return syscall.Close(fd) }
