package ctest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
)

// libbpf accepts these objects, and bpftool writes headers of them that no
// compiler accepts.
func TestObjectsWhoseNamesCannotBeInAHeader(t *testing.T) {
	for object, wants := range map[string][]string{
		"collision": {`"my.count"`, `"my_count"`},
		"keyword":   {`"register"`, "C keyword"},
	} {
		obj, err := load.File(filepath.Join("../../load/testdata", object+".bpf.o"), load.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = ident.CheckC(obj)
		if err == nil {
			t.Errorf("%s: no error", object)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in the error %q", object, want, err)
			}
		}
	}
}

func TestFixturesWarnOnlyAboutCPlusPlus(t *testing.T) {
	for _, f := range fixtures(t) {
		obj, err := load.File(f.object, load.Options{})
		if err != nil {
			t.Fatal(err)
		}
		warnings, err := ident.CheckC(obj)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if all := append(obj.Warnings, warnings...); (len(all) > 0) != cOnly[f.name] {
			t.Errorf("%s: warnings %q", f.name, all)
		}
	}
}
