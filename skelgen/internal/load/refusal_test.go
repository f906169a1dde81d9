package load

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func object(name string) string { return filepath.Join("testdata", name+".bpf.o") }

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, object, says, advises string }{
		{"a map as libbpf before 1.0 had it", "legacy_maps", "legacy map definitions in 'maps'", `SEC(".maps")`},
		{"a variable of another object", "extern_variable", "extern 'elsewhere'", "link the objects first"},
		{"a function of another object", "extern_function", "extern 'elsewhere'", "link the objects first"},
		{"a map of another object", "extern_map", "unrecognized extern section '.maps'", "link the objects first"},
		{"an unknown way of pinning", "pinning", "map 'counts': invalid pinning value 7", "LIBBPF_PIN_BY_NAME"},
		{"a static program", "static_program", "program 'run' is static", "make the program global"},
		{"a static map", "static_map", "map 'counts': unsupported map linkage static", "make the map global"},
		{"a variable in a section of no known kind", "section", "bad map relo against 'lost' in section 'mine'", ".data, .rodata or .bss"},
		{"an attribute of a map that libbpf does not know", "map_attribute", "unknown field 'colour'", "newer libbpf"},
		{"a type whose members the compiler left out", "incomplete", "map 'per_cpu.inner': can't determine key size for type",
			`the object does not contain the members of struct flow_key`},
		{"maps without BTF", "nobtf_maps", "BTF is required", "clang -g"},
	} {
		t.Run(c.name, func(t *testing.T) {
			obj, err := File(object(c.object), Options{})
			if err == nil || obj != nil {
				t.Fatalf("no error, object %v", obj)
			}
			for _, want := range []string{object(c.object), c.says, c.advises} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in the error %q", want, err)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestASectionThatLibbpfIgnoresIsReported(t *testing.T) {
	obj, err := File(object("unused_section"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(obj.Warnings) != 1 || !strings.Contains(obj.Warnings[0], "skipping unrecognized data section(4) mine") {
		t.Errorf("warnings: %q", obj.Warnings)
	}
}

// Following the advice about a type without members works.
func TestAPointerDeclaresItsTargetType(t *testing.T) {
	object := filepath.Join(t.TempDir(), "incomplete.bpf.o")
	cmd := exec.Command("sh", "../../../scripts/bpfcc.sh", "testdata/incomplete.bpf.c", object, "-DREMEDY")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := File(object, Options{}); err != nil {
		t.Error(err)
	}
}
