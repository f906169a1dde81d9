package twintest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/internal/test/usermod"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
)

// A twin is one object, in Go and in C.
type twin struct {
	name, object string
	c, pkg       string // names of the C skeleton and of the Go package
}

// twins are the objects that match pattern and have types.
func twins(t *testing.T, pattern string) []twin {
	t.Helper()
	objects, err := filepath.Glob(pattern)
	if err != nil || len(objects) == 0 {
		t.Fatalf("no objects like %s", pattern)
	}
	var out []twin
	for _, o := range objects {
		c, err := ident.ObjectC(o)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(o), ".bpf.o")
		// A package of the other byte order fails earlier than C: in Open.
		if name != "nobtf" && name != "bigendian" {
			out = append(out, twin{name, o, c, ident.Package(o)})
		}
	}
	return out
}

func TestFixtures(t *testing.T) {
	compareTwins(t, twins(t, "../../../testdata/*/*.bpf.o"))
}

func compareTwins(t *testing.T, all []twin) {
	testkit.NeedRoot(t)
	dir := t.TempDir()
	generate(t, dir, all)
	inC := results(t, buildC(t, dir, all))
	inGo := results(t, buildGo(t, dir, all))
	same, attached := 0, 0
	for _, w := range all {
		c, g := inC[w.name], inGo[w.name]
		if c == "" || c != g {
			t.Errorf("%s: in C: %s; in Go: %s", w.name, c, g)
			continue
		}
		same++
		if c == "attached" {
			attached++
		}
	}
	t.Logf("%d of %d packages behave like the C program; %d of them attach on this kernel", same, len(all), attached)
	if attached == 0 {
		t.Error("no program was attached, so the test proves nothing")
	}
}

func generate(t *testing.T, dir string, all []twin) {
	t.Helper()
	skelgen := filepath.Join(dir, "skelgen")
	run(t, "../../../..", "go", "build", "-o", skelgen, "./skelgen")
	for _, w := range all {
		run(t, ".", skelgen, "generate", "--out", filepath.Join(dir, "twins", w.name), w.object)
	}
}

// results runs a program that prints a line for each object: its name, the last step
// that succeeded, and the number of the error that stopped it. The program has a private
// bpffs, so that its pins disappear with it.
func results(t *testing.T, program string) map[string]string {
	t.Helper()
	text := run(t, ".", "unshare", "-m", "sh", "-ec", "mount -t bpf bpf /sys/fs/bpf; exec "+program)
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if name, result, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			out[name] = result
		}
	}
	return out
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	return string(out)
}

const cHead = `#include <stdio.h>

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level, (void)fmt, (void)args;
	return 0;
}

#define TRY(label, NAME) do { \
	struct NAME *s = NAME##__open(); \
	int err = s ? 0 : -errno; \
	if (!s) { \
		printf("%s open %d\n", label, -err); \
		break; \
	} \
	err = NAME##__load(s); \
	if (err) { \
		printf("%s load %d\n", label, -err); \
	} else { \
		err = NAME##__attach(s); \
		if (err) \
			printf("%s attach %d\n", label, -err); \
		else \
			printf("%s attached\n", label); \
	} \
	NAME##__destroy(s); \
} while (0)

int main(void)
{
	libbpf_set_print(quiet);
`

func buildC(t *testing.T, dir string, all []twin) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("#define SKEL_OPAQUE_DATA\n")
	for _, w := range all {
		fmt.Fprintf(&b, "#include \"%s/%s.skel.h\"\n", filepath.Join(dir, "twins", w.name), w.pkg)
	}
	b.WriteString(cHead)
	for _, w := range all {
		fmt.Fprintf(&b, "\tTRY(%q, %s);\n", w.name, w.c)
	}
	b.WriteString("\treturn 0;\n}\n")
	source, program := filepath.Join(dir, "twins.c"), filepath.Join(dir, "twins-c")
	if err := os.WriteFile(source, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	flags := strings.Fields(run(t, ".", "pkg-config", "--cflags", "--libs", "--static", "libbpf"))
	run(t, ".", "gcc", append([]string{"-O1", "-o", program, source}, flags...)...)
	return program
}

const goHead = `package main

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/skel"
`

const goTail = `
type opened[S any] interface {
	Load() (S, error)
	Close() error
}

type loaded interface {
	Attach() error
	Close() error
}

func try[O opened[S], S loaded](name string, open func(...skel.OpenOption) (O, error)) {
	o, err := open()
	if err != nil {
		fmt.Println(name, "open", number(err))
		return
	}
	s, err := o.Load()
	if err != nil {
		fmt.Println(name, "load", number(err))
		return
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		fmt.Println(name, "attach", number(err))
		return
	}
	fmt.Println(name, "attached")
}

func number(err error) int {
	var errno syscall.Errno
	var code skel.Code
	switch {
	case errors.As(err, &errno):
		return int(errno)
	case errors.As(err, &code):
		return int(code)
	}
	return -1
}
`

func buildGo(t *testing.T, dir string, all []twin) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(goHead)
	for i, w := range all {
		fmt.Fprintf(&b, "\tp%d \"twins/%s\"\n", i, w.name)
	}
	b.WriteString(")\n\nfunc main() {\n")
	for i, w := range all {
		fmt.Fprintf(&b, "\ttry(%q, p%d.Open)\n", w.name, i)
	}
	b.WriteString("}\n" + goTail)
	module := filepath.Join(dir, "twins")
	usermod.Write(t, module, "twins", map[string]string{"main.go": b.String()})
	program := filepath.Join(dir, "twins-go")
	run(t, module, "go", "vet", "-mod=mod", "./...")
	run(t, module, "go", "build", "-mod=mod", "-o", program, ".")
	return program
}
