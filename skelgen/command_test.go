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

// fixture is a valid object with maps, programs and variables.
func fixture(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "maps", "maps.bpf.o"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// snapshot is every file below dir with its bytes, its mode and its time.
func snapshot(t interface{ Fatalf(string, ...any) }, dir string) map[string]string {
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
		t.Fatalf("%v", err)
	}
	return out
}

func changedFiles(before, after map[string]string) []string {
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
// command's name and contains each of want.
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

// clang is a compiler of objects.
func clang() string {
	for _, name := range []string{os.Getenv("CLANG"), "clang-19", "clang", "clang-21", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "clang"
}

// compile makes an object of C source.
func compile(t *testing.T, source, out string) {
	t.Helper()
	src := out + ".c"
	if err := os.WriteFile(src, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(clang(), "-target", "bpf", "-O2", "-g", "-c", src, "-o", out).CombinedOutput(); err != nil {
		t.Fatalf("clang: %v\n%s", err, msg)
	}
}

func TestHelpExamples(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile(`EXAMPLES?:\n((?:   [^\n]+\n)+)`)
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
			line = regexp.MustCompile(`\bbuild/(example/maps|example/embed|example/light|minimal.l?skel.h|vmlinux.h)`).ReplaceAllString(line, scratch+"/$1")
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

// The guard passes on the program's status, output and signal.
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
		t.Fatal("the guard found no child")
	}
	cmd.Process.Kill()
	cmd.Wait()
	child := string(bytes.Fields(children)[0])
	for range 50 {
		// It may still be a zombie.
		stat, err := os.ReadFile("/proc/" + child + "/stat")
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the child %s outlived its guard", child)
}
