package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/golden"
	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

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
		for _, kind := range []string{"skel", "types", "libbpf"} {
			got, err := os.ReadFile(filepath.Join(out, pkg+"_"+kind+".go"))
			if err != nil {
				t.Fatal(err)
			}
			golden.File(t, filepath.Join("testdata", fixture, "want_"+kind+".go"), got)
		}
	})
}

func TestGoldenLightPackages(t *testing.T) {
	dir := t.TempDir()
	for _, fixture := range eachLightPackage(t, dir) {
		names, err := filepath.Glob(filepath.Join(dir, fixture, "*_light.go"))
		if err != nil || len(names) != 1 {
			t.Fatalf("%s: %v %v", fixture, names, err)
		}
		got, err := os.ReadFile(names[0])
		if err != nil {
			t.Fatal(err)
		}
		want := filepath.Join("testdata", fixture, "want_light.go")
		if fixture == "light" {
			want = "internal/load/testdata/light.want_light.go"
		}
		golden.File(t, want, got)
	}
}

// The packages of all fixtures, some with very odd names, compile without cgo.
func TestPackagesCompileWithoutLibbpf(t *testing.T) {
	dir := t.TempDir()
	eachPackage(t, dir, func(string, string, string) {})
	usermod.Write(t, dir, "fixtures", nil)
	for _, c := range []struct{ name, verb, env string }{
		{"linux/amd64", "vet", "CGO_ENABLED=0"},
		{"linux/386", "build", "CGO_ENABLED=0 GOARCH=386"},
		{"darwin/arm64", "build", "CGO_ENABLED=0 GOOS=darwin GOARCH=arm64"},
		{"windows/amd64", "build", "CGO_ENABLED=0 GOOS=windows GOARCH=amd64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if out, err := usermod.Go(dir, strings.Fields(c.env), c.verb, "./..."); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
