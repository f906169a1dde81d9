package kernels

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

var must, needRoot = testkit.Must, testkit.NeedRoot

// children need separate processes: libbpf probes the kernel once per process, and a
// process has its privileges.
var children = testkit.Children{
	"without mmap":    withoutMmap,
	"load plain":      loadPlain,
	"load a tp":       loadTP,
	"load with token": loadWithToken,
	"load and run":    loadAndRun,
	"load in vain":    loadRefusedProgram,
}

func TestMain(m *testing.M) { testkit.Main(m, children) }

// command returns the command of a child, which users other than root may run.
func command(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	cmd := children.Command(t, name)
	cmd.Path, cmd.Dir = publicBinary(t), "/"
	return cmd
}

// child runs one of children, with other privileges if how is not nil, and
// returns what it printed.
func child(t *testing.T, name string, how *syscall.SysProcAttr) (string, error) {
	t.Helper()
	cmd := command(t, name)
	cmd.SysProcAttr = how
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// publicBinary is a copy of this program that every user may execute; go test keeps the
// original in a folder that only root can read.
func publicBinary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bpfskel-kernels")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "program")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
