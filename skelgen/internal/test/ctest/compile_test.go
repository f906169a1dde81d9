package ctest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dialect is a compiler with the rules that a header must satisfy.
type dialect struct {
	name string
	cmd  []string
}

var (
	c11   = dialect{"C11", []string{"gcc", "-x", "c", "-std=c11"}}
	cpp17 = dialect{"C++17", []string{"g++", "-x", "c++", "-std=c++17"}}
)

// cOnly are the fixtures whose names C++ rejects.
var cOnly = map[string]bool{"cppword": true}

func TestHeadersCompile(t *testing.T) {
	flags := libbpfCFlags(t)
	for _, d := range []dialect{c11, cpp17} {
		for _, f := range fixtures(t) {
			if d.name == cpp17.name && cOnly[f.name] {
				continue
			}
			t.Run(d.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				for _, k := range f.forms() {
					d.mustTake(t, flags, f.unit(t, k))
				}
			})
		}
	}
}

func TestHeadersCompileForAProgramWithoutTheTypes(t *testing.T) {
	flags := append(libbpfCFlags(t), "-DSKEL_OPAQUE_DATA")
	for _, d := range []dialect{c11, cpp17} {
		for _, k := range forms {
			t.Run(d.name+"/"+k.name, func(t *testing.T) {
				t.Parallel()
				// None of them needs other headers, so one unit includes all.
				var unit strings.Builder
				for _, f := range fixtures(t) {
					if d.name == cpp17.name && cOnly[f.name] {
						continue
					}
					if _, err := os.Stat(filepath.Join(f.dir, k.golden)); err != nil {
						continue
					}
					fmt.Fprintf(&unit, "#include %q\n", filepath.Join(f.dir, k.golden))
				}
				d.mustTake(t, flags, unit.String())
			})
		}
	}
}

func TestHeadersCompileWithLibbpf15(t *testing.T) {
	prefix := olderLibbpf(t, "trixie")
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c11.mustTake(t, []string{"-I" + filepath.Join(prefix, "include")}, f.unit(t, forms[0]))
		})
	}
}

func TestANameOfCPlusPlusBreaksCPlusPlusOnly(t *testing.T) {
	for name := range cOnly {
		f := fixtureNamed(t, name)
		if out, err := cpp17.compile(libbpfCFlags(t), f.unit(t, forms[0])); err == nil {
			t.Errorf("g++ compiles the header of %s, so it is not an example\n%s", name, out)
		}
	}
}

// unit is a source that includes the fixture's header as its users do.
func (f fixture) unit(t *testing.T, k form) string {
	t.Helper()
	types := ""
	if path := f.types(); path != "" {
		types = fmt.Sprintf("#include %q\n", path)
	}
	return types + fmt.Sprintf("#include %q\n", filepath.Join(f.dir, k.golden))
}

func (d dialect) mustTake(t *testing.T, flags []string, unit string) {
	t.Helper()
	if out, err := d.compile(flags, unit); err != nil {
		t.Errorf("%s: %v\n%s", d.name, err, out)
	}
}

func (d dialect) compile(flags []string, unit string) ([]byte, error) {
	// A subskeleton without variables says calloc(0, ...), as bpftool's does; gcc warns of that from 14 on.
	args := append(append([]string{}, d.cmd[1:]...), "-Wall", "-Wextra", "-Wno-alloc-size", "-Werror", "-fsyntax-only")
	args = append(append(args, flags...), "-")
	cmd := exec.Command(d.cmd[0], args...)
	cmd.Stdin = strings.NewReader(unit)
	return cmd.CombinedOutput()
}

// olderLibbpf is the prefix of the libbpf that a Debian suite ships.
func olderLibbpf(t *testing.T, suite string) string {
	t.Helper()
	cmd := exec.Command("sh", "../../../../scripts/debian-libbpf.sh", suite)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	prefix := strings.TrimSpace(string(out))
	if err != nil {
		t.Skip(strings.TrimSpace(stderr.String()))
	}
	if _, err := os.Stat(filepath.Join(prefix, "include", "bpf", "libbpf.h")); err != nil {
		t.Fatal(err)
	}
	return prefix
}
