package skel_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/three"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() { children["three"] = runWithFaults }

// runWithFaults opens, uses and closes a skeleton while a call may fail. It prints an
// expected error, and returns an unexpected one.
func runWithFaults() error {
	before, err := countResources()
	if err != nil {
		return err
	}
	failure := openLoadAttach()
	if after, err := countResources(); err != nil || after != before {
		return fmt.Errorf("the process holds %+v, before %+v, %v, after %v", after, before, err, failure)
	}
	if failure == nil {
		fmt.Println("no error")
		return nil
	}
	fmt.Println(failure)
	return checkFailure(failure)
}

func openLoadAttach() error {
	open, err := three.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	s, err := open.Load()
	if err != nil {
		if open.Bss != nil {
			return errors.New("the section is not nil after a failed load")
		}
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	if s.Bss != nil && s.Bss.Hits == 0 {
		return errors.New("the programs count nothing")
	}
	return nil
}

// checkFailure wants operation, object and an errno.
func checkFailure(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return fmt.Errorf("an error without an errno: %w", err)
	}
	var v *skel.VerifierError
	var e *skel.Error
	switch {
	case errors.As(err, &v):
		if v.Object != "three_bpf" || v.Program == "" {
			return fmt.Errorf("%+v", v)
		}
	case !errors.As(err, &e):
		return fmt.Errorf("not one of ours: %w", err)
	case e.Object != "three_bpf" || e.Op != "open" && e.Op != "load" && e.Op != "attach" || e.Op == "attach" && e.Program == "":
		return fmt.Errorf("%+v", e)
	}
	return nil
}

// TestEveryCallFails makes each call of bpf(2) in a life fail, one at a time: the trace
// shows which call failed, and that no other did. Calls that libbpf does not need, such
// as most of its probes, and calls that it retries in another way may fail without an
// error; the rest must be reported. In either case nothing may leak.
func TestEveryCallFails(t *testing.T) {
	testFaults(t, "three", func(f fault) {
		if strings.Contains(f.hit, "BPF_RAW_TRACEPOINT_OPEN") && !strings.HasPrefix(errorSubject(f.said), "attach program ") {
			t.Errorf("%v returned %q", f, f.said)
		}
	})
}

// TestEveryCallFailsRepeatedly makes each call and all later ones fail: retries of libbpf
// do not help.
func TestEveryCallFailsRepeatedly(t *testing.T) {
	wants := map[string]string{
		`map_name="hash"`: "load map hash", `map_name="array"`: "load map array", `map_name="three_bp.bss"`: "load map three_bp.bss",
		"BPF_MAP_UPDATE_ELEM":  "load map three_bp.bss",
		`prog_name="on_enter"`: "load program on_enter",
		`prog_name="on_exit"`:  "load program on_exit",
		`prog_name="on_typed"`: "load program on_typed",
		`{name="sys_enter"`:    "attach program on_enter",
		`{name="sys_exit"`:     "attach program on_exit",
		"BPF_LINK_CREATE":      "attach program on_typed",
	}
	checked := map[string]bool{}
	testFaults(t, "three", func(f fault) {
		if f.said == "no error" {
			t.Errorf("%v was not reported", f)
		}
		for call, want := range wants {
			if strings.Contains(f.hit, call) && !strings.Contains(f.hit, "libbpf_") {
				checked[call] = true
				if got := errorSubject(f.said); got != want {
					t.Errorf("%v returned %q: %s", f, got, f.said)
				}
			}
		}
	}, "+")
	for call := range wants {
		if !checked[call] {
			t.Errorf("no call had %s", call)
		}
	}
}

// fault is a call that was made to fail, and its outcome.
type fault struct{ errno, hit, said string }

func (f fault) String() string { return fmt.Sprintf("%s of %.150s", f.errno, f.hit) }

// testFaults makes each call of a child, and with "+" all later ones, fail with each errno,
// and checks the outcome.
func testFaults(t *testing.T, name string, check func(fault), more ...string) {
	needRoot(t)
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is needed to make system calls fail")
	}
	calls, err := traceBPF(t, name, "")
	must(t, err)
	if len(calls) < 9 {
		t.Fatalf("only %d calls were traced", len(calls))
	}
	errnos := []string{"EPERM", "ENOMEM", "EINVAL"}
	if testing.Short() {
		errnos = errnos[:1]
	}
	seen := map[string]int{}
	for _, errno := range errnos {
		for _, call := range calls {
			f := failCall(t, name, call.nth, errno, strings.Join(more, ""))
			check(f)
			seen[errorSubject(f.said)]++
			if testing.Verbose() {
				t.Logf("%v: %s", f, f.said)
			}
		}
	}
	t.Logf("%d calls, outcomes %v", len(calls), seen)
}

// failCall makes the nth call fail, or all from it on, and returns the child's output
// and the first call that failed.
func failCall(t *testing.T, name string, n int, errno, more string) fault {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace")
	out, err := child(t, name, "strace", "-f", "-qq", "-o", file, "-e", "trace=bpf", "-e", fmt.Sprintf("inject=bpf:error=%s:when=%d%s", errno, n, more))
	f := fault{errno: errno, said: strings.TrimSpace(out)}
	if err != nil {
		t.Errorf("%s at call %d%s: %v: %s", errno, n, more, err, f.said)
	}
	trace, err := os.ReadFile(file)
	must(t, err)
	hits := 0
	for line := range strings.Lines(string(trace)) {
		if !strings.Contains(line, "(INJECTED)") {
			continue
		}
		if hits++; hits == 1 {
			f.hit = strings.TrimSpace(line)
		}
		if !strings.Contains(line, "= -1 "+errno) {
			t.Errorf("%s at call %d: %s", errno, n, line)
		}
	}
	if hits == 0 || hits > 1 && more == "" {
		t.Errorf("%s at call %d%s: %d calls were hit", errno, n, more, hits)
	}
	return f
}

var outcomeText = regexp.MustCompile(`^three_bpf: (?:(map|program) (\S+): )?(\w+)(?: to \S+)?: `)

// errorSubject returns the operation, and map or program, that an error names.
func errorSubject(said string) string {
	m := outcomeText.FindStringSubmatch(said)
	if m == nil {
		return said
	}
	return strings.TrimSpace(strings.Join([]string{m[3], m[1], m[2]}, " "))
}
