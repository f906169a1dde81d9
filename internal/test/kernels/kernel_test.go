package kernels

import (
	"fmt"
	"os"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// version is the version of a kernel, such as {6, 12}.
type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

// record adds a cell to the matrix that make test-vm prints.
func record(what, result string) {
	if testkit.InGuest && (!testkit.Light || what == withoutLibbpf) {
		fmt.Printf("matrix: %s: %s\n", what, result)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
