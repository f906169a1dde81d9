//go:build unix

package skel

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dupFD copies an fd, closed on exec.
func dupFD(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3) }

func closeFD(fd int) error { return syscall.Close(fd) }
