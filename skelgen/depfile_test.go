package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDepfile lets make read the rule: it asks for a file of the package, and
// make must come to the object, whatever its name.
func TestDepfile(t *testing.T) {
	maker, err := exec.LookPath("make")
	if err != nil {
		t.Skip("needs make")
	}
	for _, name := range []string{"x.bpf.o", "with space.bpf.o", "a$b#c.bpf.o"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			rule := depfile("out", []file{{"x_skel.go", nil}, {"x.skel.h", nil}}, name)
			if err := os.WriteFile(filepath.Join(dir, "x.d"), rule, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "Makefile"), []byte("include x.d\nout/%: ; @echo made $@ of '$<'\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(maker, "-s", "out/x_skel.go")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if want := "made out/x_skel.go of " + name; err != nil || strings.TrimSpace(string(out)) != want {
				t.Errorf("make: %v: %q, want %q", err, out, want)
			}
		})
	}
}
