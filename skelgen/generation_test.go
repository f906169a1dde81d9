package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

// twoGenerations generates the same package from two objects, of which the second
// has one more variable, and returns the folders of the packages: MODULE/old/x and
// MODULE/new/x.
func twoGenerations(t *testing.T) (module, older, newer string) {
	t.Helper()
	module = t.TempDir()
	usermod.Write(t, module, "mixed", nil)
	object := filepath.Join(t.TempDir(), "x.bpf.o")
	for name, source := range map[string]string{
		"old": "int first = 1, second = 2;\n",
		"new": "int zeroth = 3, first = 1, second = 2;\n",
	} {
		compile(t, source, object)
		if _, stderr, status := invoke(t, module, "generate", "--out", name+"/x", object); status != 0 {
			t.Fatal(stderr)
		}
	}
	return module, filepath.Join(module, "old", "x"), filepath.Join(module, "new", "x")
}

// Each file of one generation in turn is put among the files of the other.
func TestFilesOfTwoGenerationsDoNotCompileTogether(t *testing.T) {
	module, older, newer := twoGenerations(t)
	for _, env := range []string{"CGO_ENABLED=1", "CGO_ENABLED=0"} {
		if out, err := usermod.Go(module, []string{env}, "vet", "./..."); err != nil {
			t.Fatalf("%s: %v\n%s", env, err, out)
		}
	}
	for _, c := range []struct{ file, env, want string }{
		{"x_types.go", "CGO_ENABLED=1", "undefined: generation_"},
		{"x_skel.go", "CGO_ENABLED=1", "undefined: generation_"},
		{"x_libbpf.go", "CGO_ENABLED=1", "run skelgen generate again"},
		{"x.skel.h", "CGO_ENABLED=1", "x.skel.h was not generated together with this Go file: run skelgen generate again"},
		{"x_types.go", "CGO_ENABLED=0", "undefined: generation_"},
		{"x_skel.go", "CGO_ENABLED=0", "undefined: generation_"},
		{"x_nolibbpf.go", "CGO_ENABLED=0", "undefined: generation_"},
	} {
		t.Run(c.file+" "+c.env, func(t *testing.T) {
			path := filepath.Join(newer, c.file)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			defer os.WriteFile(path, good, 0o666)
			stray, err := os.ReadFile(filepath.Join(older, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, stray, 0o666); err != nil {
				t.Fatal(err)
			}
			out, err := usermod.Go(module, []string{c.env}, "build", "./new/x")
			if err == nil {
				t.Fatal("it compiles")
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("the compiler does not say %q:\n%s", c.want, out)
			}
		})
	}
}

// The generation depends only on the object and the options.
func TestGeneration(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("a.bpf.o", fixture(t))
	put("b.bpf.o", append(fixture(t), 0))
	generation := func(args ...string) string {
		t.Helper()
		if _, stderr, status := invoke(t, dir, append([]string{"generate", "--out", "out"}, args...)...); status != 0 {
			t.Fatal(stderr)
		}
		types, err := filepath.Glob(filepath.Join(dir, "out", "*_types*.go"))
		if err != nil || len(types) != 1 {
			t.Fatal(types, err)
		}
		text, err := os.ReadFile(types[0])
		if err != nil {
			t.Fatal(err)
		}
		_, id, _ := strings.Cut(string(text), "const generation_")
		os.RemoveAll(filepath.Join(dir, "out"))
		return id[:8]
	}
	seen := map[string]string{}
	for _, args := range []string{
		"--name n --package p a.bpf.o", "--name n --package p b.bpf.o", "--name m --package p a.bpf.o",
		"--name n --package q a.bpf.o", "--name n --package p --static a.bpf.o",
		"--name n --package p --goarch amd64 a.bpf.o", "--name n --package p --type value a.bpf.o",
	} {
		id := generation(strings.Fields(args)...)
		if again := generation(strings.Fields(args)...); again != id {
			t.Errorf("%s: %s, and then %s", args, id, again)
		}
		if seen[id] != "" {
			t.Errorf("%s is the generation of %s and of %s", id, seen[id], args)
		}
		seen[id] = args
	}
}

// Open compares the size of each section in the object with the size that the Go
// package was generated for.
func TestOpenComparesSizesExactly(t *testing.T) {
	module, older, _ := twoGenerations(t)
	usermod.Write(t, module, "mixed", map[string]string{"main.go": `package main

import (
	"fmt"
	"os"

	"mixed/old/x"
)

func main() {
	s, err := x.Open()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	s.Close()
}
`})
	path := filepath.Join(older, "x_skel.go")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	run := func(from, to string) (string, error) {
		t.Helper()
		text := strings.Replace(string(good), from, to, 1)
		if from != to && text == string(good) {
			t.Fatalf("%s has no %q", path, from)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := usermod.Go(module, nil, "build", "-o", "main", "."); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		out, err := exec.Command(filepath.Join(module, "main")).CombinedOutput()
		return string(out), err
	}
	if out, err := run("", ""); err != nil {
		t.Fatalf("as generated: %v\n%s", err, out)
	}
	for _, c := range []struct{ name, from, to string }{
		{"a size one byte too small", "Bytes: 8,", "Bytes: 7,"},
		{"a size one byte too large", "Bytes: 8,", "Bytes: 9,"},
		{"a Go type too small", "unsafe.Sizeof(Data{})", "unsafe.Sizeof([4]byte{})"},
		{"a Go type too large", "unsafe.Sizeof(Data{})", "unsafe.Sizeof([16]byte{})"},
	} {
		if out, err := run(c.from, c.to); err == nil || !strings.Contains(out, "generate the package again") {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
}
