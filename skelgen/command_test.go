package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// skelgen is the command under test, built once: the guard needs a process.
var skelgen string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "skelgen-test-")
	if err == nil {
		skelgen = filepath.Join(dir, "skelgen")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", skelgen, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s\n", out)
		}
	}
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// invoke runs skelgen in dir.
func invoke(t *testing.T, dir string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(skelgen, args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// fixture is a good object, with maps, programs and variables.
func fixture(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "maps", "maps.bpf.o"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// snapshot is every file below dir with its bytes, its mode and its time.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data := []byte(nil)
		if info.Mode().IsRegular() {
			if data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		out[path] = fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime(), data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func changed(before, after map[string]string) []string {
	var out []string
	for path, text := range after {
		if before[path] != text {
			out = append(out, path)
		}
	}
	for path := range before {
		if _, ok := after[path]; !ok {
			out = append(out, "removed "+path)
		}
	}
	return out
}

// oneLineError checks a refusal: exit status 1, one line that begins with the
// command's name and holds each of want.
func oneLineError(t *testing.T, stderr string, status int, want ...string) {
	t.Helper()
	if status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	if !strings.HasPrefix(stderr, "skelgen: ") || strings.Count(stderr, "\n") != 1 || !strings.HasSuffix(stderr, "\n") {
		t.Errorf("not one line of skelgen's on stderr: %q", stderr)
	}
	for _, w := range want {
		if !strings.Contains(stderr, w) {
			t.Errorf("the message lacks %q: %q", w, stderr)
		}
	}
}

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
	strip := exec.Command("objcopy", "--version")
	if err := strip.Run(); err != nil {
		t.Fatal("objcopy (binutils) is needed:", err)
	}
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

// compile makes an object of C source.
func compile(t *testing.T, source, out string, debug bool) {
	t.Helper()
	src := out + ".c"
	if err := os.WriteFile(src, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	clang := ""
	for _, name := range []string{os.Getenv("CLANG"), "clang-19", "clang", "clang-21", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14"} {
		if path, err := exec.LookPath(name); err == nil {
			clang = path
			break
		}
	}
	args := []string{"-target", "bpf", "-O2", "-c", src, "-o", out}
	if debug {
		args = append(args, "-g")
	}
	if msg, err := exec.Command(clang, args...).CombinedOutput(); err != nil {
		t.Fatalf("clang: %v\n%s", err, msg)
	}
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

func TestGenerateTwice(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "minimal.bpf.o"), fixture(t), 0o666); err != nil {
		t.Fatal(err)
	}
	_, stderr, status := invoke(t, dir, "generate", "minimal.bpf.o")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, stderr %q", status, stderr)
	}
	for _, name := range []string{"minimal.skel.h", "minimal_skel.go", "minimal_types.go", "minimal_stub.go"} {
		if _, err := os.Stat(filepath.Join(dir, "minimal", name)); err != nil {
			t.Error(err)
		}
	}
	before := snapshot(t, dir)
	time.Sleep(20 * time.Millisecond)
	if _, stderr, status := invoke(t, dir, "generate", "minimal.bpf.o"); status != 0 || stderr != "" {
		t.Fatalf("second run: status %d, stderr %q", status, stderr)
	}
	if names := changed(before, snapshot(t, dir)); len(names) > 0 {
		t.Errorf("the second run changed %q", names)
	}
	elsewhere := t.TempDir()
	if _, stderr, status := invoke(t, elsewhere, "generate", "--out", "minimal", filepath.Join(dir, "minimal.bpf.o")); status != 0 {
		t.Fatal(stderr)
	}
	for _, name := range []string{"minimal.skel.h", "minimal_skel.go", "minimal_types.go", "minimal_stub.go"} {
		a, _ := os.ReadFile(filepath.Join(dir, "minimal", name))
		b, _ := os.ReadFile(filepath.Join(elsewhere, "minimal", name))
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s differs when generated from another folder", name)
		}
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "minimal.bpf.o"), fixture(t), 0o666); err != nil {
		t.Fatal(err)
	}
	_, stderr, status := invoke(t, dir, "generate", "--check", "minimal.bpf.o")
	oneLineError(t, stderr, status, "stale", "minimal_skel.go")
	if _, err := os.Stat(filepath.Join(dir, "minimal")); err == nil {
		t.Error("--check made the folder")
	}
	if _, stderr, status := invoke(t, dir, "generate", "minimal.bpf.o"); status != 0 {
		t.Fatal(stderr)
	}
	if _, stderr, status := invoke(t, dir, "generate", "--check", "minimal.bpf.o"); status != 0 {
		t.Errorf("fresh files are called stale: %s", stderr)
	}
	types := filepath.Join(dir, "minimal", "minimal_types.go")
	data, _ := os.ReadFile(types)
	os.WriteFile(types, append(data, '\n'), 0o666)
	_, stderr, status = invoke(t, dir, "generate", "--check", "minimal.bpf.o")
	oneLineError(t, stderr, status, "stale", "minimal_types.go")
}

// All or none: the third of the four files cannot be put in its place.
func TestWriteFilesRollsBack(t *testing.T) {
	dir := t.TempDir()
	old := []byte("old\n")
	os.WriteFile(filepath.Join(dir, "a"), old, 0o666)
	if err := os.MkdirAll(filepath.Join(dir, "c", "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	files := []file{{"a", []byte("new")}, {"b", []byte("new")}, {"c", []byte("new")}, {"d", []byte("new")}}
	if err := writeFiles(dir, files); err == nil {
		t.Fatal("a folder in the way of a file is no error")
	}
	after := snapshot(t, dir)
	delete(before, dir) // its own time may change
	delete(after, dir)
	if names := changed(before, after); len(names) > 0 {
		t.Errorf("changed: %q", names)
	}
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

func TestHelpExamples(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile(`(?s)EXAMPLE:\n   ([^\n]+)`)
	for _, command := range []string{"generate", "header", "inspect", "vmlinux", "env"} {
		t.Run(command, func(t *testing.T) {
			stdout, stderr, status := invoke(t, ".", command, "--help")
			if status != 0 || stderr != "" {
				t.Fatalf("status %d, stderr %q", status, stderr)
			}
			found := example.FindStringSubmatch(stdout)
			if found == nil {
				t.Fatalf("no example in:\n%s", stdout)
			}
			line := strings.ReplaceAll(found[1], "build/bin/skelgen", skelgen)
			scratch := t.TempDir()
			line = regexp.MustCompile(`\bbuild/(example/maps|minimal.skel.h|vmlinux.h)`).ReplaceAllString(line, scratch+"/$1")
			if command == "env" { // the program under test is not in the checkout
				line = strings.Replace(line, "&& go vet ./...", "&& pkg-config --exists libbpf", 1)
			}
			cmd := exec.Command("sh", "-ec", line)
			cmd.Dir = root
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", line, err, out)
			}
		})
	}
}

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "minimal.bpf.o"), fixture(t), 0o666)
	stdout, stderr, status := invoke(t, dir, "inspect", "--json", "minimal.bpf.o")
	if status != 0 {
		t.Fatal(stderr)
	}
	var got struct {
		Name     string
		Programs []struct{ Name, Type string }
		Maps     []struct {
			Name   string
			Mapped bool
		}
		Variables []struct{ Name, Section, Declaration string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "minimal_bpf" || len(got.Maps) == 0 || len(got.Variables) == 0 {
		t.Errorf("%+v", got)
	}
	text, _, _ := invoke(t, dir, "inspect", "minimal.bpf.o")
	for _, p := range got.Programs {
		if !strings.Contains(text, p.Name) {
			t.Errorf("the text lacks program %s", p.Name)
		}
	}
	for _, v := range got.Variables {
		if !strings.Contains(text, v.Declaration) {
			t.Errorf("the text lacks variable %s", v.Declaration)
		}
	}
}

// The guard passes on what the program says: its status, its output, a signal.
func TestGuardIsTransparent(t *testing.T) {
	_, _, status := invoke(t, ".", "--help")
	if status != 0 {
		t.Errorf("--help: exit status %d", status)
	}
	cmd := exec.Command(skelgen, "vmlinux", "/dev/stdin")
	in, err := cmd.StdinPipe() // never written to: skelgen waits
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
	if len(bytes.Fields(children)) == 0 {
		t.Fatal("no child to guard")
	}
	cmd.Process.Kill()
	cmd.Wait()
	child := string(bytes.Fields(children)[0])
	for range 50 {
		// Nobody may have buried it yet.
		stat, err := os.ReadFile("/proc/" + child + "/stat")
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the child %s outlived its guard", child)
}
