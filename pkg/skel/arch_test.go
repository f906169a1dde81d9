package skel_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/skelrt"
)

func TestOpenRefusesAnotherArchitecturesObject(t *testing.T) {
	for name, spec := range map[string]skelrt.Spec{
		"other registers":  {Name: "x", Archs: []string{"pdp11"}, BigEndian: bigEndian()},
		"other byte order": {Name: "x", BigEndian: !bigEndian()},
	} {
		_, err := skelrt.Open(&spec, nil, nil)
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "--goarch "+runtime.GOARCH) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func bigEndian() bool {
	switch runtime.GOARCH {
	case "mips", "mips64", "ppc64", "s390x":
		return true
	}
	return false
}
