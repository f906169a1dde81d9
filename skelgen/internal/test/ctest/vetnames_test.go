package ctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// vetMethods are the methods for which go vet requires the standard library's
// signature, as listed in its source, and those that fmt calls.
func vetMethods(t *testing.T) []string {
	t.Helper()
	const pass = "src/cmd/vendor/golang.org/x/tools/go/analysis/passes/stdmethods/stdmethods.go"
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), pass))
	if err != nil {
		t.Skip("this Go has no source of go vet: ", err)
	}
	names := []string{"Error", "String", "GoString", "Lock", "Unlock"}
	for _, m := range regexp.MustCompile(`(?m)^\t"(\w+)":\s*\{`).FindAllStringSubmatch(string(source), -1) {
		names = append(names, m[1])
	}
	if len(names) < 20 {
		t.Fatalf("only %q were found in %s", names, pass)
	}
	return names
}

// TestAccessorsVetClean has an accessor for each of these names: for a member of a union,
// for one that is not aligned, for a bitfield, and in views.
func TestAccessorsVetClean(t *testing.T) {
	obj := &model.Object{Name: "vet", File: "vet.bpf.o", HasBTF: true, Bytes: []byte("\x7fELF"), Types: model.Types{
		{}, {Kind: model.KindInt, Name: "int", Size: 4, Align: 4, Bits: 32, Signed: true},
		{Kind: model.KindInt, Name: "char", Size: 1, Align: 1, Bits: 8, Signed: true}, {Kind: model.KindArray, Elem: 2, Len: 4},
	}}
	union := model.Type{Kind: model.KindUnion, Name: "u", Size: 4}
	packed := model.Type{Kind: model.KindStruct, Name: "packed"}
	bits := model.Type{Kind: model.KindStruct, Name: "bits"}
	rodata := model.Type{Kind: model.KindDatasec, Name: ".rodata"}
	add := func(typ model.Type) model.TypeID {
		obj.Types = append(obj.Types, typ)
		return model.TypeID(len(obj.Types) - 1)
	}
	variable := func(name string, typ model.TypeID) {
		size, _ := obj.Types.SizeOf(typ)
		id := add(model.Type{Kind: model.KindVar, Name: name, Elem: typ, Linkage: model.LinkageGlobal})
		rodata.Vars = append(rodata.Vars, model.SecVar{Type: id, Offset: rodata.Size, Size: size, Align: 4, Decl: "int " + name})
		rodata.Size += (size + 3) &^ 3
	}
	for i, name := range vetMethods(t) {
		c := strings.ToLower(name[:1]) + name[1:]
		typ := model.TypeID(1)
		if i%2 == 0 {
			typ = 3 // text
		}
		union.Members = append(union.Members, model.Member{Name: c, Type: typ})
		packed.Members = append(packed.Members, model.Member{Name: c, Type: typ, BitOffset: 8 * (1 + 4*i)})
		bits.Members = append(bits.Members, model.Member{Name: c, Type: 1, BitOffset: i, BitSize: 1})
		variable(c, typ)
	}
	packed.Size = 1 + 4*len(packed.Members)
	bits.Size = len(bits.Members)/32*4 + 4
	variable("a_union", add(union))
	variable("a_packed_struct", add(packed))
	variable("a_struct_of_bits", add(bits))
	obj.Maps = []model.Map{{Name: "vet.rodata", Type: uapi.MapTypeArray, Internal: true, KeySize: 4, ValueSize: uint32(rodata.Size), ValueType: add(rodata),
		Flags: uapi.MapFlagMmapable | uapi.MapFlagReadOnlyProg, HasData: true, DataSize: rodata.Size, MaxEntries: 1}}
	dir := t.TempDir()
	files := packageOf(t, obj)
	for _, want := range []string{"func (s *U) Error_error() *", "func (s *Packed) Scan_scan() ", "func (v RodataView) String_string() "} {
		if !strings.Contains(files["vet_types.go"], want) {
			t.Errorf("%q is not in the types: the test misses its target", want)
		}
	}
	usermod.Write(t, dir, "vet", files)
	if out, err := usermod.Go(dir, []string{"CGO_ENABLED=0"}, "vet", "."); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
