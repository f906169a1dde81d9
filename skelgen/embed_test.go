package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A package has the files of one form: the other form's files are removed, and reported
// by --check.
func TestAPackageChangesItsForm(t *testing.T) {
	dir := t.TempDir()
	object := filepath.Join(t.TempDir(), "x.bpf.o")
	if err := os.WriteFile(object, fixture(t), 0o666); err != nil {
		t.Fatal(err)
	}
	header := []string{"x.skel.h", "x_libbpf.go", "x_nolibbpf.go", "x_skel.go", "x_types.go"}
	embedded := []string{"x.bpf.o", "x_libbpf.go", "x_nolibbpf.go", "x_skel.go", "x_types.go"}
	for _, c := range []struct {
		name, flag string
		want       []string
		left       string // what --check reports before
	}{
		{"at first with a header", "--static=false", header, "stale"},
		{"then embedded", "--embed", embedded, "left over: x.skel.h"},
		{"and back", "--static=false", header, "left over: x.bpf.o"},
	} {
		args := []string{c.flag, "--out", "x", object}
		_, stderr, status := invoke(t, dir, append([]string{"generate", "--check"}, args...)...)
		oneLineError(t, stderr, status, c.left)
		if _, stderr, status := invoke(t, dir, append([]string{"generate"}, args...)...); status != 0 {
			t.Fatalf("%s: %s", c.name, stderr)
		}
		if got := namesIn(t, filepath.Join(dir, "x")); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if _, stderr, status := invoke(t, dir, append([]string{"generate", "--check"}, args...)...); status != 0 {
			t.Errorf("%s: %s", c.name, stderr)
		}
	}
}

// An object at the path of the package's own object belongs to the user. If it is the
// object that the package is made of, it is embedded; else it is an error. It is never
// removed.
func TestObjectsOfUsersAreKept(t *testing.T) {
	dir := t.TempDir()
	mine, other := filepath.Join(dir, "x", "x.bpf.o"), filepath.Join(dir, "other.bpf.o")
	if err := os.Mkdir(filepath.Dir(mine), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{mine, other} {
		if err := os.WriteFile(path, fixture(t), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	generate := func(args ...string) (string, int) {
		_, stderr, status := invoke(t, dir, append([]string{"generate", "--name", "x", "--package", "x", "--out", "x"}, args...)...)
		return stderr, status
	}
	for _, args := range [][]string{{"--embed", mine}, {"--embed", "--depfile", "x.d", mine}, {mine}} {
		if stderr, status := generate(args...); status != 0 {
			t.Fatal(stderr)
		}
		if data, err := os.ReadFile(mine); err != nil || !bytes.Equal(data, fixture(t)) {
			t.Fatalf("%v: the object was removed or changed: %v", args, err)
		}
	}
	rule, err := os.ReadFile(filepath.Join(dir, "x.d"))
	if err != nil || strings.Contains(strings.SplitN(string(rule), ": ", 2)[0], "x.bpf.o") {
		t.Errorf("the object was generated from itself: %v\n%s", err, rule)
	}
	if err := os.WriteFile(mine, append(fixture(t), 0), 0o666); err != nil {
		t.Fatal(err)
	}
	stderr, status := generate("--embed", other)
	oneLineError(t, stderr, status, "x.bpf.o", "skelgen")
	if data, _ := os.ReadFile(mine); !bytes.Equal(data, append(fixture(t), 0)) {
		t.Error("the user's object was overwritten")
	}
}

func TestEmbeddedObjectsOfTwoArchitectures(t *testing.T) {
	dir := t.TempDir()
	usermod.Write(t, dir, "probe", nil)
	object := filepath.Join(t.TempDir(), "probe.bpf.o")
	for arch, source := range map[string]string{"amd64": archSource, "arm64": "#define ARM\n" + archSource} {
		compile(t, source, object)
		if _, stderr, status := invoke(t, dir, "generate", "--embed", "--out", "probe", "--goarch", arch, object); status != 0 {
			t.Fatal(stderr)
		}
	}
	names := namesIn(t, filepath.Join(dir, "probe"))
	if !slices.Contains(names, "probe_amd64.bpf.o") || !slices.Contains(names, "probe_arm64.bpf.o") || slices.Contains(names, "probe_amd64.skel.h") {
		t.Error(names)
	}
	for _, env := range []string{"GOARCH=amd64", "GOARCH=arm64 CGO_ENABLED=0", "GOARCH=riscv64 CGO_ENABLED=0"} {
		if out, err := usermod.Go(dir, strings.Fields(env), "build", "./probe"); err != nil {
			t.Errorf("%s: %v\n%s", env, err, out)
		}
	}
	out, err := usermod.Go(dir, []string{"GOARCH=arm64"}, "list", "-f", "{{.EmbedFiles}} {{.CgoFiles}}", "-tags", "cgo", "./probe")
	if err != nil || strings.TrimSpace(out) != "[probe_arm64.bpf.o] []" && strings.TrimSpace(out) != "[] []" {
		t.Errorf("%v: %s", err, out)
	}
}

// Open refuses an object of a different generation than the Go files beside it.
func TestOpenRefusesAnotherEmbeddedObject(t *testing.T) {
	module := t.TempDir()
	usermod.Write(t, module, "mixed", map[string]string{"main.go": `package main

import (
	"fmt"
	"os"

	"mixed/x"
)

func main() {
	s, err := x.Open()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(len(s.ELF()))
	s.Close()
}
`})
	object := filepath.Join(t.TempDir(), "x.bpf.o")
	compile(t, "int first = 1, second = 2;\n", object)
	if _, stderr, status := invoke(t, module, "generate", "--embed", "--out", "x", object); status != 0 {
		t.Fatal(stderr)
	}
	run := func() (string, error) {
		if out, err := usermod.Go(module, nil, "build", "-o", "main", "."); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		out, err := exec.Command(filepath.Join(module, "main")).CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err != nil {
		t.Fatalf("as generated: %v\n%s", err, out)
	}
	compile(t, "int first = 1, second = 3;\n", object)
	newer, err := os.ReadFile(object)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"another object": newer, "nothing": {}} {
		if err := os.WriteFile(filepath.Join(module, "x", "x.bpf.o"), data, 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := run(); err == nil || !strings.Contains(out, "run skelgen generate again") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
