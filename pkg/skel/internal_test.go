package skel

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestHintAboutTracefs(t *testing.T) {
	mounted, empty := t.TempDir(), t.TempDir()
	if err := os.Mkdir(mounted+"/events", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		err    error
		mounts []string
		want   string
	}{
		{"nothing mounted", syscall.ENOENT, []string{empty, empty}, "mount -t tracefs tracefs " + empty},
		{"mounted at the second path that libbpf tries", syscall.ENOENT, []string{empty, mounted}, ""},
		{"mounted", syscall.ENOENT, []string{mounted}, ""},
		{"another error", syscall.EINVAL, []string{empty}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := tracefsHint(c.err, c.mounts...); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("the hint is %q, want %q", got, c.want)
			}
		})
	}
}

func TestAttachRequestOfASection(t *testing.T) {
	for section, want := range map[string]attachRequest{
		"tp/sched/sched_switch":      {method: methodTracepoint, target: "sched/sched_switch", symbol: "sched/sched_switch"},
		"?tracepoint/a/b":            {method: methodTracepoint, target: "a/b", symbol: "a/b"},
		"kprobe/vfs_open+0x8":        {method: methodKprobe, target: "vfs_open+0x8", symbol: "vfs_open"},
		"uprobe.s//bin/sh:main+4":    {method: methodUprobe, target: "/bin/sh:main+4", path: "/bin/sh", symbol: "main"},
		"usdt/libc.so.6:libc:setjmp": {method: methodUSDT, target: "libc.so.6:libc:setjmp", path: "libc.so.6", symbol: "libc:setjmp"},
		"uprobe.multi//bin/sh:*":     {method: methodUprobeMulti, target: "/bin/sh:*", path: "/bin/sh", symbol: "*"},
		"lsm.s/file_open":            {method: methodLSM, target: "file_open", symbol: "file_open"},
		"raw_tp.w/nbd_send_request":  {method: methodRawTP, target: "nbd_send_request", symbol: "nbd_send_request"},
		"cgroup/connect4":            {method: methodAny, target: "connect4", symbol: "connect4"},
		"xdp":                        {method: methodAny},
		"kprobe.multi/tcp_*":         {method: methodKprobeMulti, target: "tcp_*", symbol: "tcp_*"},
	} {
		want.op, want.fd = "attach", -1
		if got := parseSection(section); got != want {
			t.Errorf("%s: %+v", section, got)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"a_bpf: load: operation not permitted": &Error{Op: "load", Object: "a_bpf", Err: syscall.EPERM},
		"a_bpf: map m: update: file exists":    &Error{Op: "update", Object: "a_bpf", Map: "m", Err: syscall.EEXIST},
		"a_bpf: program p: attach: invalid argument (why); do this": &Error{
			Op: "attach", Object: "a_bpf", Program: "p", Err: syscall.EINVAL, reason: "why", Hint: "do this"},
		"a_bpf: map m: key does not exist": newNotExist("a_bpf", "m"),
		"a_bpf: program p: load: the verifier rejected it: permission denied: R1 type=scalar expected=fp": &VerifierError{
			Object: "a_bpf", Program: "p", Err: syscall.EACCES,
			Log: "0: R1=ctx()\nR1 type=scalar expected=fp\nprocessed 2 insns (limit 1000000)\n"},
		"a_bpf: program p: load: the verifier rejected it: no space left on device (log truncated)": &VerifierError{
			Object: "a_bpf", Program: "p", Err: syscall.ENOSPC, Truncated: true},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	if err := newNotExist("a", "m"); !errors.Is(err, ErrNotExist) || !errors.Is(err, syscall.ENOENT) {
		t.Error("a missing key is neither ErrNotExist nor ENOENT")
	}
}

func TestCString(t *testing.T) {
	for want, b := range map[string][]byte{"": nil, "ab": {'a', 'b', 0, 'c'}, "abc": {'a', 'b', 'c'}} {
		if got := CString(b); got != want {
			t.Errorf("CString(%v) = %q", b, got)
		}
	}
}

// Attach needs a target in the section: if there is none, the hint names the method
// that takes it.
func TestHintAboutAnIteratorWithoutItsMap(t *testing.T) {
	for section, want := range map[string]string{
		"iter/bpf_map_elem":   "the iterator bpf_map_elem needs a map: call AttachIter with IterOptions.Map",
		"?iter.s/sockmap":     "the iterator sockmap needs a map: call AttachIter with IterOptions.Map",
		"iter/task":           "",
		"fentry/bpf_map_elem": "",
	} {
		if got := iterHint(parseSection(section)); got != want {
			t.Errorf("%s returned %q", section, got)
		}
	}
}
