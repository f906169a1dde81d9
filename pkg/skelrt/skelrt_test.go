package skelrt_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/skelrt"
)

// refusing is a back end that lacks an option.
type refusing struct{ backend.Backend }

func (refusing) Open(*backend.Spec, backend.OpenOptions) (backend.Object, error) {
	return nil, &backend.UnsupportedError{Backend: "refusing", Option: "kconfig"}
}

// In a build without a back end, or with one that lacks an option, Open's error names
// the missing part.
func TestOpenSaysWhatIsMissing(t *testing.T) {
	spec := skelrt.Spec{Name: "x_bpf", BigEndian: strings.Contains("mips mips64 ppc64 s390x", runtime.GOARCH)}
	for want, newBackend := range map[string]func() (skelrt.Backend, error){
		"x_bpf: open: function not implemented: this program was built without libbpf": func() (skelrt.Backend, error) { return nil, skelrt.ErrNoLibbpf },
		"x_bpf: open: the back end refusing does not support kconfig":                  func() (skelrt.Backend, error) { return refusing{}, nil },
	} {
		o, err := skelrt.Open(&spec, newBackend, []skel.OpenOption{skel.WithKconfig("CONFIG_HZ=1000")})
		if o != nil || !errors.Is(err, errors.ErrUnsupported) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
