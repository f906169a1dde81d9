package gopkg

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// skelObject has one of each thing that the skeleton's file depends on, and
// names that try to break out of it.
func skelObject() *model.Object {
	return &model.Object{
		Name: "t_bpf", File: "t.bpf.o", HasBTF: true,
		Types: model.Types{
			{},
			{Kind: model.KindInt, Name: "unsigned int", Size: 4, Align: 4, Bits: 32},
			{Kind: model.KindVar, Name: "limit", Elem: 1, Linkage: model.LinkageGlobal},
			{Kind: model.KindDatasec, Name: ".rodata", Size: 4, Vars: []model.SecVar{{Type: 2, Size: 4}}},
			{Kind: model.KindVar, Name: "hits", Elem: 1, Linkage: model.LinkageGlobal},
			{Kind: model.KindDatasec, Name: ".bss", Size: 4, Vars: []model.SecVar{{Type: 4, Size: 4}}},
			{Kind: model.KindStruct, Name: "ops", Size: 4, Align: 4, Members: []model.Member{{Name: "flags", Type: 1}}},
		},
		Maps: []model.Map{
			{Name: "counts", Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 8, KeyType: 1, MaxEntries: 9},
			{Name: "t_bpf.strange", Type: uapi.MapTypeArray, Internal: true, KeySize: 4, ValueSize: 4}, // not an identifier
			{Name: "t_bpf.rodata", Type: uapi.MapTypeArray, Internal: true, KeySize: 4, ValueSize: 4, ValueType: 3,
				Flags: uapi.MapFlagMmapable | uapi.MapFlagReadOnlyProg, HasData: true, DataSize: 4, MaxEntries: 1},
			{Name: "t_bpf.bss", Type: uapi.MapTypeArray, Internal: true, KeySize: 4, ValueSize: 4, ValueType: 5,
				Flags: uapi.MapFlagMmapable, HasData: true, DataSize: 4, MaxEntries: 1},
			{Name: "cc", Type: uapi.MapTypeStructOps, KeySize: 4, ValueSize: 4, ValueType: 6, HasData: true, DataSize: 4},
		},
		Programs: []model.Program{
			{Name: "handle", Section: "tp/a/b\n*/ import \"C\"", Type: uapi.ProgTypeTracepoint},
			{Name: "cc", Section: "struct_ops", Type: uapi.ProgTypeStructOps},
		},
	}
}

