package ctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
)

// programs are C and C++ programs that use a header as its users do, and exit
// with status 0 if the results are as expected.
var programs = []struct {
	name     string
	source   string
	fixtures []string
}{
	{"each function of a skeleton, data before and after load", "scalars.c", []string{"scalars"}},
	{"the same from C++", "scalars.cpp", []string{"scalars"}},
	{"sections with custom names", "sections.c", []string{"sections"}},
	{"the kernel's configuration", "kconfig.c", []string{"kconfig"}},
	{"an arena's variables", "arena.c", []string{"arena"}},
	{"maps of many kinds", "maps.c", []string{"maps"}},
	{"a struct_ops map and its shadow", "structops.c", []string{"structops"}},
	{"a subskeleton on a skeleton's object", "library.c", []string{"library"}},
	{"a program without the object's types", "opaque.c", []string{"scalars", "structops"}},
}

func TestProgramsThatUseTheHeadersRun(t *testing.T) {
	testkit.NeedRoot(t)
	flags := pkgConfig(t, "--cflags", "--libs", "--static", "libbpf")
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			runProgram(t, build(t, p.source, p.fixtures, flags))
		})
	}
}

// One header serves the versions of libbpf that distributions ship: Debian 12 has 1.1.2,
// its backports have 1.4.6. Neither has links of struct_ops maps.
func TestAStructOpsHeaderServesOlderLibbpf(t *testing.T) {
	testkit.NeedRoot(t)
	for _, suite := range []string{"bookworm", "bookworm-backports"} {
		t.Run(suite, func(t *testing.T) {
			prefix := olderLibbpf(t, suite)
			flags := []string{
				"-I" + filepath.Join(prefix, "include"),
				filepath.Join(prefix, "lib", "libbpf.a"), "-lelf", "-lz",
			}
			runProgram(t, build(t, "structops.c", []string{"structops"}, flags))
		})
	}
}

// build compiles testdata/source, with the fixtures' headers beside it, and
// returns the program.
func build(t *testing.T, source string, names, flags []string) string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-g", "-O1", "-Wall", "-Wextra", "-Werror", "-o", filepath.Join(dir, "program"), "-I" + dir, "-Itestdata"}
	for _, name := range names {
		f := fixtureNamed(t, name)
		writeHeaders(t, dir, f)
		args = append(args, "-I"+f.dir)
	}
	compiler := "gcc"
	if strings.HasSuffix(source, ".cpp") {
		compiler = "g++"
	}
	args = append(append(args, filepath.Join("testdata", source)), flags...)
	if out, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", compiler, err, out)
	}
	return filepath.Join(dir, "program")
}

// writeHeaders writes NAME.skel.h, and lib.subskel.h for a subskeleton "lib".
func writeHeaders(t *testing.T, dir string, f fixture) {
	t.Helper()
	obj, err := load.File(f.object, load.Options{Name: "lib", Subskeleton: true})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := cheader.Subskeleton(obj)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		f.name + ".skel.h": forms[0].header(t, f.object),
		"lib.subskel.h":    sub,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func runProgram(t *testing.T, program string) {
	t.Helper()
	if out, err := exec.Command(program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
