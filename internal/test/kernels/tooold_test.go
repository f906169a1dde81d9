package kernels

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// A kernel that is too old for packages without libbpf says so in one line.
func TestGuestTooOldForLight(t *testing.T) {
	if !testkit.Light || testkit.KernelHas(t, 5, 17) {
		t.Skip("for older kernels, without libbpf")
	}
	s, err := plain.OpenAndLoad()
	if err == nil {
		s.Close()
		t.Fatal("it was loaded")
	}
	if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "use Linux 6.1 or newer") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
	record("packages without libbpf", "no")
}
