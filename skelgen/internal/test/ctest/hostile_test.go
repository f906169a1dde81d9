package ctest

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
)

var (
	hostileNames = flag.Int("names", 300, "how many hostile names to try")
	hostileBuild = flag.Int("names-build", 6, "how many of the packages with hostile names to build")
)

// hostile are names that end a line, a comment or a string of Go or C, change the
// direction of writing, are not valid text, or have a meaning to the reader's tools.
var hostile = []string{
	"a\n\tEvil int\n//", "a\nfunc init() {}\n//", "a*/ int evil; /*", "/*", "*/", "//", `a"; int evil; //`, "`", `a\`, "a\\\n", "\r", "\t",
	"\x01", "\x1b[31m", "\x7f", "\u0085", "\u2028x", "\u2029x", "\u202eevil", "\ufeff", "\xff\xfe", "\xc3", "a\xffb", "%s%n%d", "{{.}}", "{{", "}", "};",
	"); int evil(", "#endif", "#endif x", "%:endif", "??/", "'", `R"(`, "$(touch x)", "a;b", "../../x", "errno", "NULL", "init", "main", "func", "C",
	"unsafe", "skel", "string", "_", "__", "___", "1a", " ", "a b", "vec<int>", "a::b", "&str", "[u8; 4]", "a.b", "a-b", "日本", "é", "é", "٣", "x٣",
	"String", "error", "Is", "raw", "raw0", "p", "len", "byte", "typeof", "asm", "bool", "__typeof__", "_Static_assert", "Rodata", "OpenSkel", "s", "v", "i",
}

// places finds the names of the object, which begin with Z and have the same length.
var places = regexp.MustCompile(`Z[a-z]+_+`)

func hostileName(r *rand.Rand, longest int) string {
	name := hostile[r.Intn(len(hostile))]
	switch r.Intn(4) {
	case 0:
		name += hostile[r.Intn(len(hostile))]
	case 1:
		random := make([]byte, 1+r.Intn(longest-1))
		for i := range random {
			random[i] = byte(1 + r.Intn(255))
		}
		name = string(random)
	}
	return name[:min(len(name), longest)]
}

// TestHostileNames puts names into every place of an object that can have one. Such an
// object is refused with one printable line, or its package compiles and does not
// declare more than with any other name.
func TestHostileNames(t *testing.T) {
	object, err := os.ReadFile("../../load/testdata/everything.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range places.FindAllString(string(object), -1) {
		found[name] = true
	}
	var names []string
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) != 14 {
		t.Fatalf("%d places: %q", len(names), names)
	}
	dir := t.TempDir()
	var unit strings.Builder
	usual := map[string][4]int{} // by kind of file, what a package declares
	accepted, built := 0, 0
	for n := range *hostileNames {
		r := rand.New(rand.NewSource(int64(n)))
		place := names[n%len(names)]
		name := hostileName(r, len(place))
		changed := bytes.ReplaceAll(object, []byte(place), append([]byte(name), make([]byte, len(place)-len(name))...))
		obj, err := load.Bytes(changed, load.Options{Name: fmt.Sprintf("h%d", n), Members: true})
		if err == nil {
			obj.File = "hostile.bpf.o"
			_, err = ident.CheckC(obj)
		}
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s as %q: the error has more than one printable line: %q", name, place, err)
			}
			continue
		}
		accepted++
		files := packageOf(t, obj)
		for file, text := range files {
			if strings.HasSuffix(file, ".go") {
				kind := file[strings.LastIndex(file, "_"):]
				got := checkDeclarations(t, fmt.Sprintf("%q as %s, %s", name, place, file), text)
				if _, ok := usual[kind]; !ok {
					usual[kind] = got
				}
				if got != usual[kind] {
					t.Errorf("%q as %s: %s declares %v, want %v as with any other name", name, place, file, got, usual[kind])
				}
			}
		}
		header := files[obj.Name+".skel.h"]
		fmt.Fprintf(&unit, "%s\n#undef %s\n", header, ident.GuardC(obj.Name, "SKEL_H"))
		if accepted%20 == 1 && built < *hostileBuild {
			built++
			writePackage(t, filepath.Join(dir, obj.Name), files)
		}
	}
	if accepted < *hostileNames/10 || accepted > *hostileNames*9/10 {
		t.Errorf("%d of %d names were accepted: the test does not try both", accepted, *hostileNames)
	}
	for _, std := range []string{"gnu17", "c11"} {
		d := dialect{std, []string{"cc", "-x", "c", "-std=" + std}}
		d.mustTake(t, append(libbpfCFlags(t), "-DSKEL_ELF_BYTES_ONLY", "-Wno-unused-function"), unit.String())
	}
	if built > 0 {
		usermod.Write(t, dir, "hostile", nil)
		if out, err := usermod.Go(dir, []string{"CGO_ENABLED=1"}, "vet", "./..."); err != nil {
			t.Errorf("%v\n%.4000s", err, out)
		}
	}
	t.Logf("%d of %d names accepted, %d packages built", accepted, *hostileNames, built)
}

// checkDeclarations refuses declarations that a skeleton never has, and returns the
// numbers of functions, types, other names and fields that are declared.
func checkDeclarations(t *testing.T, what, text string) (count [4]int) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return count
	}
	allowed := []string{`"C"`, `"unsafe"`, `"strconv"`, `"errors"`, `"iter"`, `"structs"`, `"github.com/bpfskel/bpfskel/pkg/skel"`, `"github.com/bpfskel/bpfskel/pkg/layout"`,
		`"github.com/bpfskel/bpfskel/pkg/skelrt"`, `"github.com/bpfskel/bpfskel/cgo/libbpf"`}
	for _, i := range f.Imports {
		if !slices.Contains(allowed, i.Path.Value) {
			t.Errorf("%s: imports %s", what, i.Path.Value)
		}
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if ok && fn.Recv == nil && !slices.Contains([]string{"_", "Open", "OpenAndLoad", "newBackend"}, fn.Name.Name) {
			t.Errorf("%s: declares func %s", what, fn.Name.Name)
		}
	}
	for i, line := range strings.Split(text, "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) {
			t.Errorf("%s: line %d is not printable: %q", what, i+1, line)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			count[0]++
		case *ast.TypeSpec:
			count[1]++
		case *ast.ValueSpec:
			count[2] += len(n.Names)
		case *ast.StructType:
			count[3] += n.Fields.NumFields()
		}
		return true
	})
	return count
}

// writePackage puts a package's files into a new folder.
func writePackage(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
