package main

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	good := fixture(t)
	dir := t.TempDir()
	put := func(name string, data []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("good.bpf.o", good)
	put("empty.bpf.o", nil)
	put("text.bpf.o", []byte("int main(void);\n"))
	put("short.bpf.o", good[:len(good)/2])
	put("headless.bpf.o", good[:20])
	put("folder.bpf.o/file", nil)
	put("other/other.go", []byte("package elsewhere\n"))
	put("mine/good.skel.h", []byte("/* written by hand */\n"))
	put("file", []byte("x"))
	x86, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	put("x86.bpf.o", x86)
	nobtf := filepath.Join(dir, "nobtf.bpf.o")
	compile(t, "int f(void *ctx) __attribute__((section(\"xdp\"), used)); int f(void *ctx) { return 2; }\n", nobtf, false)

	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"a missing file", []string{"missing.bpf.o"}, []string{"missing.bpf.o", "no such file"}},
		{"an empty file", []string{"empty.bpf.o"}, []string{"empty.bpf.o", "empty"}},
		{"a text file", []string{"text.bpf.o"}, []string{"text.bpf.o", "not an ELF file"}},
		{"an x86 ELF", []string{"x86.bpf.o"}, []string{"x86.bpf.o", "not a valid eBPF object"}},
		{"a truncated object", []string{"short.bpf.o"}, []string{"short.bpf.o"}},
		{"an object cut in its ELF header", []string{"headless.bpf.o"}, []string{"headless.bpf.o"}},
		{"an object without BTF", []string{"nobtf.bpf.o"}, []string{"nobtf.bpf.o", "BTF", "-g"}},
		{"a folder", []string{"folder.bpf.o"}, []string{"folder.bpf.o", "folder"}},
		{"an output folder that is a file", []string{"--out", "file", "good.bpf.o"}, []string{"file"}},
		{"an output folder below a file", []string{"--out", "file/x", "good.bpf.o"}, []string{"file"}},
		{"an output folder that cannot be written", []string{"--out", "/proc/skel", "good.bpf.o"}, []string{"/proc/skel"}},
		{"an output folder that holds another package", []string{"--out", "other", "good.bpf.o"}, []string{"other", "elsewhere", "--out"}},
		{"a file of the user's in the way", []string{"--out", "mine", "good.bpf.o"}, []string{"mine/good.skel.h", "in the way"}},
		{"an unknown flag", []string{"--fast", "good.bpf.o"}, []string{"fast", "--help"}},
		{"a flag after the object", []string{"good.bpf.o", "--name", "x"}, []string{"--name", "after good.bpf.o"}},
		{"an extra argument", []string{"good.bpf.o", "more.bpf.o"}, []string{"more.bpf.o"}},
		{"no object", nil, []string{"OBJ is missing"}},
		{"a name that is a C keyword", []string{"--name", "int", "good.bpf.o"}, []string{"int", "keyword"}},
		{"a package name that Go does not take", []string{"--package", "func", "good.bpf.o"}, []string{"func"}},
		{"bpftool's form without the name", []string{"good.bpf.o", "name"}, []string{"name"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := snapshot(t, dir)
			stdout, stderr, status := invoke(t, dir, append([]string{"generate"}, c.args...)...)
			oneLineError(t, stderr, status, c.want...)
			if stdout != "" {
				t.Errorf("on stdout: %q", stdout)
			}
			if names := changed(before, snapshot(t, dir)); len(names) > 0 {
				t.Errorf("changed: %q", names)
			}
		})
	}
	t.Run("an unknown command", func(t *testing.T) {
		_, stderr, status := invoke(t, dir, "genrate", "good.bpf.o")
		oneLineError(t, stderr, status, "genrate")
	})
}

// A folder that the user may not write to: only a user who is not root meets it.
func TestUnwritableFolder(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root is needed to become another user")
	}
	dir := t.TempDir()
	os.Chmod(filepath.Dir(dir), 0o755)
	os.Chmod(dir, 0o755)
	if err := os.WriteFile(filepath.Join(dir, "good.bpf.o"), fixture(t), 0o644); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Dir(skelgen), 0o755)
	before := snapshot(t, dir)
	cmd := exec.Command("setpriv", "--reuid=65534", "--clear-groups", skelgen, "generate", "good.bpf.o")
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.Run()
	oneLineError(t, errs.String(), cmd.ProcessState.ExitCode(), "permission denied", "good")
	if names := changed(before, snapshot(t, dir)); len(names) > 0 {
		t.Errorf("changed: %q", names)
	}
}

// libbpf dies of a signal on a few damaged objects. Which ones is not ours to
// know: damage the BTF of one, byte by byte, until it does.
func TestCrashOfLibbpf(t *testing.T) {
	good, err := os.ReadFile(filepath.Join("testdata", "kconfig", "kconfig.bpf.o"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	section := f.Section(".BTF")
	dir := t.TempDir()
	for at := section.Offset; at < section.Offset+section.Size; at++ {
		bad := bytes.Clone(good)
		bad[at] ^= 0xcf
		if err := os.WriteFile(filepath.Join(dir, "bad.bpf.o"), bad, 0o666); err != nil {
			t.Fatal(err)
		}
		_, stderr, status := invoke(t, dir, "generate", "--out", "out", "bad.bpf.o")
		if !strings.Contains(stderr, "libbpf crashed") {
			os.RemoveAll(filepath.Join(dir, "out"))
			continue
		}
		t.Logf("byte %d of the BTF: %s", at-section.Offset, stderr)
		oneLineError(t, stderr, status, "bad.bpf.o", "damaged")
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
		return
	}
	t.Fatal("libbpf survived every damaged byte, so nothing was shown")
}

func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root is needed to mount a small disk")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=16k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted: %s", out)
	}
	defer exec.Command("umount", dir).Run()
	object := filepath.Join(t.TempDir(), "minimal.bpf.o")
	os.WriteFile(object, fixture(t), 0o666)
	_, stderr, status := invoke(t, dir, "generate", "--out", filepath.Join(dir, "out"), object)
	oneLineError(t, stderr, status, "no space left on device")
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
