package gotype_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// btf builds an object by hand: one method per BTF kind.
type btf struct {
	obj model.Object
}

func newBTF() *btf {
	return &btf{model.Object{Name: "test_bpf", File: "test.bpf.o", HasBTF: true, Types: model.Types{{}}}}
}

func (b *btf) add(t model.Type) model.TypeID {
	b.obj.Types = append(b.obj.Types, t)
	return model.TypeID(len(b.obj.Types) - 1)
}

func (b *btf) int(name string, size int, signed bool) model.TypeID {
	return b.add(model.Type{Kind: model.KindInt, Name: name, Size: size, Bits: size * 8, Signed: signed})
}

func (b *btf) u32() model.TypeID  { return b.int("unsigned int", 4, false) }
func (b *btf) i32() model.TypeID  { return b.int("int", 4, true) }
func (b *btf) u64() model.TypeID  { return b.int("unsigned long", 8, false) }
func (b *btf) char() model.TypeID { return b.int("char", 1, true) }
func (b *btf) bool() model.TypeID {
	return b.add(model.Type{Kind: model.KindInt, Name: "_Bool", Size: 1, Bits: 8, Bool: true})
}

// of makes a pointer, qualifier, typedef, tag or variable.
func (b *btf) of(kind model.Kind, elem model.TypeID, name string) model.TypeID {
	return b.add(model.Type{Kind: kind, Elem: elem, Name: name})
}

func (b *btf) array(elem model.TypeID, n int) model.TypeID {
	return b.add(model.Type{Kind: model.KindArray, Elem: elem, Len: n})
}

func (b *btf) structure(name string, size int, m ...model.Member) model.TypeID {
	return b.add(model.Type{Kind: model.KindStruct, Name: name, Size: size, Members: m})
}

func (b *btf) union(name string, size int, m ...model.Member) model.TypeID {
	return b.add(model.Type{Kind: model.KindUnion, Name: name, Size: size, Members: m})
}

func (b *btf) enum(name string, size int, signed bool, v ...model.EnumValue) model.TypeID {
	return b.add(model.Type{Kind: model.KindEnum, Name: name, Size: size, Signed: signed, Values: v})
}

// at is a member at a byte, bits a bitfield at a bit.
func at(name string, offset int, id model.TypeID) model.Member {
	return model.Member{Name: name, BitOffset: offset * 8, Type: id}
}

func bits(name string, offset, width int, id model.TypeID) model.Member {
	return model.Member{Name: name, BitOffset: offset, BitSize: width, Type: id}
}

// v is a variable of a section.
type v struct {
	name   string
	typ    model.TypeID
	offset int
	size   int // 0 for its type's
	static bool
}

// section adds a data section and its map.
func (b *btf) section(name string, flags uapi.MapFlags, size int, vars ...v) {
	sec := model.Type{Kind: model.KindDatasec, Name: name, Size: size}
	for _, x := range vars {
		linkage := model.LinkageGlobal
		if x.static {
			linkage = model.LinkageStatic
		}
		id := b.add(model.Type{Kind: model.KindVar, Name: x.name, Elem: x.typ, Linkage: linkage})
		if x.size == 0 {
			x.size, _ = b.obj.Types.SizeOf(x.typ)
		}
		sec.Vars = append(sec.Vars, model.SecVar{Type: id, Offset: x.offset, Size: x.size})
	}
	b.obj.Maps = append(b.obj.Maps, model.Map{
		Name: "test_bpf" + name, Type: uapi.MapTypeArray, Flags: uapi.MapFlagMmapable | flags,
		KeySize: 4, ValueSize: uint32(size), ValueType: b.add(sec), MaxEntries: 1,
		Internal: true, HasData: true, DataSize: size,
	})
}

// render makes the Go file, and type-checks it and its asserts for 64-bit and 32-bit
// systems.
func (b *btf) render(t *testing.T, opts gotype.Options) (string, *gotype.Package) {
	t.Helper()
	p, err := gotype.New(&b.obj, opts)
	if err != nil {
		t.Fatal(err)
	}
	src, err := gopkg.Types("test", &b.obj, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"amd64", "386"} {
		if err := typeCheck(string(src), arch); err != nil {
			t.Fatalf("%s: %v\n%s", arch, err, src)
		}
	}
	return string(src), p
}

// typeCheck compiles a file as far as the type checker does.
func typeCheck(src, arch string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x_types.go", src, parser.ParseComments)
	if err != nil {
		return err
	}
	conf := types.Config{Sizes: types.SizesFor("gc", arch), Importer: imports(arch)}
	_, err = conf.Check("test", fset, []*ast.File{file}, nil)
	return err
}

// imports finds package layout in this checkout, for an architecture.
type imports string

func (arch imports) Import(path string) (*types.Package, error) {
	if !strings.HasSuffix(path, "/pkg/layout") {
		return std.Import(path)
	}
	if p := layouts[arch]; p != nil {
		return p, nil
	}
	p, err := layoutPackage(string(arch))
	layouts[arch] = p
	return p, err
}

var (
	std     = importer.ForCompiler(token.NewFileSet(), "source", nil)
	layouts = map[imports]*types.Package{}
)

func layoutPackage(arch string) (*types.Package, error) {
	fset := token.NewFileSet()
	names, err := filepath.Glob("../../../pkg/layout/*.go")
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_be.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(fset, name, text, 0)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	conf := types.Config{Importer: std, Sizes: types.SizesFor("gc", arch)}
	return conf.Check("github.com/bpfskel/bpfskel/pkg/layout", fset, files, nil)
}
