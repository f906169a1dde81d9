//go:build linux && cgo

// Package nocgo runs the tests of maps and rings in a program that was built without cgo, on maps and programs that this
// process loaded with libbpf. The tests are in the folder pure.
package nocgo

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	_ "github.com/bpfskel/bpfskel/pkg/ringbuf" // which the tests without cgo use
)

func TestMapsAndRingsWithoutCgo(t *testing.T) {
	testkit.NeedKernel(t, 6, 1, "earlier ones have no user ring buffers")
	pins := testkit.BPFFS(t)
	k, err := kinds.OpenAndLoad()
	testkit.Must(t, err)
	defer k.Close()
	r, err := rings.OpenAndLoad()
	testkit.Must(t, err)
	defer r.Close()
	for name, pinned := range map[string]interface{ Pin(string) error }{
		"hash": k.Maps.Hash, "array": k.Maps.Array, "percpu_hash": k.Maps.PercpuHash, "queue": k.Maps.Queue, "trie": k.Maps.Trie,
		"ring": r.Maps.Ring, "perf": r.Maps.Perf, "user": r.Maps.User, "rings_bss": r.Maps.Bss,
		"run_ring": r.Progs.RunRing, "run_perf": r.Progs.RunPerf, "drain_user": r.Progs.DrainUser,
	} {
		testkit.Must(t, pinned.Pin(filepath.Join(pins, name)))
	}
	tests := build(t)
	var list strings.Builder
	cmd := exec.Command(tests, "-test.list", ".")
	cmd.Env, cmd.Stdout = append(os.Environ(), "BPFSKEL_TEST_PINS="+pins), &list
	testkit.Must(t, cmd.Run())
	names := strings.Fields(list.String())
	if len(names) < 9 {
		t.Errorf("the tests without cgo are %q", names)
	}
	// The descriptor is from this process's map; the other process gets a copy.
	testkit.Must(t, k.Maps.Hash.WithFD(func(fd int) error {
		copied, err := unix.Dup(fd)
		testkit.Must(t, err)
		hash := os.NewFile(uintptr(copied), "hash")
		defer hash.Close()
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				cmd := exec.Command(tests, "-test.run", "^"+name+"$", "-test.v", "-test.timeout=2m")
				cmd.Env = append(os.Environ(), "BPFSKEL_TEST_PINS="+pins)
				cmd.ExtraFiles = []*os.File{hash}
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
		return nil
	}))
	// This process sees the elements that the other process left in the map.
	if n, err := k.Maps.Hash.Len(); n != 99 || err != nil {
		t.Errorf("the other process left %d elements, %v", n, err)
	}
}

// build builds the tests without cgo.
func build(t *testing.T) string {
	sources, err := filepath.Glob("pure/*.go")
	testkit.Must(t, err)
	for _, source := range sources { // so that go test knows that the result depends on them
		_, err := os.ReadFile(source)
		testkit.Must(t, err)
	}
	path := filepath.Join(t.TempDir(), "pure.test")
	cmd := exec.Command("go", "test", "-c", "-o", path, "./pure")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	info, err := buildinfo.ReadFile(path)
	testkit.Must(t, err)
	for _, s := range info.Settings {
		if s.Key == "CGO_ENABLED" && s.Value == "0" {
			return path
		}
	}
	t.Fatalf("the program was built with %v", info.Settings)
	return ""
}
