package main

import (
	"bytes"
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

func TestGenerateTwice(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "minimal.bpf.o"), fixture(t), 0o666); err != nil {
		t.Fatal(err)
	}
	_, stderr, status := invoke(t, dir, "generate", "minimal.bpf.o")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, stderr %q", status, stderr)
	}
	for _, name := range []string{"minimal.skel.h", "minimal_skel.go", "minimal_types.go", "minimal_libbpf.go", "minimal_nolibbpf.go"} {
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
	for _, name := range []string{"minimal.skel.h", "minimal_skel.go", "minimal_types.go", "minimal_libbpf.go", "minimal_nolibbpf.go"} {
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
