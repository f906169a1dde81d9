//go:build linux

// Package lightsize tests what programs link that were built without cgo: a light package names what its object needs, and
// the linker leaves out the rest.
package lightsize

import (
	"debug/elf"
	"debug/gosym"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	_ "github.com/bpfskel/bpfskel/pkg/light" // what the result depends on, for go test
	_ "github.com/bpfskel/bpfskel/pkg/skelrt"
)

// largest is the size that examples/minimal, which attaches two tracepoints, may have.
const largest = 2_500_000

// unwanted are packages that it does not import, not even through others: the initialization of some is large.
var unwanted = []string{
	"debug/elf", "debug/dwarf", "debug/gosym", "compress/gzip", "compress/zlib", "compress/flate", "internal/zstd", "net", "net/netip", "os/exec",
	"regexp", "text/template", "text/tabwriter", "encoding/gob", "crypto/sha256", "os/user",
	"github.com/bpfskel/bpfskel/cgo/libbpf", "github.com/bpfskel/bpfskel/pkg/light/kernelconfig",
	"github.com/bpfskel/bpfskel/pkg/skelrt/functions", "github.com/bpfskel/bpfskel/pkg/ringbuf",
}

// unused are functions of packages that it does import, the first of what other kinds of object need.
var unused = []string{
	"pkg/light.(*attempt).attachProbe", "pkg/light.(*attempt).kprobeMulti", "pkg/light.(*attempt).uprobe", "pkg/light.openELF", "pkg/light.Kprobes",
	"pkg/light.(*KconfigVariables).fill", "pkg/light.FindType", "pkg/light.parseTypes", "pkg/light.readKallsyms",
	"pkg/light.(*tcMessage).request", "pkg/skel.(*Program).AttachUprobe",
}

func TestATracepointLinksNothingElse(t *testing.T) {
	const example = "../../../examples/minimal"
	if _, err := os.Stat(filepath.Join(example, "minimal", "minimal_light.go")); err != nil {
		t.Skip("the examples are not generated: run make generate")
	}
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "minimal")
			run(t, arch, "build", "-trimpath", "-ldflags=-s -w", "-o", path, example)
			info, err := os.Stat(path)
			testkit.Must(t, err)
			if t.Logf("%d bytes", info.Size()); info.Size() > largest {
				t.Errorf("it has %d bytes, more than %d", info.Size(), largest)
			}
			imported := strings.Fields(run(t, arch, "list", "-deps", example))
			for _, p := range imported {
				for _, no := range unwanted {
					if p == no {
						t.Errorf("it imports %s", p)
					}
				}
			}
			file, err := elf.Open(path)
			testkit.Must(t, err)
			defer file.Close()
			for _, p := range file.Progs {
				if p.Type == elf.PT_INTERP {
					t.Error("it is not static")
				}
			}
			linked := functions(t, file)
			for _, no := range unused {
				if linked[no] {
					t.Errorf("it has %s", no)
				}
			}
		})
	}
}

// The names of those functions are names: programs that use everything have them.
func TestOtherProgramsLinkIt(t *testing.T) {
	var linked []map[string]bool
	for _, tests := range []string{"skel", "light"} {
		path := filepath.Join(t.TempDir(), tests+".test")
		run(t, runtime.GOARCH, "test", "-c", "-o", path, "../../../pkg/"+tests)
		file, err := elf.Open(path)
		testkit.Must(t, err)
		defer file.Close()
		linked = append(linked, functions(t, file))
	}
	for _, name := range unused {
		if !linked[0][name] && !linked[1][name] {
			t.Errorf("the tests of pkg/skel and pkg/light do not have %s", name)
		}
	}
}

// run runs the go command for a system without cgo.
func run(t *testing.T, arch string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch, "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// functions are the names of the functions of a program, without the path of this module. A stripped program has them too.
func functions(t *testing.T, file *elf.File) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	data, err := file.Section(".gopclntab").Data()
	testkit.Must(t, err)
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, file.Section(".text").Addr))
	testkit.Must(t, err)
	for i := range table.Funcs {
		names[strings.TrimPrefix(table.Funcs[i].Name, "github.com/bpfskel/bpfskel/")] = true
	}
	return names
}
