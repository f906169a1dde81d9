package skel

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Folders in which libbpf looks for tracefs.
const (
	tracefs      = "/sys/kernel/tracing"
	debugTracefs = "/sys/kernel/debug/tracing"
)

// tracefsHint is about a tracefs that is not mounted, or may not be read.
func tracefsHint(err error, mounts ...string) string {
	denied := false
	for _, m := range mounts {
		_, statErr := os.Stat(m + "/events")
		if statErr == nil {
			return ""
		}
		denied = denied || errors.Is(statErr, syscall.EACCES)
	}
	switch {
	case denied && errors.Is(err, syscall.EACCES):
		return "the process may not read " + mounts[0] + ": it needs CAP_DAC_READ_SEARCH, or root"
	case errors.Is(err, syscall.ENOENT):
		return "tracefs is not mounted: mount -t tracefs tracefs " + mounts[0]
	}
	return ""
}

// perfParanoid restricts who may use perf_event_open, through which these programs are
// attached.
const perfParanoid = "/proc/sys/kernel/perf_event_paranoid"

// paranoidHint is about a level that Debian, Ubuntu and Android added, and set: from 3
// on, CAP_PERFMON is not enough.
func paranoidHint(err error, path string) string {
	if !errors.Is(err, syscall.EACCES) {
		return ""
	}
	text, readErr := os.ReadFile(path)
	level, parseErr := strconv.Atoi(strings.TrimSpace(string(text)))
	if readErr != nil || parseErr != nil || level < 3 {
		return ""
	}
	return fmt.Sprintf("kernel.perf_event_paranoid is %d: set that sysctl to 2, or give the process CAP_SYS_ADMIN", level)
}

// tracepointHint is about a tracepoint that this kernel does not have.
func tracepointHint(name string, err error) string {
	if !errors.Is(err, syscall.ENOENT) {
		return ""
	}
	for _, m := range []string{tracefs, debugTracefs} {
		if exists(m + "/events") {
			if exists(m + "/events/" + name) {
				return ""
			}
			return fmt.Sprintf("this kernel has no tracepoint %s: %s/available_events lists its tracepoints", name, m)
		}
	}
	return ""
}

func rawTracepointHint(name string, err error) string {
	if !errors.Is(err, syscall.ENOENT) {
		return ""
	}
	return "this kernel has no raw tracepoint " + name
}

// eventSources has a folder for each kind of event that perf_event_open takes.
const eventSources = "/sys/bus/event_source/devices"

// kprobesHint is about a kernel without kprobes: from 4.17 on, all that have them have
// that kind of event.
func kprobesHint(err error) string {
	missing := errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.EINVAL)
	if !missing || !exists(eventSources) || exists(eventSources+"/kprobe") {
		return ""
	}
	return "this kernel was built without kprobes (CONFIG_KPROBE_EVENTS)"
}

// functionHint is about a function that this kernel does not have. Its symbols are
// read to the end: 10 MB, once per failure.
func functionHint(a attachRequest, err error) string {
	if a.method != methodKprobe || a.symbol == "" || !errors.Is(err, syscall.ENOENT) && !errors.Is(err, syscall.EINVAL) {
		return ""
	}
	symbols, readErr := os.ReadFile("/proc/kallsyms")
	if readErr != nil || len(symbols) == 0 {
		return ""
	}
	for line := range strings.Lines(string(symbols)) {
		if fields := strings.Fields(line); len(fields) >= 3 && fields[2] == a.symbol {
			return ""
		}
	}
	return "this kernel has no function " + a.symbol
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
