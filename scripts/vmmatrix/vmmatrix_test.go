package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const log = `release: 6.12.1-cloud
=== RUN   TestProgramTypes
=== RUN   TestProgramTypes/kprobe
matrix: kprobe: yes
--- PASS: TestProgramTypes (0.1s)
    --- PASS: TestProgramTypes/kprobe (0.1s)
=== RUN   TestOther
    other_test.go:3: no such luck
--- FAIL: TestOther (0.2s)
FAIL
ended: a.test
status: 1
seconds: 9
`

func TestParseLog(t *testing.T) {
	for _, c := range []struct {
		name, log string
		tests     int
		failures  string
	}{
		{"a failed test", log, 1, "TestOther"},
		{"a binary that died", log, 2, "TestOther, 1 of 2 test binaries ended"},
		{"a guest that died", "=== RUN TestA\n--- PASS: TestA (0s)\nended: a.test\nstatus: 125\n", 1, "the guest ended with status 125"},
		{"all pass", "--- PASS: TestA (0s)\nended: a.test\nstatus: 0\n", 1, ""},
		{"an empty log", "", 1, "0 of 1 test binaries ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := parseLog(strings.NewReader(c.log), "6.12", c.tests)
			if got := strings.Join(g.failures, ", "); got != c.failures {
				t.Errorf("failures %q, want %q", got, c.failures)
			}
		})
	}
}

func TestReport(t *testing.T) {
	for _, c := range []struct {
		name, log string
		ok        bool
	}{
		{"a failure shows its output", log, false},
		{"a log without a test is a failure", "ended: a.test\nstatus: 0\n", false},
		{"all pass", "--- PASS: TestA (0s)\nended: a.test\nstatus: 0\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			if ok := report(&out, []*guest{parseLog(strings.NewReader(c.log), "6.12", 1)}); ok != c.ok {
				t.Errorf("ok is %v; printed:\n%s", ok, out.String())
			}
			if c.log == log && !strings.Contains(out.String(), "other_test.go:3: no such luck") {
				t.Errorf("the test's output is missing:\n%s", out.String())
			}
		})
	}
}

func TestMatrix(t *testing.T) {
	guests := []*guest{
		{kernel: "6.1", release: "6.1.0-50", cells: []cell{{"kprobe", "yes"}, {"tcx", "no"}}},
		{kernel: "7", release: "7.2.12", cells: []cell{{"kprobe", "yes"}}},
	}
	const want = `| | 6.1 | 7 |
|---|---|---|
| kprobe | yes | yes |
| tcx | no | failed |
`
	if got := matrix(guests); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("no matrix")
	if updatePage(path, "| new |\n", true) == nil {
		t.Error("a page without the lines around the matrix was accepted")
	}
	write("above\n" + begin + "| old |\n" + end + "below\n")
	if updatePage(path, "| new |\n", false) == nil {
		t.Error("a page with another matrix was accepted")
	}
	if err := updatePage(path, "| new |\n", true); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "above\n" + begin + "| new |\n" + end + "below\n"; err != nil || string(got) != want {
		t.Errorf("%v: got %q, want %q", err, got, want)
	}
	if err := updatePage(path, "| new |\n", false); err != nil {
		t.Error(err)
	}
}
