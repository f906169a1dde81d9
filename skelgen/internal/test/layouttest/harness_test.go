//go:build cgo

package layouttest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// object is a BPF object made of C declarations, and its Go types.
type object struct {
	dir string
	obj *model.Object
	pkg *gotype.Package
}

// root is the checkout.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// need skips a test if a program that it runs is missing; CI has all of them.
func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
}

// run runs a command in dir and returns its output.
func run(dir string, env []string, stdin []byte, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(append(clip(stderr.Bytes()), clip(out)...)))
	}
	return out, nil
}

func clip(b []byte) []byte { return b[:min(len(b), 4000)] }

// compile makes an object of C declarations and reads its types.
func compile(t *testing.T, declarations string, flags ...string) *object {
	t.Helper()
	need(t, "sh", "cc", "go")
	o := &object{dir: t.TempDir()}
	write(t, o.dir, "decl.h", []byte(declarations))
	write(t, o.dir, "x.bpf.c", []byte("#include \"decl.h\"\n"))
	args := append([]string{filepath.Join(root(t), "scripts/bpfcc.sh"), "x.bpf.c", "x.bpf.o", "-w"}, flags...)
	if _, err := run(o.dir, nil, nil, "sh", args...); err != nil {
		t.Fatal(err)
	}
	var err error
	if o.obj, err = load.File(filepath.Join(o.dir, "x.bpf.o"), load.Options{}); err != nil {
		t.Fatal(err)
	}
	if o.pkg, err = gotype.New(o.obj, gotype.Options{}); err != nil {
		t.Fatal(err)
	}
	return o
}

func write(t *testing.T, dir, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// module writes a Go module with the object's types and a main program.
func (o *object) module(t *testing.T, program []byte) {
	t.Helper()
	src, err := gopkg.Types("main", o.obj, o.pkg)
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.dir, "x_types.go", src)
	write(t, o.dir, "main.go", program)
	o.modFile(t)
}

// modFile makes the folder a module that uses this checkout.
func (o *object) modFile(t *testing.T) {
	t.Helper()
	write(t, o.dir, "go.mod", fmt.Appendf(nil, "module x\n\ngo 1.24.0\n\nrequire github.com/bpfskel/bpfskel v0.0.0\n\nreplace github.com/bpfskel/bpfskel => %s\n", root(t)))
}

// compare has C and Go write and read every scalar of every variable.
func (o *object) compare(t *testing.T, seed int64, archs ...string) (members, views int) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("this machine's C compiler lays out bitfields differently than BPF's")
	}
	vars := o.variables(rand.New(rand.NewSource(seed)))
	write(t, o.dir, "probe.c", cProgram(vars))
	if _, err := run(o.dir, nil, nil, "cc", "-w", "-O0", "-o", "probe", "probe.c"); err != nil {
		t.Fatal(err)
	}
	want, err := run(o.dir, nil, nil, "./probe")
	if err != nil {
		t.Fatal(err)
	}
	o.module(t, o.goProgram(vars))
	for _, arch := range archs {
		t.Run(arch, func(t *testing.T) {
			if _, err := run(o.dir, pureGo(arch), nil, "go", "build", "-gcflags=-l -d=checkptr", "-o", "probe."+arch, "."); err != nil {
				t.Fatal(err)
			}
			_, err := run(o.dir, nil, want, "./probe."+arch)
			if errors.Is(err, syscall.ENOEXEC) {
				t.Skipf("programs for %s do not run on this kernel: %v", arch, err)
			}
			if err != nil {
				o.keep(t)
				t.Error(err)
			}
		})
	}
	for _, v := range vars {
		members += len(v.probes)
		for _, p := range v.probes {
			if p.view != "" {
				views++
			}
		}
	}
	return members, views
}

// pureGo is the environment of a build for another machine.
func pureGo(arch string) []string {
	return []string{"GOARCH=" + arch, "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off"}
}

// keep copies the files of a failure to the folder of -keep.
func (o *object) keep(t *testing.T) {
	if *keepDir == "" {
		return
	}
	if err := os.RemoveAll(*keepDir); err != nil {
		t.Log(err)
	}
	if err := os.CopyFS(*keepDir, os.DirFS(o.dir)); err != nil {
		t.Log(err)
	}
}
