package ctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/cheader"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// testdata is skelgen/testdata.
var testdata = func() string {
	path, err := filepath.Abs("../../../testdata")
	if err != nil {
		panic(err)
	}
	return path
}()

// fixture is one folder of testdata.
type fixture struct {
	name   string
	dir    string
	object string
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(testdata, "*", "*.bpf.c"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no fixtures in %s: %v", testdata, err)
	}
	var list []fixture
	for _, s := range sources {
		dir := filepath.Dir(s)
		name := filepath.Base(dir)
		list = append(list, fixture{name, dir, filepath.Join(dir, name+".bpf.o")})
	}
	return list
}

func fixtureNamed(t testing.TB, name string) fixture {
	t.Helper()
	for _, f := range fixtures(t) {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no fixture %s", name)
	return fixture{}
}

// types is the header with the types of the fixture's variables, "" if it needs
// none.
func (f fixture) types() string {
	path := filepath.Join(f.dir, f.name+".h")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// form is one of the two headers of an object.
type form struct {
	name   string // bpftool's name for it
	golden string
	opts   load.Options
	render func(*model.Object) ([]byte, error)
}

var forms = []form{
	{"skeleton", "want.skel.h", load.Options{}, cheader.Skeleton},
	{"subskeleton", "want_subskel.h", load.Options{Subskeleton: true}, cheader.Subskeleton},
}

// forms are the forms that the fixture has: without BTF there is no subskeleton.
func (f fixture) forms() []form {
	if f.name == "nobtf" {
		return forms[:1]
	}
	return forms
}

// header renders an object as the command does.
func (k form) header(t testing.TB, object string) []byte {
	t.Helper()
	text, err := k.tryHeader(object, "")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// tryHeader is header with another skeleton name, "" for the usual one.
func (k form) tryHeader(object, name string) ([]byte, error) {
	opts := k.opts
	opts.Name = name
	obj, err := load.File(object, opts)
	if err != nil {
		return nil, err
	}
	if _, err := ident.CheckC(obj); err != nil {
		return nil, err
	}
	return k.render(obj)
}

func libbpfCFlags(t testing.TB) []string {
	t.Helper()
	return pkgConfig(t, "--cflags", "libbpf")
}

func pkgConfig(t testing.TB, args ...string) []string {
	t.Helper()
	out, err := exec.Command("pkg-config", args...).Output()
	if err != nil {
		t.Fatalf("pkg-config %s: %v", strings.Join(args, " "), err)
	}
	return strings.Fields(string(out))
}
