package skel_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// The error of a method that is called too early, or on a program of the wrong type,
// names the method and says what to do.
func TestErrorsOfWrongStatesSayWhatToDo(t *testing.T) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp })
	must(t, err)
	b := loadBasic(t)
	p, link := s.Progs, s.Links.Xdp
	const load = "SetAutoload(true) before Load"
	dir := bpffs(t)
	for _, c := range []struct {
		name string
		err  error
		op   string
		is   error
		want string
	}{
		{"run of a program that was not loaded", second(p.Tc.TestRun(skel.RunOptions{})), "test run", syscall.EINVAL, load},
		{"run without a packet", second(p.Xdp.TestRun(skel.RunOptions{})), "test run", syscall.EINVAL, "RunOptions.Data must have at least 14 bytes"},
		{"map without entries", loadWithout(t), "load", syscall.EINVAL, "type hash with keys of 4 bytes, values of 8 bytes, max_entries 0"},
		{"pin of one", p.Tc.Pin(dir + "/tc"), "pin", syscall.EINVAL, load},
		{"attach of one", second(p.Tc.AttachTCX(1, nil)), "attach tcx", syscall.EINVAL, load},
		{"section without a target", second(p.Xdp.Attach()), "attach", syscall.EOPNOTSUPP, "AttachXDP"},
		{"program that is only run", second(b.Progs.Run.Attach()), "attach", syscall.EOPNOTSUPP, "TestRun"},
		{"info of a link that is not attached", second(link.Info()), "get info", skel.ErrNotAttached, ""},
		{"disconnect of one", link.Disconnect(), "disconnect", skel.ErrNotAttached, ""},
		{"pin of a link that is not attached", link.Pin(dir + "/xdp"), "pin", skel.ErrNotAttached, ""},
	} {
		var e *skel.Error
		if !errors.As(c.err, &e) || e.Op != c.op || !errors.Is(e, c.is) || !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: %v", c.name, c.err)
		}
	}
}

// loadWithout loads an object whose hash has room for no elements.
func loadWithout(t *testing.T) error {
	open, err := kinds.Open()
	must(t, err)
	defer open.Close()
	must(t, open.Maps.Lru.SetType(uapi.MapTypeHash))
	must(t, open.Maps.Lru.SetMaxEntries(0))
	return second(open.Load())
}
