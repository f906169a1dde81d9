package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func seedObjects(t *testing.T) []object {
	t.Helper()
	paths, err := filepath.Glob("../../skelgen/testdata/*/*.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	seeds, err := readObjects(paths)
	if err != nil {
		t.Fatal(err)
	}
	return seeds
}

func TestARunCanBeRepeated(t *testing.T) {
	seeds := seedObjects(t)
	differ := 0
	for i := range 200 {
		a, b := newCase(7, i, seeds), newCase(7, i, seeds)
		if a.name != b.name || a.description != b.description || !bytes.Equal(a.data, b.data) {
			t.Fatalf("run %d: the repetition differs", i)
		}
		if !bytes.Equal(a.data, newCase(8, i, seeds).data) {
			differ++
		}
	}
	if differ < 190 {
		t.Errorf("with another seed, only %d of 200 objects differ", differ)
	}
}

func TestEachMutationDamagesObjects(t *testing.T) {
	seeds := seedObjects(t)
	for _, m := range mutations {
		changed := 0
		for i := range 100 {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			o := seeds[i%len(seeds)]
			if !bytes.Equal(m.apply(r, append([]byte(nil), o.data...)), o.data) {
				changed++
			}
		}
		if changed < 30 {
			t.Errorf("%s: %d of 100 objects changed", m.name, changed)
		}
	}
}

// The verdict has to detect a generator that misbehaves.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"success with a header", "echo header", ""},
		{"a one-line error", "echo 'skelgen: x: damaged' >&2; exit 1", ""},
		{"success without output", ":", "but nothing printed"},
		{"two lines of error", "echo 'skelgen: a' >&2; echo b >&2; exit 1", "an error of 2 lines"},
		{"no error message", "exit 1", "an error of 0 lines"},
		{"a partial header", "echo part; echo 'skelgen: x' >&2; exit 1", "but output was printed"},
		{"a signal", "kill -SEGV $$", "exit status -1"},
		{"a panic", "echo 'panic: x' >&2; exit 2", "panicked"},
		{"another exit status", "exit 3", "exit status 3"},
		{"a file left in its folder", "touch part; echo 'skelgen: x' >&2; exit 1", "left the file part"},
		{"a temporary file left", "touch $TMPDIR/t; echo header", "left the file tmp/t"},
		{"a process left", "sleep 60 >/dev/null 2>&1 & echo header", "left a process"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			command := filepath.Join(t.TempDir(), "generator")
			if err := os.WriteFile(command, []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			v, err := fuzzCase{name: "x.bpf.o", command: commandLine{prints: true}}.run(command)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && v.problem != "" || !strings.Contains(v.problem, c.want) {
				t.Errorf("problem %q, want %q", v.problem, c.want)
			}
		})
	}
}

func TestAGeneratedFolderIsRemovedOnError(t *testing.T) {
	c := fuzzCase{name: "x.bpf.o", command: commandLine{out: "out"}}
	for _, e := range []struct {
		name string
		end  runResult
		bad  bool
	}{
		{"written after success", runResult{files: []string{"x.bpf.o", "tmp", "out", "out/x.go"}}, false},
		{"not written after success", runResult{files: []string{"x.bpf.o", "tmp"}}, true},
		{"written after an error", runResult{status: 1, stderr: "skelgen: x\n", files: []string{"x.bpf.o", "out"}}, true},
		{"not written after an error", runResult{status: 1, stderr: "skelgen: x\n", files: []string{"x.bpf.o"}}, false},
		{"too slow", runResult{timedOut: true}, true},
	} {
		if v := c.judge(e.end); (v.problem != "") != e.bad {
			t.Errorf("%s: problem %q", e.name, v.problem)
		}
	}
}

func TestAGeneratorThatAcceptsNoObjectFails(t *testing.T) {
	command := filepath.Join(t.TempDir(), "generator")
	if err := os.WriteFile(command, []byte("#!/bin/sh\necho 'skelgen: no' >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := checkCommandLines(command, seedObjects(t)[:2])
	if err == nil || !strings.Contains(err.Error(), "accepts no object") {
		t.Errorf("error %v", err)
	}
}

// make test has built the generator. CI runs ten times as many.
func TestTheGeneratorSurvives(t *testing.T) {
	const command = "../../build/bin/skelgen"
	if _, err := os.Stat(command); err != nil {
		t.Skip("needs build/bin/skelgen: run make skelgen")
	}
	n := 200
	if os.Getenv("CI") == "true" {
		n = 2000
	}
	paths, err := filepath.Glob("../../skelgen/testdata/*/*.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	s := settings{generator: command, keep: "../../build/fuzz-test", root: "../..", seed: 1, n: n, hostile: n, compile: n / 40, jobs: 2}
	if err := fuzz(s, paths); err != nil {
		t.Error(err)
	}
}
