//go:build linux && !cgo

package pure

import (
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// pins is the folder in which everything is pinned by its name.
var pins = os.Getenv("BPFSKEL_TEST_PINS")

// hashFD is the descriptor that this process was started with.
const hashFD = 3

func TestMain(m *testing.M) {
	if pins == "" {
		println("go test ./internal/test/nocgo runs these tests")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

var must = testkit.Must

func pinned(t *testing.T, name string) *skel.MapHandle {
	t.Helper()
	m, err := skel.OpenPinnedMap(filepath.Join(pins, name))
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	return m
}

func bpfCall[T any](cmd int, attr *T) (int, error) {
	// SAFETY: attr is a struct of the kernel's layout, and its addresses are kept by the callers.
	n, _, errno := unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

// run runs a pinned program once and returns its result.
func run(t *testing.T, name string) int32 {
	t.Helper()
	path, err := unix.BytePtrFromString(filepath.Join(pins, name))
	must(t, err)
	get := struct {
		path      *byte
		fd, flags uint32
	}{path: path}
	program, err := bpfCall(unix.BPF_OBJ_GET, &get)
	must(t, err)
	defer unix.Close(program)
	test := struct {
		program, result uint32
		_               [8]uint64
	}{program: uint32(program)}
	_, err = bpfCall(unix.BPF_PROG_TEST_RUN, &test)
	must(t, err)
	return int32(test.result)
}
