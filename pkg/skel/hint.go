package skel

import (
	"cmp"
	"errors"
	"os"
	"strings"
	"syscall"
)

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
	return cmp.Or(hintAt(section, err, tracefs, debugTracefs), capabilityHint(err))
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
