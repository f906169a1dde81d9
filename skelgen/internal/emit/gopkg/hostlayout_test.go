package gopkg

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// Every struct with C's layout says so to the Go compiler, which may lay out other
// structs as it likes. A view only points at such a struct, and a type with Pack is
// converted into one.
func TestStructsHaveTheHostsLayout(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/*/want_types.go")
	if err != nil {
		t.Fatal(err)
	}
	structs := 0
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		literals := withPack(f)
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			typ, ok := s.Type.(*ast.StructType)
			if !ok || typ.Fields.NumFields() == 0 || strings.HasSuffix(s.Name.Name, "View") && typ.Fields.List[0].Names[0].Name == "p" || literals[s.Name.Name] {
				return true
			}
			structs++
			if got := types.ExprString(typ.Fields.List[0].Type); got != "structs.HostLayout" {
				t.Errorf("%s: the first field of %s is %s", path, s.Name, got)
			}
			return true
		})
	}
	if structs < 70 {
		t.Errorf("%d structs in %d files", structs, len(files))
	}
}

// withPack are the types that have a method Pack.
func withPack(f *ast.File) map[string]bool {
	out := map[string]bool{}
	for _, d := range f.Decls {
		if m, ok := d.(*ast.FuncDecl); ok && m.Recv != nil && m.Name.Name == "Pack" {
			out[types.ExprString(m.Recv.List[0].Type)] = true
		}
	}
	return out
}
