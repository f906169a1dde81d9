package tests

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// addressOf finds the places where the memory of a slice becomes an address: by a function, or as the address of an
// element, which panics if there is none, and is useless if the element has no bytes.
func addressOf(file *ast.File) (found []ast.Node) {
	risky := false
	for _, i := range file.Imports {
		risky = risky || i.Path.Value == `"unsafe"` || i.Path.Value == `"C"`
	}
	if !risky {
		return nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if name := n.Sel.Name; ok && (pkg.Name == "unsafe" && (name == "SliceData" || name == "StringData") ||
				pkg.Name == "reflect" && (name == "SliceHeader" || name == "StringHeader")) {
				found = append(found, n)
			}
		case *ast.UnaryExpr: // &s[0]
			if index := element(n); index != nil {
				if _, constant := index.(*ast.BasicLit); constant {
					found = append(found, n)
				}
			}
		case *ast.CallExpr: // unsafe.Pointer(&s[i]), C.f(&s[i])
			fun, _ := n.Fun.(*ast.SelectorExpr)
			if fun == nil {
				break
			}
			if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "unsafe" && pkg.Name != "C" {
				break
			}
			for _, arg := range n.Args {
				if index := element(arg); index != nil {
					if _, constant := index.(*ast.BasicLit); !constant {
						found = append(found, arg)
					}
				}
			}
		}
		return true
	})
	return found
}

// element is the index of an expression that is the address of an element, else nil.
func element(e ast.Expr) ast.Expr {
	if address, ok := e.(*ast.UnaryExpr); ok && address.Op == token.AND {
		if index, ok := address.X.(*ast.IndexExpr); ok {
			return index.Index
		}
	}
	return nil
}

var crossing = regexp.MustCompile(`^(pkg|cgo)/`)

// Slices become addresses for C and for the kernel only in pkg/mem, which turns an empty slice into NULL.
func TestSlicesBecomeAddressesInOnePlace(t *testing.T) {
	const root, place = "../..", "pkg/mem"
	atHome := 0
	for _, f := range goFiles(t, root) {
		if f.test || !crossing.MatchString(f.path) {
			continue
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, filepath.Join(root, f.path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		found := addressOf(parsed)
		if f.dir == place {
			atHome += len(found)
			continue
		}
		for _, n := range found {
			t.Errorf("%s takes the address of a slice's memory: use %s", files.Position(n.Pos()), place)
		}
	}
	if atHome == 0 {
		t.Errorf("nothing was found in %s, so the test checks nothing", place)
	}
}

func TestAddressesOfSlicesAreFound(t *testing.T) {
	for _, c := range []struct {
		code  string
		found int
	}{
		{`import "unsafe"; func f(b []byte) *byte { return unsafe.SliceData(b) }`, 1},
		{`import "unsafe"; func f(s string) *byte { return unsafe.StringData(s) }`, 1},
		{`import "unsafe"; func f(b []byte) unsafe.Pointer { return unsafe.Pointer(&b[0]) }`, 1},
		{`import "C"; func f(b []C.char) *C.char { return &b[0] }`, 1},
		{`import "C"; func f(b []C.char, i int) { C.f(&b[i]) }`, 1},
		{`import "unsafe"; func f(b []byte, i int) unsafe.Pointer { return unsafe.Pointer(&b[i]) }`, 1},
		{`import "unsafe"; func f(b []struct{}, i int) *struct{} { return &b[i] }`, 0},
		{`import ("unsafe"; "reflect"); var h reflect.SliceHeader`, 1},
		{`func f(b []byte) *byte { return &b[0] }`, 0},
		{`import "unsafe"; func f(b [4]byte) unsafe.Pointer { return unsafe.Pointer(&b) }`, 0},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+strings.ReplaceAll(c.code, "; func", "\nfunc"), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(addressOf(file)); n != c.found {
			t.Errorf("%s: %d were found, want %d", c.code, n, c.found)
		}
	}
}
