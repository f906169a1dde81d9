package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// goCommand runs the go command on all packages of the list.
func goCommand(t *testing.T, env string, args ...string) string {
	t.Helper()
	for _, p := range cgoFreePackages {
		if p.pattern != "./scripts/..." || !strings.Contains(env, "GOOS=") || strings.Contains(env, "GOOS=linux") {
			args = append(args, p.pattern)
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), strings.Fields(env)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s go %s: %v\n%s", env, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Constants that an int of 32 bits cannot hold stop a package from compiling on 386.
func TestCgoFreePackagesBuild(t *testing.T) {
	for _, c := range []struct{ env, verb string }{
		{"GOOS=linux GOARCH=amd64", "vet"}, {"GOOS=linux GOARCH=386", "vet"}, {"GOOS=darwin", "build"}, {"GOOS=windows", "build"},
	} {
		t.Run(c.env, func(t *testing.T) { goCommand(t, "CGO_ENABLED=0 "+c.env, c.verb) })
	}
}

// With cgo enabled they do not use it either, except through Go's standard library and the bridge to another library.
func TestCgoFreePackagesUseNoCgo(t *testing.T) {
	const uses = `{{if .CgoFiles}}{{if not .Standard}}{{.ImportPath}}{{end}}{{end}}`
	for path := range strings.Lines(goCommand(t, "CGO_ENABLED=1", "list", "-deps", "-f", uses)) {
		if path = strings.TrimSpace(path); path != "" && path != "github.com/aquasecurity/libbpfgo" && path != "github.com/bpfskel/bpfskel/pkg/interop" {
			t.Errorf("%s uses cgo", path)
		}
	}
}

func TestCgoModeOf(t *testing.T) {
	for folder, want := range map[string]cgoMode{
		"pkg/internal/bpf": withAndWithoutCgo, "pkg/internal/glue": environmentCgo, "pkg/skel": withAndWithoutCgo, "pkg/interop": environmentCgo, "cgo/libbpf": environmentCgo, "internal/test/kernels": withAndWithoutCgo,
		"skelgen/internal/emit/gopkg": withoutCgo, "skelgen/internal/emitter": environmentCgo, "skelgen/internal/model": withoutCgo,
		"scripts/testall": withoutCgo, "skelgen": environmentCgo,
	} {
		if got := cgoModeOf(folder); got != want {
			t.Errorf("%s: %v, want %v", folder, got, want)
		}
	}
}
