package main

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRenameKeepsReferencesConsistent(t *testing.T) {
	for _, o := range seedObjects(t) {
		before, err := namesOf(o.data)
		if err != nil {
			t.Fatalf("%s: %v", o.name, err)
		}
		if len(before.types) == 0 {
			continue
		}
		to := map[string]string{}
		for _, list := range [][]string{before.symbols, before.sections, before.types, before.members} {
			for _, name := range list {
				to[name] = name + "\n*/"
			}
		}
		delete(to, ".BTF") // sections are found by these names
		delete(to, ".BTF.ext")
		data, err := rename(o.data, to)
		if err != nil {
			t.Fatalf("%s: %v", o.name, err)
		}
		after, err := namesOf(data)
		if err != nil {
			t.Fatalf("%s, renamed: %v", o.name, err)
		}
		for i, lists := range [][2][]string{
			{before.symbols, after.symbols}, {before.sections, after.sections},
			{before.types, after.types}, {before.members, after.members},
		} {
			for j, name := range lists[0] {
				if want, ok := to[name]; ok {
					name = want
				}
				if lists[1][j] != name {
					t.Errorf("%s: list %d: %q, want %q", o.name, i, lists[1][j], name)
				}
			}
		}
		f, err := elf.NewFile(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		symbols, err := f.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range symbols {
			if s.Name != "" && !strings.HasSuffix(s.Name, "\n*/") {
				t.Errorf("%s: symbol %q", o.name, s.Name)
			}
		}
		same, err := rename(o.data, nil)
		if err != nil || !bytes.Equal(same, o.data) {
			t.Errorf("%s changes without a new name: %v", o.name, err)
		}
	}
}

func TestAHostileRunCanBeRepeated(t *testing.T) {
	h, err := newNameFuzzer(seedObjects(t))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	renamed := 0
	for i := range 300 {
		a, b := h.newCase(7, i), h.newCase(7, i)
		if a.name != b.name || a.description != b.description || !bytes.Equal(a.data, b.data) {
			t.Fatalf("run %d: the repetition differs", i)
		}
		if strings.Contains(a.name, "/") || strings.HasPrefix(a.name, "-") || len(a.name) > 255 {
			t.Errorf("run %d: the file %q", i, a.name)
		}
		kinds[a.description] = true
		if !slices.ContainsFunc(h.seeds, func(o object) bool { return bytes.Equal(o.data, a.data) }) {
			renamed++
		}
	}
	if len(kinds) < 290 || renamed < 280 {
		t.Errorf("%d different runs of 300, %d with other names", len(kinds), renamed)
	}
}

func TestMacrosOfTheHeaderAreHostileNames(t *testing.T) {
	list := macros()
	for _, want := range []string{"EOF", "NULL", "errno", "LIBBPF_MAJOR_VERSION", "unix"} {
		if !slices.Contains(list, want) {
			t.Errorf("%s is not among the %d macros", want, len(list))
		}
	}
}

func TestInjectedCodeIsFound(t *testing.T) {
	const head = "package x\n\nimport \"unsafe\"\n\nvar _ unsafe.Pointer\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"plain Go", "x.go", head, ""},
		{"the word in a comment and a string", "x.go", head + "// fuzz_injected()\nvar s = \"; var fuzz_injected int\"\n", ""},
		{"the word in a longer one", "x.go", head + "type VarFuzz_injected_ int\n", ""},
		{"a declaration", "x.go", head + "var fuzz_injected int\n", "declares fuzz_injected"},
		{"an init function", "x.go", head + "func init() {}\n", "declares init"},
		{"an import", "x.go", "package x\n\nimport _ \"os\"\n", "imports os"},
		{"invalid Go", "x.go", head + "}\n", "is not valid Go"},
		{"a linker flag", "x.go", "package x\n\n/*\n#cgo LDFLAGS: -L/fuzz_injected\n*/\nimport \"C\"\n", "#cgo"},
		{"an include", "x.go", "package x\n\n/*\n#include \"fuzz_injected.h\"\n*/\nimport \"C\"\n", "#include"},
		{"an include whose name has the word", "x.go", "package x\n\n/*\n#include \"var_fuzz_injected_.skel.h\"\n*/\nimport \"C\"\n", ""},
		{"an export", "x.go", head + "//export fuzz_injected\nfunc f() {}\n", "//export"},
		{"a linkname", "x.go", head + "//go:linkname f runtime.f\nfunc f() {}\n", "//go:linkname"},
		{"plain C", "x.h", "/* ; int fuzz_injected; */\nchar *s = \"\\\"; int fuzz_injected;\"; // fuzz_injected\nint _fuzz_injected;\n", ""},
		{"a C declaration", "x.h", "struct a { int x; int fuzz_injected; };\n", "declares fuzz_injected"},
		{"a C macro", "x.h", "int a\n#define int fuzz_injected\n;\n", "declares fuzz_injected"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := injectedCode(dir)
		if err != nil || c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q (%v)", c.name, got, c.want, err)
		}
	}
}

// The go command's messages are attributed to the right package.
func TestPackagesThatDoNotCompileAreNamed(t *testing.T) {
	s, err := newSample(filepath.Join(t.TempDir(), "m"), "../..", 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{
		"package p\n\nvar X int\n",
		"package p\n\nvar X int = \"\"\n",
		"package p\n\nimport _ \"no/such\"\n",
		"package p\n\nimport \"fmt\"\n\nfunc f() { fmt.Printf(\"%d\\n\", \"\") }\n", // vet
		"package p\n\n/*\nint f(void) { return }\n*/\nimport \"C\"\n\nvar _ = C.f\n",
		"package p // one too many\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := s.add(i+10, fuzzCase{name: text}, dir); err != nil {
			t.Fatal(err)
		}
	}
	faults, err := s.compile()
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"", "cannot use", "no/such", "Printf", "error: expected expression"} {
		if (faults[n] == "") != (want == "") || !strings.Contains(faults[n], want) {
			t.Errorf("package %d: %q, want %q", n, faults[n], want)
		}
	}
	if len(s.cases) != 5 || s.runs[4] != 14 {
		t.Errorf("%d packages, runs %v", len(s.cases), s.runs)
	}
}
