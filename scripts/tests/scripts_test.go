package tests

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// skipped is the exit status of a shell test that cannot run here; it has printed why. lib.sh knows it too.
const skipped = 77

// TestScripts runs every test_* function of the shell scripts in this folder as a subtest.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file == "lib.sh" {
			continue
		}
		list, err := exec.Command("bash", file, "--list").Output()
		if err != nil || len(list) == 0 {
			t.Errorf("%s --list: %v: no tests", file, err)
		}
		t.Run(strings.TrimSuffix(file, ".sh"), func(t *testing.T) {
			for name := range strings.FieldsSeq(string(list)) {
				t.Run(strings.TrimPrefix(name, "test_"), func(t *testing.T) { runShellTest(t, file, name) })
			}
		})
	}
}

func runShellTest(t *testing.T, file, name string) {
	cmd := exec.Command("bash", file, name, t.TempDir())
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == skipped {
		t.Skip(strings.TrimSpace(string(out)))
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
