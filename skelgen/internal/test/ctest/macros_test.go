package ctest

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// headerIncludes are the includes of a generated header.
const headerIncludes = "#include <errno.h>\n#include <stdlib.h>\n#include <bpf/libbpf.h>\n"

// included returns the output of cgo's C compiler for the includes of a generated
// header.
func included(t *testing.T, flags ...string) string {
	t.Helper()
	cmd := exec.Command("cc", slices.Concat([]string{"-E", "-x", "c", "-"}, flags, libbpfCFlags(t))...)
	cmd.Stdin = strings.NewReader(headerIncludes)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// macros are the names of all macros that are defined before a generated header's
// own text: by the headers that it includes and by the compiler.
func macros(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^#define (\w+)`).FindAllStringSubmatch(included(t, "-dM"), -1) {
		names = append(names, m[1])
	}
	for _, known := range []string{"errno", "linux", "unix", "NULL", "EOF", "LIBBPF_MAJOR_VERSION"} {
		if !slices.Contains(names, known) {
			t.Errorf("%q is not among the %d macros: the test does not see them", known, len(names))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestNamesThatAreMacros names everything in an object after each macro, and builds the
// package.
func TestNamesThatAreMacros(t *testing.T) {
	names := macros(t)
	obj := objectOfNames(names)
	dir := t.TempDir()
	usermod.Write(t, dir, "macros", packageOf(t, obj))
	if out, err := usermod.Go(dir, []string{"CGO_ENABLED=1"}, "build", "."); err != nil {
		t.Errorf("with %d names: %v\n%.4000s", len(names), err, out)
	}
}

// TestSkeletonsNamedLikeLibbpfFunctions names the skeleton after each identifier that
// the included headers use.
func TestSkeletonsNamedLikeLibbpfFunctions(t *testing.T) {
	names := append(macros(t), regexp.MustCompile(`\b[A-Za-z_]\w*`).FindAllString(included(t, "-P"), -1)...)
	slices.Sort(names)
	names = slices.Compact(names)
	if !slices.Contains(names, "bpf_object__open_skeleton") {
		t.Fatalf("libbpf's functions are not among the %d names", len(names))
	}
	var unit strings.Builder
	unit.WriteString("#define SKEL_ELF_BYTES_ONLY\n")
	accepted := 0
	for i, name := range names {
		if ident.CheckObjectC(name) != nil {
			continue
		}
		accepted++
		text, err := cheader.Skeleton(&model.Object{Name: name, HasBTF: true, Bytes: []byte("\x7fELF")})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&unit, "%s\nconst void *of_%d(size_t *size) { return %s__elf_bytes(size); }\n#undef %s\n",
			text, i, name, ident.GuardC(name, "SKEL_H"))
	}
	if accepted < 1000 {
		t.Errorf("only %d of %d names are accepted", accepted, len(names))
	}
	for _, std := range []string{"gnu17", "c11"} {
		d := dialect{std, []string{"cc", "-x", "c", "-std=" + std}}
		d.mustTake(t, libbpfCFlags(t), unit.String())
	}
}

// objectOfNames returns an object with a map, a program, a variable, a type, a member
// and an enumerator for each of the names.
func objectOfNames(names []string) *model.Object {
	obj := &model.Object{Name: "names", File: "names.bpf.o", HasBTF: true, Bytes: []byte("\x7fELF"), Types: model.Types{
		{}, {Kind: model.KindInt, Name: "int", Size: 4, Align: 4, Bits: 32, Signed: true},
	}}
	add := func(typ model.Type) model.TypeID {
		obj.Types = append(obj.Types, typ)
		return model.TypeID(len(obj.Types) - 1)
	}
	all := model.Type{Kind: model.KindStruct, Name: "all", Size: 4 * len(names)}
	values := model.Type{Kind: model.KindEnum, Name: "values", Size: 4}
	bss := model.Type{Kind: model.KindDatasec, Name: ".bss"}
	for i, name := range names {
		typ := add(model.Type{Kind: model.KindStruct, Name: name, Size: 4, Members: []model.Member{{Name: name, Type: 1}}})
		all.Members = append(all.Members, model.Member{Name: name, Type: typ, BitOffset: 32 * i})
		values.Values = append(values.Values, model.EnumValue{Name: name, Value: uint64(i)})
		variable := add(model.Type{Kind: model.KindVar, Name: name, Elem: 1, Linkage: model.LinkageGlobal})
		bss.Vars = append(bss.Vars, model.SecVar{Type: variable, Offset: 4 * i, Size: 4, Align: 4, Decl: "int " + name})
		obj.Maps = append(obj.Maps, model.Map{Name: name, Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 4, KeyType: 1, ValueType: 1, MaxEntries: 1})
		obj.Programs = append(obj.Programs, model.Program{Name: name, Section: "raw_tp/" + name})
	}
	obj.Maps = append(obj.Maps, model.Map{Name: "of_all", Type: uapi.MapTypeHash, KeySize: 4, KeyType: add(values),
		ValueSize: uint32(all.Size), ValueType: add(all), MaxEntries: 1})
	bss.Size = 4 * len(names)
	obj.Maps = append(obj.Maps, model.Map{Name: "names.bss", Type: uapi.MapTypeArray, Internal: true, KeySize: 4, ValueSize: uint32(bss.Size),
		ValueType: add(bss), Flags: uapi.MapFlagMmapable, HasData: true, DataSize: bss.Size, MaxEntries: 1})
	return obj
}

// packageOf renders an object as the command does.
func packageOf(t testing.TB, obj *model.Object) map[string]string {
	t.Helper()
	types, err := gotype.New(obj, gotype.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	put := func(name string, data []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files[name] = string(data)
	}
	header, err := cheader.Skeleton(obj)
	put(obj.Name+".skel.h", header, err)
	skel, err := gopkg.Skel(obj.Name, obj, types)
	put(obj.Name+"_skel.go", skel, err)
	decls, err := gopkg.Types(obj.Name, obj, types)
	put(obj.Name+"_types.go", decls, err)
	with, err := gopkg.Libbpf(obj.Name, obj, types, obj.Name+".skel.h", "", false)
	put(obj.Name+"_libbpf.go", with, err)
	without, err := gopkg.NoLibbpf(obj.Name, obj, types, "", false)
	put(obj.Name+"_nolibbpf.go", without, err)
	return files
}
