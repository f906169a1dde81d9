package skel_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernelpid"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// children are run by tests in a process of their own: some state of libbpf and
// of the kernel belongs to the process.
var children = map[string]func() error{}

const childVariable = "BPFSKEL_TEST_CHILD"

// libbpfVersion is 107 for 1.7, 0 in a build without.
var libbpfVersion int

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		runtime.LockOSThread() // strace counts calls for each thread
		if err := children[name](); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
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
	os.Exit(m.Run())
}

// child runs one of children, through the given command line if there is one.
func child(t *testing.T, name string, through ...string) (string, error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	line := append(through, exe)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	if len(through) > 0 {
		cmd.Env = append(cmd.Env, "ASAN_OPTIONS=detect_leaks=0") // it does not work under strace
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// needRoot skips where the kernel would not load a program.
func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("root is needed to load BPF programs")
	}
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openBasic opens the test object with this process as the one that it watches.
func openBasic(t testing.TB) *basic.OpenSkel {
	t.Helper()
	needRoot(t)
	open, err := basic.Open()
	must(t, err)
	t.Cleanup(func() { open.Close() })
	open.Rodata.MyPid = kernelpid.Get()
	return open
}

func loadBasic(t testing.TB) *basic.Skel {
	t.Helper()
	s, err := openBasic(t).Load()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// attachAgain attaches a program that is attached already.
func attachAgain(t testing.TB, s *basic.Skel) *skel.Link {
	t.Helper()
	link, err := s.Progs.HandleRaw.Attach()
	if errors.Is(err, unix.EEXIST) {
		needKernel(t, 6, 10, "earlier ones attach a program to a raw tracepoint once")
	}
	must(t, err)
	return link
}

func possibleCPUs(t testing.TB) int {
	t.Helper()
	n, err := skel.PossibleCPUs()
	must(t, err)
	return n
}

// needKernel skips on a kernel before the given version, and says why.
func needKernel(t testing.TB, major, minor int, why string) {
	t.Helper()
	if !kernelHas(t, major, minor) {
		t.Skipf("needs Linux %d.%d: %s", major, minor, why)
	}
}

// kernelHas reports whether this is the given version of the kernel or a later one.
func kernelHas(t testing.TB, major, minor int) bool {
	t.Helper()
	var name unix.Utsname
	must(t, unix.Uname(&name))
	var have, point int
	release := unix.ByteSliceToString(name.Release[:])
	if n, _ := fmt.Sscanf(release, "%d.%d", &have, &point); n != 2 {
		t.Fatalf("kernel release %q", release)
	}
	return have > major || have == major && point >= minor
}

// enterKernel makes n system calls, which the test object counts.
func enterKernel(n int) {
	for range n {
		unix.Getpgid(0)
	}
}

// hitsGrow tells whether system calls are counted now.
func hitsGrow(s *basic.Skel) bool {
	before := s.Bss.Hits
	enterKernel(10)
	return s.Bss.Hits >= before+10
}

// held is what a process holds of the kernel: file descriptors, and mappings.
type held struct{ fds, links, maps int }

func holding(t testing.TB) held {
	t.Helper()
	h, err := holdings()
	must(t, err)
	return h
}

func holdings() (h held, err error) {
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return h, err
	}
	for _, f := range fds {
		target, err := os.Readlink(f)
		if err != nil {
			continue // the one that listed them
		}
		h.fds++
		if strings.Contains(target, "bpf-link") || strings.Contains(target, "bpf_link") {
			h.links++
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	h.maps = strings.Count(string(maps), "bpf-map")
	return h, err
}
