package kernels

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// guest tells whether this is a guest of make test-vm, whose kernels are known:
// there every expectation is checked, and nothing is skipped.
var guest = os.Getenv("BPFSKEL_GUEST") != ""

// version is a kernel's, such as {6, 12}.
type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v version) atLeast(w version) bool {
	return v.major > w.major || v.major == w.major && v.minor >= w.minor
}

// running is the version of the kernel that runs.
func running(t *testing.T) version {
	t.Helper()
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(unix.ByteSliceToString(name.Release[:]), ".", 3)
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		t.Fatalf("kernel release %q", parts)
	}
	return version{major, minor}
}

// record adds a cell to the matrix that make test-vm prints.
func record(what, result string) {
	if guest {
		fmt.Printf("matrix: %s: %s\n", what, result)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
