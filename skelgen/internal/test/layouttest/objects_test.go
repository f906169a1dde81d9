//go:build cgo

package layouttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// targets are one system of each kind that generated types are built for: 64 and
// 32 bits, other byte orders, other operating systems.
var targets = []string{
	"linux/amd64", "linux/386", "linux/arm64", "linux/arm", "linux/s390x", "darwin/arm64", "windows/amd64",
}

// TestObjectsBuildEverywhere builds the types of all fixtures, and of the real
// objects if there are any, for every target.
func TestObjectsBuildEverywhere(t *testing.T) {
	need(t, "go")
	o := &object{dir: t.TempDir()}
	o.modFile(t)
	count := 0
	for _, pattern := range []string{"skelgen/testdata/*/*.bpf.o", "build/real/*.bpf.o"} {
		paths, err := filepath.Glob(filepath.Join(root(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if writeTypes(t, o.dir, path) {
				count++
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d objects", count)
	}
	t.Logf("%d objects", count)
	for i, target := range targets {
		goos, arch, _ := strings.Cut(target, "/")
		command := "build"
		if i == 0 {
			command = "vet"
		}
		if _, err := run(o.dir, append(pureGo(arch), "GOOS="+goos), nil, "go", command, "./..."); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// writeTypes generates the types of an object, and checks that every variable is there.
func writeTypes(t *testing.T, dir, path string) bool {
	t.Helper()
	obj, err := load.File(path, load.Options{})
	if err != nil {
		return false // other tests have the objects that libbpf refuses
	}
	pkg, err := gotype.New(obj, gotype.Options{})
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return false
	}
	allThere(t, path, obj, pkg)
	name := ident.Package(path)
	src, err := gopkg.Types(name, obj, pkg)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return false
	}
	dir = filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, name+"_types.go", src)
	return true
}

// allThere checks that each variable can be reached by a field or a method, and by a
// getter if its section is frozen. Static variables, and those that only bring a type
// into the object, are left out.
func allThere(t *testing.T, path string, obj *model.Object, pkg *gotype.Package) {
	t.Helper()
	for i := range pkg.Sections {
		s := &pkg.Sections[i]
		names := reachable(pkg, s)
		for _, v := range obj.Types.At(obj.Maps[s.Map].ValueType).Vars {
			x := obj.Types.At(v.Type)
			if want := 1 + len(s.View); x.Linkage != model.LinkageStatic && !obj.Types.OnlyType(v.Type) && names[x.Name] != min(want, 2) {
				t.Errorf("%s: %s of %s can be reached %d ways", path, x.Name, s.Name, names[x.Name])
			}
		}
	}
}

// reachable counts the ways to a section's variables, by their C names.
func reachable(pkg *gotype.Package, s *gotype.Section) map[string]int {
	out := map[string]int{}
	for _, d := range pkg.Decls {
		switch d := d.(type) {
		case *gotype.Struct:
			if d.Section != s {
				continue
			}
			for _, f := range d.Fields {
				out[f.Member]++
			}
			for _, m := range d.Methods {
				out[m.Member]++
			}
		case *gotype.View:
			if d.Section != s {
				continue
			}
			for _, g := range d.Getters {
				out[g.Member]++
			}
		}
	}
	return out
}
