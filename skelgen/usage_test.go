package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestVersionAndHelp(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--version", `^skelgen version \S+, libbpf [0-9]+\.[0-9]+\n$`},
		{"-v", `^skelgen version \S+, libbpf [0-9]+\.[0-9]+\n$`},
		{"help", `(?s)^NAME:.*generate.*inspect`},
		{"", `(?s)^NAME:.*generate.*inspect`},
		{"help generate", `(?s)^NAME:\n   skelgen generate.*--depfile`},
		{"generate --help", `(?s)^NAME:\n   skelgen generate.*--depfile`},
	} {
		stdout, stderr, status := invoke(t, ".", strings.Fields(c.args)...)
		if status != 0 || stderr != "" || !regexp.MustCompile(c.want).MatchString(stdout) {
			t.Errorf("%q: status %d, %q%q", c.args, status, stdout, stderr)
		}
	}
	_, stderr, status := invoke(t, ".", "help", "genrate")
	oneLineError(t, stderr, status, "genrate")
}

func TestAFlagGivenTwice(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "x.bpf.o"), string(fixture(t)))
	for _, c := range []struct{ args, twice string }{
		{"generate --out a --out b x.bpf.o", "--out"},
		{"generate --out=a -out b x.bpf.o", "--out"},
		{"generate --name a --check --name=b x.bpf.o", "--name"},
		{"generate --goarch amd64 --goarch arm64 x.bpf.o", "--goarch"},
		{"header --name a --subskeleton --name b x.bpf.o", "--name"},
		{"generate --type k* --type v* --out c x.bpf.o", ""},
		{"generate --static --static --out --out x.bpf.o", ""}, // a folder of that name
	} {
		_, stderr, status := invoke(t, dir, strings.Fields(c.args)...)
		if c.twice == "" {
			if status != 0 {
				t.Errorf("%s: %s", c.args, stderr)
			}
			continue
		}
		oneLineError(t, stderr, status, c.twice+" is given twice", "--help")
	}
}

// An object may come from a pipe, whose name means nothing: the files are those of
// an object in a file.
func TestAnObjectFromAPipe(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "x.bpf.o"), string(fixture(t)))
	if _, stderr, status := invoke(t, dir, "generate", "x.bpf.o"); status != 0 {
		t.Fatal(stderr)
	}
	want := contents(t, filepath.Join(dir, "x"))
	run := func(script string) (stdout, stderr string, status int) {
		t.Helper()
		cmd := exec.Command("bash", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "SKELGEN="+skelgen)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return out.String(), errs.String(), cmd.ProcessState.ExitCode()
	}
	for i, object := range []string{"/dev/stdin", "<(cat x.bpf.o)", "fifo", "/dev/stdin < x.bpf.o", "/dev/fd/3 3< x.bpf.o"} {
		script := fmt.Sprintf("mkfifo fifo; cat x.bpf.o > fifo & cat x.bpf.o | $SKELGEN generate --out p%d/x %s; rc=$?; rm fifo; exit $rc", i, object)
		if object != "fifo" {
			script = strings.Replace(script, "cat x.bpf.o > fifo &", "", 1)
		}
		if _, stderr, status := run(script); status != 0 || stderr != "" {
			t.Errorf("%s: status %d, %s", object, status, stderr)
			continue
		}
		if names := changed(want, contents(t, filepath.Join(dir, fmt.Sprintf("p%d", i), "x"))); len(names) > 0 {
			t.Errorf("%s: other files: %q", object, names)
		}
	}
	for _, script := range []string{
		"$SKELGEN header --name n <(cat x.bpf.o)", "cat x.bpf.o | $SKELGEN header --name n /dev/stdin",
		"$SKELGEN inspect <(cat x.bpf.o)", "$SKELGEN inspect /dev/stdin < x.bpf.o",
	} {
		if stdout, stderr, status := run(script); status != 0 || len(stdout) == 0 {
			t.Errorf("%s: status %d, %s", script, status, stderr)
		}
	}
	for _, c := range []struct{ script, want string }{
		{"$SKELGEN generate <(cat x.bpf.o)", "--out"},
		{"$SKELGEN generate /dev/stdin < x.bpf.o", "--out"},
		{"$SKELGEN header <(cat x.bpf.o)", "--name"},
		{"$SKELGEN generate --name n --out y --depfile d <(cat x.bpf.o)", "--depfile"},
		{"$SKELGEN generate --out y --depfile d /dev/stdin < x.bpf.o", "--depfile"},
		{"$SKELGEN generate --name n --out y /dev/zero", "not a file or a pipe"},
		{"true | $SKELGEN generate --name n --out y /dev/stdin", "empty"},
	} {
		_, stderr, status := run(c.script)
		oneLineError(t, stderr, status, c.want)
		if _, err := os.Stat(filepath.Join(dir, "y")); err == nil {
			t.Errorf("%s: the folder was made", c.script)
		}
	}
}

// Files that the go command ignores do not make a folder another package's; those
// that it takes on any system do.
func TestFilesThatGoIgnores(t *testing.T) {
	for _, c := range []struct {
		name, text string
		ignored    bool
	}{
		{"_x.go", "package main\n", true},
		{".x.go", "package main\n", true},
		{"gen.go", "//go:build ignore\n\npackage main\n", true},
		{"gen.go", "// +build ignore\n\npackage main\n", true},
		{"tools.go", "//go:build tools\n\npackage tools\n", true},
		{"never.go", "//go:build linux && !linux\n\npackage main\n", true},
		{"doc.go", "package documentation\n", true},
		{"broken.go", "pakcage main\n", true},
		{"testdata/other.go", "package main\n", true},
		{"sub/other.go", "package main\n", true},
		{"x_test.go", "package x_test\n", true},
		{"main.go", "package main\n", false},
		{"main_windows.go", "package main\n", false},
		{"main_arm64.go", "package main\n", false},
		{"other_test.go", "package other\n", false},
		{"nocgo.go", "//go:build !cgo\n\npackage main\n", false},
		{"cgo.go", "//go:build cgo && linux\n\npackage main\n", false},
		{"plan9.go", "//go:build plan9 && 386\n\npackage main\n", false},
		{"new.go", "//go:build go1.21\n\npackage main\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "x.bpf.o"), string(fixture(t)))
			path := filepath.Join(dir, "x", c.name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			write(t, path, c.text)
			_, stderr, status := invoke(t, dir, "generate", "x.bpf.o")
			if !c.ignored {
				oneLineError(t, stderr, status, "holds the package", filepath.Base(path))
			} else if status != 0 {
				t.Error(stderr)
			}
		})
	}
}
