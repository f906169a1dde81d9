package skel

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// interruptedHint is about signals that cannot be deferred, such as those of a
// debugger, and came at each attempt.
func interruptedHint(op string, err error) string {
	if errors.Is(err, syscall.EINTR) || op == "load" && errors.Is(err, syscall.EAGAIN) {
		return "each attempt was interrupted by signals: try again"
	}
	return ""
}

// Where libbpf looks for tracefs.
const (
	tracefs      = "/sys/kernel/tracing"
	debugTracefs = "/sys/kernel/debug/tracing"
)

// usesTracefs are the sections whose programs libbpf attaches through tracefs,
// always or on older kernels.
var usesTracefs = []string{
	"tp", "tracepoint", "kprobe", "kretprobe", "ksyscall", "kretsyscall",
	"uprobe", "uretprobe", "usdt",
}

// attachHint says what to do about an attach that failed, "" where that is not
// known.
func attachHint(section string, err error) string {
	return cmp.Or(hintAt(section, err, tracefs, debugTracefs), paranoidHint(section, err, perfParanoid), capabilityHint(err))
}

func hintAt(section string, err error, mounts ...string) string {
	if !needsTracefs(section) {
		return ""
	}
	var denied bool
	for _, m := range mounts {
		_, statErr := os.Stat(m + "/events")
		if statErr == nil {
			return ""
		}
		denied = denied || errors.Is(statErr, syscall.EACCES)
	}
	switch {
	case denied && errors.Is(err, syscall.EACCES):
		return mounts[0] + " may not be read: the program needs CAP_DAC_READ_SEARCH, or root"
	case errors.Is(err, syscall.ENOENT):
		return "tracefs is not mounted: mount -t tracefs tracefs " + mounts[0]
	}
	return ""
}

// perfParanoid holds who may use perf_event_open, through which these programs
// are attached.
const perfParanoid = "/proc/sys/kernel/perf_event_paranoid"

// paranoidHint is about a level that Debian, Ubuntu and Android added, and set:
// from 3 on CAP_PERFMON is not enough.
func paranoidHint(section string, err error, path string) string {
	if !needsTracefs(section) || !errors.Is(err, syscall.EACCES) {
		return ""
	}
	text, readErr := os.ReadFile(path)
	level, parseErr := strconv.Atoi(strings.TrimSpace(string(text)))
	if readErr != nil || parseErr != nil || level < 3 {
		return ""
	}
	return fmt.Sprintf("kernel.perf_event_paranoid is %d: the program needs CAP_SYS_ADMIN, or that sysctl to be 2", level)
}

func needsTracefs(section string) bool {
	section = strings.TrimPrefix(section, "?")
	kind, _, _ := strings.Cut(section, "/")
	kind = strings.TrimSuffix(kind, ".s")
	for _, k := range usesTracefs {
		if kind == k {
			return true
		}
	}
	return false
}
