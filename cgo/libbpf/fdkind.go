//go:build linux

package libbpf

/*
#include "shim_skel.h"
*/
import "C"

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// FDKind is what a file descriptor is one of, in the words of errors.
type FDKind string

// Kinds of file descriptor that functions take.
const (
	MapFD       FDKind = "a map"
	ProgramFD   FDKind = "a program"
	LinkFD      FDKind = "a link"
	BTFFD       FDKind = "BTF"
	PerfEventFD FDKind = "a perf event"
)

// anonymous are the kernel's names of files that no path names.
var anonymous = map[string]FDKind{
	"bpf-map":      MapFD,
	"bpf-prog":     ProgramFD,
	"bpf-link":     LinkFD,
	"btf":          BTFFD,
	"[perf_event]": PerfEventFD,
}

// CheckFD is EINVAL unless fd is of the given kind, and EBADF for one that is not
// open. The kernel's info calls do not tell: asked for a map, they describe a
// program as one.
func CheckFD(fd int, want FDKind) error {
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || fd != int(int32(fd)) {
		return &Error{Op: "use", Err: syscall.EBADF, Log: Log{{Text: fmt.Sprintf("fd %d is not open", fd)}}}
	}
	if is := kindOfFD(fd); is != want {
		return refuse("use", "fd %d is %s, not %s", fd, is, want)
	}
	return nil
}

func kindOfFD(fd int) FDKind {
	target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return kindBySize(infoSize(fd))
	}
	name, anon := strings.CutPrefix(target, "anon_inode:")
	if kind, known := anonymous[strings.ReplaceAll(name, "bpf_", "bpf-")]; anon && known {
		return kind
	}
	return FDKind(target)
}

// infoSize is how many bytes the kernel says of a BPF object, negative for others.
func infoSize(fd int) int { return int(C.bpfskel_info_size(C.int(fd))) }

// kindBySize goes by the size of the kernel's own info struct, where there is no
// /proc: 32 bytes for BTF, from 80 on for a map, from 160 on for a program.
func kindBySize(size int) FDKind {
	switch {
	case size <= 0:
		return "another file"
	case size >= 160:
		return ProgramFD
	case size >= 80:
		return MapFD
	case size > 32:
		return LinkFD
	}
	return BTFFD
}