func renderSkel(t *testing.T, obj *model.Object, render func(string, *model.Object, *gotype.Package) ([]byte, error)) string {
	t.Helper()
	p, err := gotype.New(obj, gotype.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := render("t", obj, p)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func libbpfOf(tag string) func(string, *model.Object, *gotype.Package) ([]byte, error) {
	return func(pkg string, obj *model.Object, p *gotype.Package) ([]byte, error) {
		return Libbpf(pkg, obj, p, "t.skel.h", tag, false)
	}
}

func embedded(pkg string, obj *model.Object, p *gotype.Package) ([]byte, error) {
	return Embedded(pkg, obj, p, "t.bpf.o", "", false)
}

func noLibbpfOf(tag string) func(string, *model.Object, *gotype.Package) ([]byte, error) {
	return func(pkg string, obj *model.Object, p *gotype.Package) ([]byte, error) {
		return NoLibbpf(pkg, obj, p, tag, false)
	}
}

func TestSkeletonIndicesMatchTheHeader(t *testing.T) {
	src := renderSkel(t, skelObject(), Skel)
	for _, want := range []string{
		// the map without an identifier is left out
		"Maps: []skelrt.MapSpec{\n\t\t{Name: \"counts\"},\n\t\t{Name: \"t_bpf.rodata\", Memory: true},\n\t\t{Name: \"t_bpf.bss\", Memory: true},\n\t\t{Name: \"cc\", Link: true},\n\t}",
		`Programs: []string{"handle", "cc"},`,
		"{Map: 1, Bytes: 4, Size: unsafe.Sizeof(Rodata{}), Frozen: true},",
		"{Map: 2, Bytes: 4, Size: unsafe.Sizeof(Bss{})},",
		"{Map: 3, Bytes: 4, Size: unsafe.Sizeof(Ops{})},",
		"skelrt.Fill(o, &spec, &s.Maps, &s.Progs)",
		"skelrt.BindOpen(o, 1, &s.Rodata)",
		"skelrt.BindOpen(o, 3, &s.StructOps.Cc)",
		"skelrt.Fill(o, &spec, &l.Maps, &l.Progs, &l.Links)",
		"type Maps struct {\n\tCounts *skel.Map[uint32, [8]byte] // hash counts, max_entries 9\n\tRodata *skel.RawMap               // section t_bpf.rodata\n\tBss    *skel.RawMap               // section t_bpf.bss\n\tCc     *skel.StructOps            // struct_ops cc, max_entries 0\n}",
		"type Links struct {\n\tHandle  *skel.Link\n\tCc_cc   *skel.Link\n\tCc_cc_2 *skel.Link\n}",
		"skelrt.Bind(o, 1, &l.Rodata.p)",
		"skelrt.Bind(o, 2, &l.Bss)",
		`// SEC("tp/a/b\n*/ import \"C\"") handle`,
	} {
		if !strings.Contains(src, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if strings.Contains(src, "strange") {
		t.Error("a map that is not in the header has a field")
	}
}

// A package declares the same API with and without libbpf: the two files that differ
// declare the same names, and the other files do not need cgo.
func TestBackEndsHaveTheSameAPI(t *testing.T) {
	for _, tag := range []string{"", "arm64"} {
		with := renderSkel(t, skelObject(), libbpfOf(tag))
		without := renderSkel(t, skelObject(), noLibbpfOf(tag))
		if a, b := api(t, with), api(t, without); a != b || !strings.Contains(a, "newBackend") {
			t.Errorf("with libbpf:\n%s\nwithout:\n%s", a, b)
		}
		if a, b := api(t, renderSkel(t, skelObject(), embedded)), api(t, without); a != b {
			t.Errorf("with an embedded object:\n%s\nwithout libbpf:\n%s", a, b)
		}
		for _, want := range []string{`#include "t.skel.h"`, "__elf_bytes(size);", `import "C"`} {
			if !strings.Contains(with, want) {
				t.Errorf("the back end lacks %q", want)
			}
		}
		for name, src := range map[string]string{"skeleton": renderSkel(t, skelObject(), Skel), "other back end": without} {
			f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				if i.Path.Value == `"C"` || strings.Contains(i.Path.Value, "cgo/") {
					t.Errorf("the %s imports %s", name, i.Path.Value)
				}
			}
		}
	}
}

// api lists the declarations of a file.
func api(t *testing.T, src string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	var out []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			out = append(out, src[d.Pos()-1:d.Body.Pos()-1])
		case *ast.GenDecl:
			if d.Tok == token.TYPE {
				out = append(out, src[d.Pos()-1:d.End()-1])
			}
		}
	}
	return strings.Join(out, "\n")
}

func TestBuildConstraints(t *testing.T) {
	for want, render := range map[string]func(string, *model.Object, *gotype.Package) ([]byte, error){
		"//go:build linux && cgo\n":              libbpfOf(""),
		"//go:build linux && cgo && arm64\n":     libbpfOf("arm64"),
		"//go:build !(linux && cgo)\n":           noLibbpfOf(""),
		"//go:build !(linux && cgo) && amd64\n":  noLibbpfOf("amd64"),
		"// Code generated by skelgen; DO NOT E": noLibbpfOf(""),
	} {
		if src := renderSkel(t, skelObject(), render); !strings.Contains(src, want) {
			t.Errorf("it lacks %q:\n%.200s", want, src)
		}
	}
}

func TestAnEmptyObject(t *testing.T) {
	obj := &model.Object{Name: "n_bpf", File: "n.bpf.o"}
	for name, render := range map[string]func(string, *model.Object, *gotype.Package) ([]byte, error){
		"skeleton": Skel, "back end": libbpfOf(""), "embedded object": embedded, "other back end": noLibbpfOf(""),
	} {
		src := renderSkel(t, obj, render)
		if strings.Contains(src, "StructOps") || strings.Contains(src, "Sections:") {
			t.Errorf("the %s contains unneeded code:\n%s", name, src)
		}
		api(t, src)
	}
}

func TestTypesOfMaps(t *testing.T) {
	obj := skelObject()
	for _, c := range []struct {
		m    model.Map
		want string
	}{
		{model.Map{Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 4, KeyType: 1, ValueType: 1}, "Map[uint32, uint32]"},
		{model.Map{Type: uapi.MapTypeHash, KeySize: 6, ValueSize: 3, KeyType: 1}, "Map[[6]byte, [3]byte]"},
		{model.Map{Type: uapi.MapTypeHash, KeySize: 4}, "RawMap"},
		{model.Map{Type: uapi.MapTypeRHash, KeySize: 4, ValueSize: 4, KeyType: 1, ValueType: 1}, "Map[uint32, uint32]"},
		{model.Map{Type: uapi.MapTypeInsnArray, KeySize: 4, ValueSize: 16, KeyType: 1}, "Map[uint32, [16]byte]"},
		{model.Map{Type: uapi.MapTypeLPMTrie, KeySize: 8, ValueSize: 4, ValueType: 6}, "Map[[8]byte, Ops]"},
		{model.Map{Type: uapi.MapTypeLRUPerCPUHash, KeySize: 4, ValueSize: 4}, "PerCPUMap[[4]byte, [4]byte]"},
		{model.Map{Type: uapi.MapTypeStack, ValueSize: 4, ValueType: 1}, "Queue[uint32]"},
		{model.Map{Type: uapi.MapTypeHashOfMaps, KeySize: 4, ValueSize: 4, KeyType: 1}, "MapOfMaps[uint32]"},
		{model.Map{Type: uapi.MapTypeProgArray, KeySize: 4, ValueSize: 4}, "ProgArray"},
		{model.Map{Type: uapi.MapTypeRingBuf, MaxEntries: 4096}, "RingBuf"},
		{model.Map{Type: uapi.MapTypeStructOps, KeySize: 4, ValueSize: 64}, "StructOps"},
		{model.Map{Type: uapi.MapTypeCgroupArray, KeySize: 4, ValueSize: 4, KeyType: 1}, "Map[uint32, [4]byte]"},
		{model.Map{Type: uapi.MapTypeArena}, "RawMap"},
		{model.Map{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, KeyType: 1, ValueType: 1, Internal: true}, "RawMap"},
		{model.Map{Type: 99, KeySize: 4, ValueSize: 4}, "RawMap"},
	} {
		obj.Maps = []model.Map{c.m}
		p, err := gotype.New(obj, gotype.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := mapType(&c.m, &p.Maps[0]); got != c.want {
			t.Errorf("type %d with keys of %d and values of %d bytes is %s, want %s", c.m.Type, c.m.KeySize, c.m.ValueSize, got, c.want)
		}
	}
}
