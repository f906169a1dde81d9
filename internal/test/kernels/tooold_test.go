package kernels

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// withoutLibbpf is the matrix's row of packages that load without libbpf. Their tests are
// those of the other rows.
const withoutLibbpf = "packages without libbpf"

// A kernel that is too old for packages without libbpf says so in one line.
func TestGuestWithoutLibbpf(t *testing.T) {
	if !testkit.Light {
		t.Skip("this build has libbpf")
	}
	s, err := plain.OpenAndLoad()
	if testkit.KernelHas(t, 5, 17) {
		must(t, err)
		must(t, s.Close())
		record(withoutLibbpf, "yes")
		return
	}
	if err == nil {
		s.Close()
		t.Fatal("it was loaded")
	}
	if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "use Linux 6.1 or newer") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	record(withoutLibbpf, "no")
}
