package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

const (
	registersObject = "testdata/registers/registers.bpf.o"
	bigObject       = "testdata/bigendian/bigendian.bpf.o"
	plainObject     = "testdata/scalars/scalars.bpf.o"
)

func TestObjectsOfAnotherArchitectureAreRefused(t *testing.T) {
	for _, c := range []struct{ object, arch, says string }{
		{registersObject, "amd64", ""},
		{registersObject, "arm64", "reads the registers of amd64, which arm64 does not have: compile the object for arm64"},
		{registersObject, "s390x", "little endian, but s390x is not"},
		{bigObject, "amd64", "big endian, but amd64 is not: compile the object for amd64"},
		{bigObject, "s390x", ""},
		{plainObject, "ppc64", "little endian, but ppc64 is not"},
		{plainObject, "ppc64le", ""},
	} {
		out := filepath.Join(t.TempDir(), "x")
		_, stderr, status := invoke(t, ".", "generate", "--goarch", c.arch, "--out", out, c.object)
		if (status == 0) != (c.says == "") || !strings.Contains(stderr, c.says) {
			t.Errorf("%s for %s: exit status %d, %q; want %q", c.object, c.arch, status, stderr, c.says)
		}
		if _, err := os.Stat(out); c.says != "" && err == nil {
			t.Errorf("%s for %s: it was written all the same", c.object, c.arch)
		}
	}
}

// Without --goarch, the package names the architectures that it works on, and Open
// returns an error on all others.
func TestAnObjectOfOneArchitectureIsConstrained(t *testing.T) {
	dir := t.TempDir()
	_, stderr, status := invoke(t, ".", "generate", "--out", filepath.Join(dir, "registers"), registersObject)
	if want := "warning: the object reads registers, so the package works on amd64 only"; status != 0 || !strings.Contains(stderr, want) {
		t.Errorf("exit status %d, %q; want %q", status, stderr, want)
	}
	if _, stderr, _ := invoke(t, ".", "generate", "--out", filepath.Join(dir, "big"), bigObject); !strings.Contains(stderr, "works on mips, mips64, ppc64, s390x only") {
		t.Errorf("of the big-endian object: %q", stderr)
	}
	for name, want := range map[string]string{"libbpf": "//go:build linux && cgo && amd64\n", "nolibbpf": "//go:build !(linux && cgo && amd64)\n"} {
		text, err := os.ReadFile(filepath.Join(dir, "registers", "registers_"+name+".go"))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("registers_%s.go: %v, it lacks %q", name, err, want)
		}
	}
	usermod.Write(t, dir, "archs", nil)
	for _, env := range []string{"CGO_ENABLED=0 GOARCH=arm64", "CGO_ENABLED=0 GOARCH=s390x"} {
		if out, err := usermod.Go(dir, strings.Fields(env), "vet", "./..."); err != nil {
			t.Errorf("%s: %v\n%s", env, err, out)
		}
	}
}
