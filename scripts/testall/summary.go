package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// event is one line of `go test -json`.
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64
}

// summary counts test cases: each subtest is one case, and so is a test without subtests.
type summary struct {
	out                io.Writer
	progress           bool
	output             map[string]*strings.Builder // by test, and by package for other output
	parents            map[string]bool
	failures           map[string]bool // failed tests, their parents, and their packages
	passed, failed     int
	suiteSkips         int // skipped by suites other than Go tests
	skipped, unexcused []string
}

func newSummary(out io.Writer, progress bool) *summary {
	return &summary{
		out: out, progress: progress,
		output:   map[string]*strings.Builder{},
		parents:  map[string]bool{},
		failures: map[string]bool{},
	}
}

// guestTests change or need a whole machine; make test-vm runs them in guests.
const guestTests = "^TestGuest"

// slowPackage is the number of seconds from which a package's time is printed even without progress output.
const slowPackage = 60

// run tests packages in the environment env. It does not use Go's cache of results, which does not depend on the kernel.
func (s *summary) run(env []string, timeout string, packages []string) {
	if len(packages) == 0 {
		return
	}
	// Uprobes find functions by symbols, which go test leaves out by default.
	args := []string{"test", "-json", "-count=1", "-timeout", timeout, "-ldflags=-s=false", "-skip", guestTests}
	cmd := exec.Command("go", append(args, packages...)...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	before, start := s.failed, time.Now()
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.fail("go test", err.Error())
		return
	}
	s.read(stdout)
	if err := cmd.Wait(); err != nil && s.failed == before {
		s.fail("go test", err.Error())
	}
	fmt.Fprintf(s.out, "go test: %d packages in %.0f s\n", len(packages), time.Since(start).Seconds())
}

func (s *summary) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if len(line) > 0 && json.Unmarshal(line, &e) == nil {
			s.add(e)
		} else if len(line) > 0 {
			fmt.Fprintf(s.out, "%s", line)
		}
		if err != nil {
			return
		}
	}
}

func (s *summary) add(e event) {
	if e.Package == "" {
		e.Package = e.ImportPath // the compiler's messages before there is a test binary
	}
	name := e.Package
	if e.Test != "" {
		name += " " + e.Test
		if i := strings.LastIndexByte(name, '/'); strings.Contains(e.Test, "/") {
			s.parents[name[:i]] = true
		}
	}
	switch e.Action {
	case "output", "build-output":
		if !strings.HasPrefix(e.Output, "=== ") { // RUN, PAUSE and CONT do not explain a failure
			s.outputOf(name).WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		s.finish(e, name)
	}
}

func (s *summary) outputOf(name string) *strings.Builder {
	if s.output[name] == nil {
		s.output[name] = &strings.Builder{}
	}
	return s.output[name]
}

func (s *summary) finish(e event, name string) {
	text := s.outputOf(name).String()
	delete(s.output, name)
	switch {
	case e.Test == "":
		s.finishPackage(e, text)
	case e.Action == "fail":
		fmt.Fprint(s.out, text)
		s.finishFailed(e, name)
	case s.parents[name]:
	case e.Action == "pass":
		s.passed++
	default:
		s.skipped = append(s.skipped, name+": "+skipReason(text))
		if !isExcused(text) {
			s.unexcused = append(s.unexcused, name)
		}
	}
}

// finishFailed counts a failed test unless it failed because of a subtest, which is already counted.
func (s *summary) finishFailed(e event, name string) {
	if !s.failures[name] {
		s.failed++
	}
	s.failures[e.Package] = true
	for i := len(e.Package) + 1; i < len(name); i++ {
		if name[i] == '/' {
			s.failures[name[:i]] = true
		}
	}
}

// finishPackage counts a package that failed without a failed test: it does not build, or it died during a test.
func (s *summary) finishPackage(e event, text string) {
	if e.Action == "fail" && !s.failures[e.Package] {
		if e.FailedBuild != "" {
			text = s.outputOf(e.FailedBuild).String() + text
		}
		for name, unfinished := range s.output {
			if strings.HasPrefix(name, e.Package+" ") && name != e.FailedBuild {
				text = unfinished.String() + text
			}
		}
		s.fail(e.Package, text)
	}
	switch {
	case s.progress:
		fmt.Fprintf(os.Stderr, "%-5s %s %.1f s\n", e.Action, e.Package, e.Elapsed)
	case e.Elapsed >= slowPackage:
		fmt.Fprintf(s.out, "%s: %.0f s\n", e.Package, e.Elapsed)
	}
}

func (s *summary) fail(name, text string) {
	s.failed++
	fmt.Fprintf(s.out, "FAIL: %s\n%s\n", name, strings.TrimRight(text, "\n"))
}

// skipReason is the output of a skipped test, without the test runner's lines.
func skipReason(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "---") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " ")
}

// close prints the skipped tests and the counts, and reports whether all tests passed.
func (s *summary) close(ci bool) bool {
	slices.Sort(s.skipped)
	for _, skip := range s.skipped {
		fmt.Fprintln(s.out, "skipped:", skip)
	}
	skipped := len(s.skipped) + s.suiteSkips
	if ci {
		for _, name := range s.unexcused {
			s.fail(name, "skipped in CI, for a reason that scripts/testall/skips.go does not list")
		}
		skipped -= len(s.unexcused)
	}
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, skipped)
	return s.failed == 0 && s.passed > 0
}
