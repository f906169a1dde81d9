package skel_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/lost"
	"github.com/bpfskel/bpfskel/internal/test/skels/strong"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// doubled finds an operation or a subject that occurs twice in a message.
var doubled = regexp.MustCompile(`\b(load|attach|open|pin): .*\b(load|attach|open|pin): |prog '|map '[a-z]+':|program (\w+): .*program (\w+): `)

// checkText requires one line without repetitions.
func checkText(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.Contains(text, "\n") || doubled.MatchString(text) {
		t.Errorf("the message is %q", text)
	}
}

// TestSubjectOfALoadFailure loads programs that libbpf or the kernel refuses before the
// verifier judges them.
func TestSubjectOfALoadFailure(t *testing.T) {
	needRoot(t)
	for _, c := range []struct {
		name    string
		load    func(*lost.OpenProgs) *skel.OpenProgram
		kconfig string
		want    skel.Error
		reason  string // of a VerifierError
	}{
		{name: "fentry on a function that does not exist", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoFunction },
			want: skel.Error{Program: "no_function", Target: "no_such_function", Err: syscall.ESRCH, Hint: "does not contain no_such_function"}},
		{name: "a tracepoint that does not exist", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoTracepoint },
			want: skel.Error{Program: "no_tracepoint", Target: "no_such_tracepoint", Err: syscall.ESRCH, Hint: "does not contain no_such_tracepoint"}},
		{name: "a security hook that does not exist", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoHook },
			want: skel.Error{Program: "no_hook", Target: "no_such_hook", Err: syscall.ESRCH, Hint: "does not contain no_such_hook"}},
		{name: "no target", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoTarget },
			want: skel.Error{Program: "no_target", Err: syscall.EINVAL}},
		{name: "a section that libbpf does not know", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoSection },
			want: skel.Error{Program: "no_section", Err: syscall.EINVAL, Hint: `does not know the section "strange/place"`}},
		{name: "a setting of the kernel's that does not exist", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoSetting }, kconfig: "CONFIG_OTHER=y",
			want: skel.Error{Extern: "CONFIG_NO_SUCH_THING", Err: syscall.ESRCH}},
		{name: "a member that does not exist", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoMember },
			want: skel.Error{Program: "no_member"}, reason: "failed to resolve CO-RE relocation"},
		{name: "a map that is not created", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoMap },
			want: skel.Error{Program: "no_map"}, reason: "BPF map 'absent' is referenced but wasn't created"},
		{name: "a function of the kernel that does not exist", load: func(p *lost.OpenProgs) *skel.OpenProgram { return p.NoKfunc },
			want: skel.Error{Program: "no_kfunc"}, reason: "kfunc 'no_such_kfunc' is referenced but wasn't resolved"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.kconfig == "" {
				c.kconfig = "CONFIG_NO_SUCH_THING=1"
			}
			open, err := lost.Open(skel.WithKconfig(c.kconfig))
			must(t, err)
			defer open.Close()
			err = c.load(&open.Progs).SetAutoload(true)
			if testkit.Light && err != nil { // libbpf could not write a loader for it
				checkError(t, err, "set autoload", skel.Error{Program: c.want.Program, Err: syscall.EINVAL})
				return
			}
			must(t, err)
			must(t, open.Maps.Absent.SetAutocreate(false))
			s, err := open.Load()
			if err == nil {
				s.Close()
				t.Fatal("it was loaded")
			}
			checkText(t, err)
			if c.reason != "" {
				checkVerifier(t, err, c.want.Program, c.reason)
				return
			}
			checkError(t, err, "load", c.want)
		})
	}
}

// checkError requires the fields that are not empty in want, and Hint as a substring.
func checkError(t *testing.T, err error, op string, want skel.Error) {
	t.Helper()
	var e *skel.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if e.Op != op || e.Program != want.Program || e.Map != want.Map || e.Target != want.Target || e.Extern != want.Extern ||
		want.Err != nil && !errors.Is(err, want.Err) {
		t.Errorf("got %+v", *e)
	}
	if !strings.Contains(e.Hint, want.Hint) || want.Hint == "" && e.Hint != "" {
		t.Errorf("the hint is %q, want %q", e.Hint, want.Hint)
	}
}

func checkVerifier(t *testing.T, err error, program, reason string) {
	t.Helper()
	var v *skel.VerifierError
	if !errors.As(err, &v) {
		t.Fatalf("got %v", err)
	}
	if v.Program != program || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnresolvedFunctionIsNamed(t *testing.T) {
	needRoot(t)
	_, err := strong.OpenAndLoad()
	if err == nil {
		t.Fatal("it was loaded")
	}
	checkText(t, err)
	checkError(t, err, "load", skel.Error{Extern: "no_such_kfunc", Err: syscall.EINVAL})
	if !strings.Contains(err.Error(), "no_such_kfunc") {
		t.Errorf("got %v", err)
	}
}

func TestVerifierErrorIsPrintedWithItsLog(t *testing.T) {
	v := loadRefused(t, nil)
	line := v.Error()
	if fmt.Sprint(v) != line || fmt.Sprintf("%s", v) != line || fmt.Sprintf("%v", v) != line {
		t.Errorf("%%v is %v", v)
	}
	if got := fmt.Sprintf("%q", v); got != fmt.Sprintf("%q", line) {
		t.Errorf("%%q is %s", got)
	}
	whole := fmt.Sprintf("%+v", v)
	if !strings.HasPrefix(whole, line+"\n") || !strings.Contains(whole, strings.TrimRight(v.Log, "\n")) {
		t.Errorf("%%+v is %.500s", whole)
	}
	if got := fmt.Sprintf("%#v", v); !strings.HasPrefix(got, "&skel.VerifierError{Object:\"refused_bpf\"") {
		t.Errorf("%%#v is %.200s", got)
	}
	// The last line of C, and its position if the kernel reports it (from 6.9 on).
	if !strings.Contains(line, "(at out = sum + *(volatile __u64 *)(long)sum;") {
		t.Errorf("the line of source is not in %s", line)
	}
	if strings.Contains(v.Log, " @ ") != strings.Contains(line, "refused.bpf.c:") {
		t.Errorf("the position in the source is not in %s", line)
	}
}

// A section names the function to libbpf, which looks for it at attach.
func TestASectionWithAMissingFunction(t *testing.T) {
	needRoot(t)
	open, err := lost.Open(skel.WithKconfig("CONFIG_NO_SUCH_THING=1"))
	must(t, err)
	defer open.Close()
	must(t, open.Progs.NoSymbol.SetAutoload(true))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	err = s.Attach()
	if err == nil {
		t.Fatal("it was attached")
	}
	checkText(t, err)
	checkError(t, err, "attach", skel.Error{Program: "no_symbol", Target: "/proc/self/exe:bpfskel_absent", Err: syscall.ENOENT,
		Hint: "/proc/self/exe has no function bpfskel_absent"})
}
