package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSuite(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         string // the closing line
		shows        string // "" if the output must not be shown
	}{
		{"all pass", "echo noise; echo '1 passed, 0 failed'; echo '12 passed, 0 failed, 3 skipped'", "12 passed, 0 failed, 3 skipped", ""},
		{"a test was skipped", "echo 'skipped: a: why'; echo '3 passed, 0 failed, 1 skipped'", "3 passed, 0 failed, 1 skipped", "why"},
		{"a test fails", "echo why; echo '5 passed, 2 failed'; exit 1", "5 passed, 2 failed, 0 skipped", "why"},
		{"a test fails but make exits with 0", "echo why; echo '5 passed, 1 failed'", "5 passed, 1 failed, 0 skipped", "why"},
		{"make fails after printing counts", "echo why; echo '5 passed, 0 failed'; exit 2", "5 passed, 1 failed, 0 skipped", "why"},
		{"no line of counts", "echo why", "0 passed, 1 failed, 0 skipped", "why"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			script := "#!/bin/sh\n[ \"$1\" = some-suite ] || exit 9\n" + c.script + "\n"
			if err := os.WriteFile(filepath.Join(dir, "make"), []byte(script), 0o777); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
			var out strings.Builder
			s := newSummary(&out, false)
			s.suite("some-suite")
			s.close(true)
			if !strings.HasSuffix(out.String(), "\n"+c.want+"\n") {
				t.Errorf("the closing line is not %q:\n%s", c.want, out.String())
			}
			if got := strings.Contains(out.String(), "why"); got != (c.shows != "") {
				t.Errorf("its output is shown: %v:\n%s", got, out.String())
			}
		})
	}
}
