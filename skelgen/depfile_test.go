package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A Makefile runs the generator when the rule requires it, in folders whose names have
// to be escaped for make.
func TestDepfile(t *testing.T) {
	maker, err := exec.LookPath("make")
	if err != nil {
		t.Skip("needs make")
	}
	for _, name := range []string{"x", "with space", "a$b#c", "a:b", "(a),'b'", "a~b@c!d", "é"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			object := name + ".bpf.o"
			path := filepath.Join(dir, object)
			if err := os.WriteFile(path, fixture(t), 0o666); err != nil {
				t.Fatal(err)
			}
			quoted := "'" + strings.ReplaceAll(strings.ReplaceAll(name, "$", "$$"), "'", `'\''`) + "'"
			write(t, filepath.Join(dir, "Makefile"), "-include x.d\n"+
				"%x_skel.go:\n\t@echo made; "+skelgen+" generate --name x --package x --out "+quoted+" --depfile x.d "+quoted+".bpf.o\n")
			run := func(what, want string) {
				t.Helper()
				cmd := exec.Command(maker, "-s", name+"/x_skel.go")
				cmd.Dir = dir
				out, err := cmd.CombinedOutput()
				if got := strings.TrimSpace(string(out)); err != nil || got != want {
					t.Errorf("%s: %v: %q, want %q", what, err, got, want)
				}
			}
			run("at first", "made")
			run("again", "")
			later := time.Now().Add(-time.Hour)
			if err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
				return os.Chtimes(path, later, later)
			}); err != nil {
				t.Fatal(err)
			}
			run("an hour later", "")
			// The same bytes with a new time: the generated files do not change,
			// and make must not run the generator each time.
			if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
				t.Fatal(err)
			}
			run("when the object has another time", "made")
			run("after that", "")
			time.Sleep(20 * time.Millisecond) // file times have the resolution of clock ticks
			if err := os.WriteFile(path, append(fixture(t), 0), 0o666); err != nil {
				t.Fatal(err)
			}
			run("when the object has changed", "made")
			run("after the change", "")
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
