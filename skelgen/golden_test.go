package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// eachPackage generates the package of every fixture that has types, below dir.
func eachPackage(t *testing.T, dir string, visit func(fixture, pkg, out string)) {
	t.Helper()
	objects, err := filepath.Glob(filepath.Join("testdata", "*", "*.bpf.o"))
	if err != nil || len(objects) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, object := range objects {
		fixture := filepath.Base(filepath.Dir(object))
		if fixture == "nobtf" {
			continue
		}
		out := filepath.Join(dir, fixture)
		if _, stderr, status := invoke(t, ".", "generate", "--out", out, object); status != 0 {
			t.Fatalf("%s: %s", fixture, stderr)
		}
		names, err := filepath.Glob(filepath.Join(out, "*_types.go"))
		if err != nil || len(names) != 1 {
			t.Fatalf("%s: %v %v", fixture, names, err)
		}
		visit(fixture, strings.TrimSuffix(filepath.Base(names[0]), "_types.go"), out)
	}
}

func TestGoldenPackages(t *testing.T) {
	eachPackage(t, t.TempDir(), func(fixture, pkg, out string) {
		for _, kind := range []string{"skel", "types"} {
			got, err := os.ReadFile(filepath.Join(out, pkg+"_"+kind+".go"))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", fixture, "want_"+kind+".go")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not what skelgen writes (%v); if that is meant, run make golden", path, err)
			}
		}
	})
}

// The stubs of all fixtures, whose names are as odd as names get, stand in for the
// skeletons wherever there is no cgo.
func TestStubsCompile(t *testing.T) {
	dir := t.TempDir()
	eachPackage(t, dir, func(string, string, string) {})
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	module := "module fixtures\n\ngo 1.24.0\n\nrequire github.com/bpfskel/bpfskel v0.0.0\n\nreplace github.com/bpfskel/bpfskel => " + root + "\n"
	for name, data := range map[string][]byte{"go.mod": []byte(module), "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, verb, env string }{
		{"linux/amd64", "vet", "CGO_ENABLED=0"},
		{"linux/386", "build", "CGO_ENABLED=0 GOARCH=386"},
		{"darwin/arm64", "build", "CGO_ENABLED=0 GOOS=darwin GOARCH=arm64"},
		{"windows/amd64", "build", "CGO_ENABLED=0 GOOS=windows GOARCH=amd64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("go", c.verb, "-mod=mod", "./...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), strings.Fields(c.env)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
