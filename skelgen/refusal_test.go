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

// A folder that the user may not write to: root may write to every folder.
func TestUnwritableFolder(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to become another user")
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
	if names := changedFiles(before, snapshot(t, dir)); len(names) > 0 {
		t.Errorf("changed: %q", names)
	}
}

// libbpf dies of a signal on a few damaged objects. To find one without knowing
// libbpf's faults, damage the BTF of an object, byte by byte, until it does.
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
	t.Fatal("libbpf survived every damaged byte, so the test proves nothing")
}

func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to mount a small disk")
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
