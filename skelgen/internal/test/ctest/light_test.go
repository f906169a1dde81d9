package ctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/golden"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
)

// noLight are the fixtures that have no light header, and bpftool's failure.
var noLight = map[string]string{
	"arena":          "SIGBUS",
	"structops":      "SIGSEGV",
	"structops_many": "SIGSEGV",
	"pinned":         "failed to load object file",
}

// lightHeader renders an object's light header as the command does. The caller knows
// that libbpf does not crash.
func lightHeader(object, name string) ([]byte, error) {
	obj, err := load.File(object, load.Options{Name: name})
	if err != nil {
		return nil, err
	}
	if err := load.CheckLoader(obj); err != nil {
		return nil, err
	}
	if _, err := ident.CheckC(obj); err != nil {
		return nil, err
	}
	insns, blob, images, err := load.Loader(obj)
	if err != nil {
		return nil, err
	}
	return cheader.Light(obj, insns, blob, images, os.Getpagesize())
}

func mustLightHeader(t *testing.T, f fixture) []byte {
	t.Helper()
	text, err := lightHeader(f.object, "")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// strings of bytes depend on libbpf's version and on this machine.
var hexStrings = regexp.MustCompile(`(?s)"\\\n[^"]*"`)

func TestLightHeadersAreTheGoldenOnes(t *testing.T) {
	for _, f := range fixtures(t) {
		if noLight[f.name] != "" {
			continue
		}
		text := hexStrings.ReplaceAll(mustLightHeader(t, f), []byte(`"..."`))
		golden.File(t, filepath.Join(f.dir, "want.lskel.h"), text)
	}
}

// noLightProgram are the fixtures whose light header does not compile, nor bpftool's.
var noLightProgram = map[string]bool{"nothing": true, "noprogs": true, "arena_bare": true}

func TestLightHeadersCompile(t *testing.T) {
	flags := append(libbpfCFlags(t), "-Wno-unused-function", "-Wno-unused-parameter", "-Wno-sign-compare")
	for _, f := range fixtures(t) {
		if noLight[f.name] != "" || noLightProgram[f.name] {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			types := ""
			if path := f.types(); path != "" {
				types = "#include \"" + path + "\"\n"
			}
			path := filepath.Join(t.TempDir(), "x.lskel.h")
			if err := os.WriteFile(path, mustLightHeader(t, f), 0o644); err != nil {
				t.Fatal(err)
			}
			c11gnu := dialect{"C", []string{"gcc", "-x", "c", "-std=gnu11"}}
			c11gnu.mustTake(t, flags, "#include <stdbool.h>\n#include <errno.h>\n#include <linux/types.h>\n#include <bpf/libbpf.h>\n"+types+"#include \""+path+"\"\n")
		})
	}
}

func TestAProgramThatUsesALightHeaderRuns(t *testing.T) {
	testkit.NeedRoot(t)
	dir := t.TempDir()
	f := fixtureNamed(t, "sections")
	if err := os.WriteFile(filepath.Join(dir, "sections.lskel.h"), mustLightHeader(t, f), 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	args := append([]string{"-O1", "-D_GNU_SOURCE", "-o", program, "-I" + dir, "testdata/light.c"}, libbpfCFlags(t)...)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	runProgram(t, program)
}

// What is wrong with a header is told.
func TestLightHeadersHaveWarnings(t *testing.T) {
	for name, want := range map[string]string{
		"programs":   "program optional is not loaded",
		"noprogs":    "without programs",
		"arena_bare": "arena heap",
		"sections":   "",
	} {
		obj, err := load.File(fixtureNamed(t, name).object, load.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(cheader.LightWarnings(obj), "\n")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
