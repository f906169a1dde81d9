package skel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

func isBPFFS(path string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(path, &fs) == nil && uint32(fs.Type) == unix.BPF_FS_MAGIC // 32 bits everywhere
}

// interfaceHint is about a network interface that does not exist.
func interfaceHint(a attachRequest, err error) string {
	if !a.onInterface || !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENODEV) && !errors.Is(err, syscall.ENOENT) {
		return ""
	}
	exists, findErr := hasInterface(a.ifindex)
	if findErr != nil || exists {
		return ""
	}
	return fmt.Sprintf("the network namespace of this thread has no interface %d", a.ifindex)
}

// hasInterface asks the kernel for the name of the interface. Package net, and netlink of
// package syscall, are too large to link for the sake of an error.
func hasInterface(index int) (bool, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	const size, name = 40, 16 // of struct ifreq and its name, which the index follows
	request := make([]byte, size)
	binary.NativeEndian.PutUint32(request[name:], uint32(index))
	// SAFETY: the kernel reads and writes a struct ifreq
	switch _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGIFNAME, uintptr(mem.Of(request))); errno {
	case 0:
		return true, nil
	case unix.ENODEV:
		return false, nil
	default:
		return false, errno
	}
}

// cgroupHint is about an fd that is not a cgroup's folder.
func cgroupHint(a attachRequest, err error) string {
	if a.method != methodCgroup || !errors.Is(err, syscall.EBADF) {
		return ""
	}
	var fs unix.Statfs_t
	switch unix.Fstatfs(a.fd, &fs) {
	case nil:
	case syscall.EBADF:
		return fmt.Sprintf("fd %d is not open", a.fd)
	default:
		return ""
	}
	switch fs.Type {
	case unix.CGROUP_SUPER_MAGIC:
		return "the fd is a cgroup of version 1: BPF needs version 2, usually mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified"
	case unix.CGROUP2_SUPER_MAGIC:
		return ""
	}
	return "the fd is not the folder of a cgroup"
}

// fdName is the file behind an fd, as errors name it.
func fdName(fd int) string {
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return fmt.Sprintf("fd %d", fd)
	}
	return name
}

// isFrozen reports whether user space may only read the map behind fd.
func isFrozen(fd int) bool {
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	return err == nil && strings.Contains(string(info), "\nfrozen:\t1\n")
}
