// Package usermod makes modules that use this one, for tests.
package usermod

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Write makes dir a module called name that requires the checkout of this test, and
// writes files into it by their names.
func Write(t testing.TB, dir, name string, files map[string]string) {
	t.Helper()
	sum, err := os.ReadFile(filepath.Join(Root(t), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "go.sum"), string(sum))
	put(t, filepath.Join(dir, "go.mod"), "module "+name+"\n\ngo 1.24.0\n\n"+
		"require github.com/bpfskel/bpfskel v0.0.0\n\nreplace github.com/bpfskel/bpfskel => "+Root(t)+"\n")
	for name, text := range files {
		put(t, filepath.Join(dir, name), text)
	}
}

// Go runs the go command in dir with verb, args and the flags for a module with an
// incomplete go.mod, and returns its output.
func Go(dir string, env []string, verb string, args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{verb, "-mod=mod"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Root is the checkout's folder.
func Root(t testing.TB) string {
	t.Helper()
	_, here, _, ok := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); !ok || err != nil {
		t.Fatalf("cannot find the checkout from %s: %v", here, err)
	}
	return root
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
