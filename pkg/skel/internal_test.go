package skel

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAttachHints(t *testing.T) {
	empty := t.TempDir()
	mounted := t.TempDir()
	if err := os.Mkdir(filepath.Join(mounted, "events"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, section string
		err           error
		mounts        []string
		want          string
	}{
		{"tracepoint, nothing mounted", "tp/sched/sched_switch", syscall.ENOENT, []string{empty, empty}, "mount -t tracefs tracefs " + empty},
		{"long name, autoload off", "?tracepoint/a/b", syscall.ENOENT, []string{empty}, "tracefs is not mounted"},
		{"kprobe of an old kernel", "kprobe/vfs_open", syscall.ENOENT, []string{empty}, "tracefs is not mounted"},
		{"sleepable uprobe", "uprobe.s//bin/sh:main", syscall.ENOENT, []string{empty}, "tracefs is not mounted"},
		{"mounted where libbpf also looks", "tp/a/b", syscall.ENOENT, []string{empty, mounted}, ""},
		{"no such tracepoint", "tp/a/b", syscall.ENOENT, []string{mounted}, ""},
		{"raw tracepoints need no mount", "raw_tp/sys_enter", syscall.ENOENT, []string{empty}, ""},
		{"another error", "tp/a/b", syscall.EINVAL, []string{empty}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := hintAt(c.section, c.err, c.mounts...); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("the hint is %q, want %q", got, c.want)
			}
		})
	}
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"a_bpf: load: operation not permitted": &Error{Op: "load", Object: "a_bpf", Err: syscall.EPERM},
		"a_bpf: map m: update: file exists":    &Error{Op: "update", Object: "a_bpf", Map: "m", Err: syscall.EEXIST},
		"a_bpf: program p: attach: invalid argument (why); do this": &Error{
			Op: "attach", Object: "a_bpf", Program: "p", Err: syscall.EINVAL, first: "why", Hint: "do this"},
		"a_bpf: map m: key does not exist": newNotExist("a_bpf", "m"),
		"a_bpf: program p: load: the verifier refused it: permission denied: R1 type=scalar expected=fp": &VerifierError{
			Object: "a_bpf", Program: "p", Err: syscall.EACCES,
			Log: "0: R1=ctx()\nR1 type=scalar expected=fp\nprocessed 2 insns (limit 1000000)\n"},
		"a_bpf: program p: load: the verifier refused it: no space left on device (log truncated)": &VerifierError{
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
