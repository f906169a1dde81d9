package kernels

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/kernels/progs"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

const nobody = 65534

// loadPlain is a whole life with raw_tp, which does not need a mount.
func loadPlain() error {
	s, err := plain.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	if !makeSystemCallsUntil(func() bool { return s.Bss.Calls > 0 }) {
		return errors.New("the program never ran")
	}
	return s.Close()
}

// makeSystemCallsUntil makes system calls until a program has seen one. In a guest that
// may take several: emulation is slow to notice that the kernel has changed its code.
func makeSystemCallsUntil(seen func() bool) bool {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		unix.Getppid()
		if seen() {
			return true
		}
	}
	return false
}

// loadTP is one with tp, which is attached through tracefs.
func loadTP() error {
	open, err := progs.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	if err := open.Progs.OnTp.SetAutoload(true); err != nil {
		return err
	}
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	if !makeSystemCallsUntil(func() bool { return s.Bss.Fired > 0 }) {
		return errors.New("the program never ran")
	}
	return s.Close()
}

// TestLeastPrivilege runs as nobody with a few capabilities. If one is missing, the
// message names it.
func TestLeastPrivilege(t *testing.T) {
	needRoot(t)
	raiseMemlock(t)
	paranoia(t, "2")
	whole := true
	for _, c := range []struct {
		name  string
		child string
		caps  []uintptr
		says  []string // nil if it works
	}{
		{"raw_tp with CAP_BPF and CAP_PERFMON", "load plain", []uintptr{unix.CAP_BPF, unix.CAP_PERFMON}, nil},
		{"tp with CAP_DAC_READ_SEARCH too", "load a tp", []uintptr{unix.CAP_BPF, unix.CAP_PERFMON, unix.CAP_DAC_READ_SEARCH}, nil},
		{"tp without CAP_DAC_READ_SEARCH", "load a tp", []uintptr{unix.CAP_BPF, unix.CAP_PERFMON}, []string{"CAP_DAC_READ_SEARCH"}},
		{"CAP_BPF alone", "load plain", []uintptr{unix.CAP_BPF}, []string{"operation not permitted", "CAP_PERFMON"}},
		{"CAP_PERFMON alone", "load plain", []uintptr{unix.CAP_PERFMON}, []string{"operation not permitted", "CAP_BPF"}},
		{"no capability", "load plain", nil, []string{"operation not permitted", "CAP_BPF", "CAP_PERFMON"}},
		{"CAP_SYS_ADMIN instead of both", "load plain", []uintptr{unix.CAP_SYS_ADMIN}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() { whole = whole && !t.Skipped() }()
			needCapabilities(t, c.caps...)
			if strings.HasPrefix(c.name, "tp ") && !exists("/sys/kernel/tracing/events") {
				t.Skip("needs tracefs: make mounts it")
			}
			out, err := child(t, c.child, &syscall.SysProcAttr{
				Credential:  &syscall.Credential{Uid: nobody, Gid: nobody},
				AmbientCaps: c.caps,
			})
			checkPrivileged(t, out, err, c.says)
		})
	}
	if whole && !t.Failed() {
		record("as nobody with CAP_BPF and CAP_PERFMON", "yes")
	}
}

// TestGuestDebiansParanoia: with the level that Debian sets, CAP_PERFMON is not enough
// for a tp program.
func TestGuestDebiansParanoia(t *testing.T) {
	if !testkit.InGuest {
		t.Skip("needs a guest of make test-vm, whose kernel is Debian's")
	}
	raiseMemlock(t)
	paranoia(t, "3")
	out, err := child(t, "load a tp", &syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: nobody, Gid: nobody},
		AmbientCaps: []uintptr{unix.CAP_BPF, unix.CAP_PERFMON, unix.CAP_DAC_READ_SEARCH},
	})
	checkPrivileged(t, out, err, []string{"kernel.perf_event_paranoid is 3", "CAP_SYS_ADMIN"})
}

// paranoia sets who may call perf_event_open, in guests.
func paranoia(t *testing.T, level string) {
	t.Helper()
	if testkit.InGuest {
		must(t, os.WriteFile("/proc/sys/kernel/perf_event_paranoid", []byte(level), 0))
	}
}

func checkPrivileged(t *testing.T, out string, err error, says []string) {
	t.Helper()
	if says == nil {
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	if err == nil {
		t.Fatal("it works, but is expected to fail")
	}
	for _, text := range says {
		if !strings.Contains(out, text) {
			t.Errorf("the message does not contain %q: %s", text, out)
		}
	}
	if strings.Count(strings.TrimSpace(out), "\n") > 0 {
		t.Errorf("the message is not one line: %s", out)
	}
}

// TestFileCapabilities sets them on the file of the program, as setcap does.
func TestFileCapabilities(t *testing.T) {
	needRoot(t)
	needCapabilities(t, unix.CAP_BPF, unix.CAP_PERFMON, unix.CAP_SETFCAP)
	raiseMemlock(t)
	cmd := command(t, "load plain")
	const revision2, effective = 0x02000000, 1
	permitted := uint64(1<<unix.CAP_BPF | 1<<unix.CAP_PERFMON)
	attribute := make([]byte, 0, 20)
	for _, v := range []uint32{revision2 | effective, uint32(permitted), 0, uint32(permitted >> 32), 0} {
		attribute = binary.LittleEndian.AppendUint32(attribute, v)
	}
	if err := unix.Setxattr(cmd.Path, "security.capability", attribute, 0); err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(fmt.Errorf("%w: %s", err, out))
	}
	record("file capabilities", "yes")
}

var capabilityNames = map[uintptr]string{
	unix.CAP_BPF: "CAP_BPF", unix.CAP_PERFMON: "CAP_PERFMON", unix.CAP_SYS_ADMIN: "CAP_SYS_ADMIN",
	unix.CAP_DAC_READ_SEARCH: "CAP_DAC_READ_SEARCH", unix.CAP_SETFCAP: "CAP_SETFCAP",
}

// needCapabilities skips a test whose children cannot have them, as in a container: its
// processes cannot get capabilities that its bounding set lacks.
func needCapabilities(t *testing.T, caps ...uintptr) {
	t.Helper()
	for _, c := range caps {
		if has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0); err == nil && has == 0 {
			t.Skipf("needs %s, which no process of this container or session can have", capabilityNames[c])
		}
	}
}

// raiseMemlock raises the limit for kernels before 5.11, which count maps against it;
// its caller's children inherit it. Later kernels do not count them, so a refusal is
// not a failure.
func raiseMemlock(t *testing.T) {
	t.Helper()
	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unlimited); err != nil && !testkit.KernelHas(t, 5, 11) {
		t.Fatal(err)
	}
}
