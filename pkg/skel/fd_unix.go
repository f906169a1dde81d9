//go:build unix

package skel

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dupFD copies an fd, closed on exec.
func dupFD(fd int) (int, error) {
	if fd != int(int32(fd)) {
		return -1, syscall.EBADF // the kernel would cut it
	}
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
}

func closeFD(fd int) error { return syscall.Close(fd) }

// threadNetns opens the network namespace of the calling thread, -1 where /proc
// does not tell. A caller that has changed its thread's has locked it.
func threadNetns() int {
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}
