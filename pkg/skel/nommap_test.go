package skel_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() {
	children["nommap"] = withoutMmap
	children["nommap-refused"] = refusedWithoutMmap
}

// withoutMmap is a program on a kernel that cannot map arrays.
func withoutMmap() error {
	open, err := basic.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	open.Rodata.MyPid = testkit.PID()
	open.Rodata.Config.Level = 42
	open.RodataMore.More = 1
	open.Data.Step = 9
	open.DataExtra.Extra = 77
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	if s.Data != nil || s.Bss != nil || s.DataExtra != nil || s.BssBig != nil {
		return errors.New("a writable section that cannot be mapped is not nil")
	}
	switch {
	case s.Rodata.MyPid() != testkit.PID(), s.Rodata.Config().Level() != 42, s.Rodata.Table(3) != 40:
		return errors.New("the view of .rodata is not filled")
	case s.RodataMore.More() != 1:
		return errors.New("the view of .rodata.more is not filled")
	case s.Kconfig.LinuxKernelVersion() == 0:
		return errors.New("the view of .kconfig is not filled")
	}
	if err := s.Attach(); err != nil {
		return err
	}
	for range 10 {
		unix.Getpgid(0)
	}
	return checkWithoutMmap(s)
}

// checkWithoutMmap reads the program's counts through maps.
func checkWithoutMmap(s *basic.Skel) error {
	key := basic.Key{Id: 77}
	if n, err := s.Maps.Counts.Lookup(&key); err != nil || n < 10 {
		return fmt.Errorf("10 system calls were counted as %d: %w", n, err)
	}
	bss, err := s.Maps.Bss.Lookup([]byte{0, 0, 0, 0})
	if err != nil {
		return err
	}
	if bss[8] != 9 {
		return fmt.Errorf("the program saw step %d, want 9 from .data as it was set before load", bss[8])
	}
	return s.Close()
}

// refusedWithoutMmap fails to load on such a kernel.
func refusedWithoutMmap() error {
	open, err := refused.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	open.Bss.Out = 1
	_, err = open.Load()
	var v *skel.VerifierError
	if !errors.As(err, &v) || v.Program != "bad" {
		return fmt.Errorf("load: error %w", err)
	}
	if open.Bss != nil {
		return errors.New("the section is not nil after a failed load")
	}
	return nil
}

func TestS8WithoutMmapTheProgramWorks(t *testing.T) {
	needLibbpf(t, "its fallback for kernels before 5.5")
	testWithoutMmap(t, "nommap")
}

func TestS8WithoutMmapAFailedLoadIsAnError(t *testing.T) {
	needLibbpf(t, "its fallback for kernels before 5.5")
	testWithoutMmap(t, "nommap-refused")
}

// testWithoutMmap runs a child in which libbpf's probe for arrays that can be
// mapped fails: the call that makes the map libbpf_mmap, found in a first run.
func testWithoutMmap(t *testing.T, name string) {
	needRoot(t)
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is needed to make libbpf's probe for mmap-able arrays fail")
	}
	n, thread := 0, ""
	calls, _ := traceBPF(t, name, "") // which fails if arrays can be mapped
	for _, call := range calls {
		if strings.Contains(call.args, `map_name="libbpf_mmap"`) {
			n, thread = call.nth, call.thread
		}
	}
	if n == 0 {
		t.Fatal("libbpf made no probe that could fail")
	}
	calls, err := traceBPF(t, name, fmt.Sprintf("inject=bpf:error=EINVAL:when=%d", n))
	must(t, err)
	failed := 0
	for _, call := range calls {
		if strings.Contains(call.args, "(INJECTED)") {
			failed++
			if !strings.Contains(call.args, `map_name="libbpf_mmap"`) {
				t.Errorf("another call failed (call %d of thread %s): %s", n, thread, call.args)
			}
		}
	}
	if failed != 1 {
		t.Errorf("%d calls failed, want the probe alone", failed)
	}
}

// bpfCall is one call of bpf(2), the nth of its thread.
type bpfCall struct {
	thread string
	nth    int
	args   string
}

var bpfLine = regexp.MustCompile(`^(\d+) +(bpf\(.*)$`)

// traceBPF runs a child under strace, which may be told to inject a fault, and
// returns its calls and how it ended.
func traceBPF(t *testing.T, name, inject string) ([]bpfCall, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace")
	args := []string{"strace", "-f", "-qq", "-o", file, "-e", "trace=bpf"}
	if inject != "" {
		args = append(args, "-e", inject)
	}
	out, ended := child(t, name, args...)
	if ended != nil {
		ended = fmt.Errorf("%w: %s", ended, out)
	}
	trace, err := os.ReadFile(file)
	must(t, err)
	var calls []bpfCall
	nth := map[string]int{}
	for line := range strings.Lines(string(trace)) {
		if m := bpfLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			nth[m[1]]++
			calls = append(calls, bpfCall{m[1], nth[m[1]], m[2]})
		}
	}
	return calls, ended
}
