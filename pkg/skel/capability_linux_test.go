package skel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMissingCapabilitiesAreNamed(t *testing.T) {
	const bpf, perfmon, admin = 1 << unix.CAP_BPF, 1 << unix.CAP_PERFMON, 1 << unix.CAP_SYS_ADMIN
	for _, c := range []struct {
		name      string
		effective uint64
		want      string
	}{
		{"none at all", 0, "the process lacks CAP_BPF and CAP_PERFMON"},
		{"CAP_BPF", bpf, "the process lacks CAP_PERFMON"},
		{"CAP_PERFMON", perfmon, "the process lacks CAP_BPF"},
		{"both", bpf | perfmon, ""},
		{"CAP_SYS_ADMIN implies both", admin, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := missingCapabilitiesHint(c.effective); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOtherErrorsAreNotAboutCapabilities(t *testing.T) {
	for _, err := range []error{nil, errors.New("x"), fmt.Errorf("x: %w", syscall.EACCES)} {
		if got := capabilityHint(err); got != "" {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestParanoidHint(t *testing.T) {
	for _, c := range []struct {
		name, level string
		err         error
		hint        bool
	}{
		{"Debian's level", "3\n", syscall.EACCES, true},
		{"Android's level", "4\n", syscall.EACCES, true},
		{"the kernel's own level", "2\n", syscall.EACCES, false},
		{"another error", "3\n", syscall.ENOENT, false},
		{"nothing to read", "", syscall.EACCES, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "level")
			if err := os.WriteFile(path, []byte(c.level), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := paranoidHint(c.err, path); (got != "") != c.hint {
				t.Errorf("the hint is %q", got)
			}
		})
	}
}
