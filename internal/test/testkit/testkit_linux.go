// Package testkit holds helpers that the tests of several packages share.
package testkit

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// InGuest reports whether this is a guest of make test-vm, whose kernels are known.
var InGuest = os.Getenv("BPFSKEL_GUEST") != ""

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// NeedRoot skips the test if the kernel would not load a program.
func NeedRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loading BPF programs needs root")
	}
}

// NeedKernel skips the test on a kernel before the given version, and says why.
func NeedKernel(t testing.TB, major, minor int, why string) {
	t.Helper()
	if !KernelHas(t, major, minor) {
		t.Skipf("needs Linux %d.%d: %s", major, minor, why)
	}
}

// NeedLibbpf skips a test of what only the back end with libbpf has.
func NeedLibbpf(t testing.TB, what string) {
	t.Helper()
	if Light {
		t.Skipf("needs libbpf: %s", what)
	}
}

// KernelHas reports whether this is the given version of the kernel or a later one.
func KernelHas(t testing.TB, major, minor int) bool {
	t.Helper()
	var name unix.Utsname
	Must(t, unix.Uname(&name))
	var runningMajor, runningMinor int
	release := unix.ByteSliceToString(name.Release[:])
	if n, _ := fmt.Sscanf(release, "%d.%d", &runningMajor, &runningMinor); n != 2 {
		t.Fatalf("cannot parse the kernel release %q", release)
	}
	return runningMajor > major || runningMajor == major && runningMinor >= minor
}

// BPFFS mounts a BPF file system for the test.
func BPFFS(t testing.TB) string {
	t.Helper()
	NeedRoot(t)
	dir := t.TempDir()
	if err := unix.Mount("bpf", dir, "bpf", 0, ""); err != nil {
		t.Skipf("this process may not mount a BPF file system: %v", err)
	}
	t.Cleanup(func() { Must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

// Children are functions that tests run in a separate process, by name: libbpf and the
// kernel keep some state per process.
type Children map[string]func() error

const childVariable = "BPFSKEL_TEST_CHILD"

// Command is the command line that starts this program as the child called name, through another if there is one.
func (c Children) Command(t testing.TB, name string, through ...string) *exec.Cmd {
	t.Helper()
	if c[name] == nil {
		t.Fatalf("unknown child %q", name)
	}
	exe, err := os.Executable()
	Must(t, err)
	line := append(through, exe)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	return cmd
}

// Main runs the tests, or the child that this process is. Examples, which cannot skip, are left out without root. A
// goroutine that outlives the tests is a failure. It does not return.
func Main(m *testing.M, children Children) {
	if child := children[os.Getenv(childVariable)]; child != nil {
		runtime.LockOSThread() // strace counts calls for each thread
		if err := child(); err != nil {
			fmt.Printf("%s: %v\n", os.Getenv(childVariable), err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if os.Geteuid() != 0 {
		fmt.Println("examples need root to load BPF programs")
		if err := flag.Set("test.skip", "^Example"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}
