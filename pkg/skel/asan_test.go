//go:build asan

package skel_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// The errors that these tests look for are in libbpf, which must also be instrumented:
// a link that is destroyed after its object is detected.
func init() { children["link after object"] = linkAfterObject }

func linkAfterObject() error {
	open, err := attach.Open()
	if err != nil {
		return err
	}
	if err := open.Progs.Usdt.SetAutoload(true); err != nil {
		return err
	}
	s, err := open.Load()
	if err != nil {
		return err
	}
	link, err := skel.RawProgram(s.Progs.Usdt).AttachUSDT(backend.USDT{PID: -1, Path: os.Getenv(targetVariable), Provider: "bpfskel", Name: "probe"})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return link.Destroy()
}

const targetVariable = "BPFSKEL_TEST_TARGET"

func TestASanSeesALinkDestroyedAfterItsObject(t *testing.T) {
	needRoot(t)
	t.Setenv(targetVariable, string(buildTarget(t)))
	out, err := child(t, "link after object")
	if err == nil || !strings.Contains(out, "heap-use-after-free") {
		t.Errorf("%v: %s", err, out)
	}
}
