package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

const archSource = `
struct regs {
#ifdef ARM
	unsigned long long x[31];
#else
	unsigned long long ip;
	unsigned int flags;
#endif
};
struct regs last;
int hits;
`

// One package of two objects whose types differ.
func TestPackageOfTwoArchitectures(t *testing.T) {
	dir := t.TempDir()
	object := filepath.Join(t.TempDir(), "probe.bpf.o")
	compile(t, archSource, object)
	if _, stderr, status := invoke(t, dir, "generate", "--out", "probe", "--goarch", "amd64", object); status != 0 {
		t.Fatal(stderr)
	}
	compile(t, "#define ARM\n"+archSource, object)
	if _, stderr, status := invoke(t, dir, "generate", "--out", "probe", "--goarch", "arm64", object); status != 0 {
		t.Fatal(stderr)
	}
	pkg := filepath.Join(dir, "probe")
	for _, name := range []string{
		"probe_amd64.skel.h", "probe_skel_amd64.go", "probe_types_amd64.go", "probe_libbpf_amd64.go", "probe_nolibbpf_amd64.go",
		"probe_arm64.skel.h", "probe_skel_arm64.go", "probe_types_arm64.go", "probe_libbpf_arm64.go", "probe_nolibbpf_arm64.go", "probe_unsupported.go",
	} {
		if _, err := os.Stat(filepath.Join(pkg, name)); err != nil {
			t.Error(err)
		}
	}
	user := func(body string) {
		t.Helper()
		usermod.Write(t, dir, "probe", map[string]string{"use.go": body})
	}
	build := func(env ...string) (string, error) { return usermod.Go(dir, env, "build", "./...") }
	user("package use\n\nimport \"probe/probe\"\n\nfunc F(s *probe.Skel) error { return s.Attach() }\n")
	for _, c := range []struct{ name, env string }{
		{"amd64 with cgo", "GOARCH=amd64"},
		{"amd64 without", "GOARCH=amd64 CGO_ENABLED=0"},
		{"arm64 without cgo", "GOARCH=arm64 CGO_ENABLED=0"},
		{"riscv64, which has no object", "GOARCH=riscv64 CGO_ENABLED=0"},
		{"arm64 on darwin", "GOOS=darwin GOARCH=arm64 CGO_ENABLED=0"},
	} {
		if out, err := build(strings.Fields(c.env)...); err != nil {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
	user("package use\n\nimport \"probe/probe\"\n\nvar X = probe.Regs{}.X\n")
	if out, err := build("GOARCH=arm64", "CGO_ENABLED=0"); err != nil {
		t.Errorf("arm64 lacks its own type: %s", out)
	}
	if _, err := build("GOARCH=amd64", "CGO_ENABLED=0"); err == nil {
		t.Error("amd64 has arm64's type")
	}
	t.Run("--check covers all files", func(t *testing.T) {
		if _, stderr, status := invoke(t, dir, "generate", "--check", "--out", "probe", "--goarch", "arm64", object); status != 0 {
			t.Error(stderr)
		}
	})
	t.Run("the other kind of package is refused", func(t *testing.T) {
		_, stderr, status := invoke(t, dir, "generate", "--out", "probe", object)
		oneLineError(t, stderr, status, "single architectures")
	})
	t.Run("an unknown architecture is refused", func(t *testing.T) {
		_, stderr, status := invoke(t, dir, "generate", "--goarch", "x86", object)
		oneLineError(t, stderr, status, "x86", "amd64")
	})
}
