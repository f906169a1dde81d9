package skel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// threadNetns names the network namespace of the calling thread, as in
// "net:[4026531840]"; "" if /proc does not say. A caller that has changed its thread's
// namespace has locked the thread.
func threadNetns() string {
	name, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		return ""
	}
	return name
}

// netnsPaths are the patterns of paths at which to look for a namespace, likely and cheap
// ones first.
var netnsPaths = []string{
	"/proc/self/task/*/ns/net",
	"/proc/self/fd/*",
	"/proc/[0-9]*/ns/net",
	"/proc/[0-9]*/task/*/ns/net",
	"/proc/[0-9]*/fd/*",
}

// openNetns opens a network namespace by its name. The error is ENOENT if no path leads
// to it.
func openNetns(name string) (int, error) {
	for _, path := range netnsMounts(name) {
		if fd, ok := openIfNetns(path, name); ok {
			return fd, nil
		}
	}
	for _, pattern := range netnsPaths {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			if to, err := os.Readlink(path); err != nil || to != name {
				continue
			}
			if fd, ok := openIfNetns(path, name); ok {
				return fd, nil
			}
		}
	}
	return -1, syscall.ENOENT
}

// openIfNetns opens path if it is the network namespace with that name.
func openIfNetns(path, name string) (int, bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, false
	}
	var file unix.Stat_t
	if unix.Fstat(fd, &file) != nil || name != fmt.Sprintf("net:[%d]", file.Ino) {
		closeFD(fd)
		return -1, false
	}
	return fd, true
}

// netnsMounts are the files that a namespace is mounted on, as `ip netns` does.
func netnsMounts(name string) (paths []string) {
	mounts, err := os.ReadFile("/proc/thread-self/mountinfo")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(mounts)) {
		// id parent device root mount-point ...
		if fields := strings.Fields(line); len(fields) > 4 && fields[3] == name {
			paths = append(paths, strings.ReplaceAll(fields[4], `\040`, " "))
		}
	}
	return paths
}
