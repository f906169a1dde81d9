package skel_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

var (
	must, needRoot, needKernel, needLibbpf, kernelHas, bpffs = testkit.Must, testkit.NeedRoot, testkit.NeedKernel, testkit.NeedLibbpf, testkit.KernelHas, testkit.BPFFS

	children = testkit.Children{}
)

// libbpfVersion is 107 for 1.7, 0 in a build without libbpf.
var libbpfVersion int

func TestMain(m *testing.M) { testkit.Main(m, children) }

// child runs one of children, through the given command line if there is one.
func child(t *testing.T, name string, through ...string) (string, error) {
	t.Helper()
	cmd := children.Command(t, name, through...)
	if len(through) > 0 {
		cmd.Env = append(cmd.Env, "ASAN_OPTIONS=detect_leaks=0") // it does not work under strace
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// openBasic opens the test object with this process as the one that it watches.
func openBasic(t testing.TB) *basic.OpenSkel {
	t.Helper()
	needRoot(t)
	open, err := basic.Open()
	must(t, err)
	t.Cleanup(func() { open.Close() })
	open.Rodata.MyPid = testkit.PID()
	return open
}

func loadBasic(t testing.TB) *basic.Skel {
	t.Helper()
	s, err := openBasic(t).Load()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// attachAgain attaches a program that is already attached.
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

// enterKernel makes n system calls, which the test object counts.
func enterKernel(n int) {
	for range n {
		unix.Getpgid(0)
	}
}

// hitsIncrease reports whether system calls are counted now.
func hitsIncrease(s *basic.Skel) bool {
	before := s.Bss.Hits
	enterKernel(10)
	return s.Bss.Hits >= before+10
}

// resources are the kernel resources that a process holds: file descriptors, and mappings.
type resources struct{ fds, links, maps int }

func heldResources(t testing.TB) resources {
	t.Helper()
	h, err := countResources()
	must(t, err)
	return h
}

func countResources() (h resources, err error) {
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
