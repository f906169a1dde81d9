package ident

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The compiler and the go command accept every name that Importable accepts, from a
// folder of that name with files that begin with it.
func TestImportable(t *testing.T) {
	names := strings.Fields(`x x_y X init main internal vendor testdata documentation func type go true nil any
		string error iota make unsafe C std all cmd skel linux amd64 x_linux x_amd64 cgo ignore test x_test
		_ _x __x x_ aux con nul prn com0 com1 lpt9 CON Com3 console comx default select`)
	dir := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var imports, uses strings.Builder
	n := 0
	for i, name := range names {
		if !Importable(name) {
			continue
		}
		n++
		write(fmt.Sprintf("d%d/%s/%s_skel.go", i, name, name), "package "+name+"\n\nconst One = 1\n")
		write(fmt.Sprintf("d%d/%s/%s_skel_%s.go", i, name, name, "s390x"), "package "+name+"\n\nconst Two = 1\n")
		fmt.Fprintf(&imports, "\t\"example.com/m/d%d/%s\"\n", i, name)
		fmt.Fprintf(&uses, "\t_ = %s.One\n", name)
	}
	if n < 10 || n == len(names) {
		t.Fatalf("%d of %d names can be imported", n, len(names))
	}
	write("go.mod", "module example.com/m\n\ngo 1.24\n")
	write("main.go", "package main\n\nimport (\n"+imports.String()+")\n\nfunc main() {\n"+uses.String()+"}\n")
	cmd := exec.Command("go", "vet", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
