package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts have one more command: "skelgen ARG..." succeeds, and "! skelgen ARG..." fails with exit status 1, prints
// one line on stderr that begins with the command's name and nothing on stdout, and changes no file. x.bpf.o is a valid
// object with maps, programs and variables.
func TestScripts(t *testing.T) {
	object := fixture(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(skelgen)+":"+os.Getenv("PATH"))
			e.Setenv("CLANG", clang())
			e.Setenv("NL", "\n")
			return os.WriteFile(filepath.Join(e.WorkDir, "x.bpf.o"), object, 0o666)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"skelgen": script},
	})
}

func script(ts *testscript.TestScript, refused bool, args []string) {
	work := ts.Getenv("WORK")
	before := snapshot(ts, work)
	err := ts.Exec(skelgen, args...)
	if !refused {
		ts.Check(err)
		return
	}
	stderr := ts.ReadFile("stderr")
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		ts.Fatalf("%v, want exit status 1", err)
	}
	if !strings.HasPrefix(stderr, "skelgen: ") || strings.Index(stderr, "\n") != len(stderr)-1 || ts.ReadFile("stdout") != "" {
		ts.Fatalf("not one line of skelgen's alone, on stderr")
	}
	after := snapshot(ts, work)
	if slices.Contains(args, "--depfile") { // skelgen tries to create a file there
		delete(before, work)
		delete(after, work)
	}
	if names := changedFiles(before, after); len(names) > 0 {
		ts.Fatalf("changed: %q", names)
	}
}
