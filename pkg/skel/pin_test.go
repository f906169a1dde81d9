package skel_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// A pin that fails leaves nothing behind: another path still works.
func TestAPinThatFailedCanBeTriedElsewhere(t *testing.T) {
	dir := bpffs(t)
	k := loadKinds(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp })
	must(t, err)
	link, err := s.Progs.RawTp.AttachRawTracepoint("sys_enter", nil)
	must(t, err)
	taken := dir + "/taken"
	must(t, k.Maps.Array.Pin(taken))
	for name, pin := range map[string]func(string) error{
		"map": k.Maps.Hash.Pin, "program": s.Progs.RawTp.Pin, "link": link.Pin,
	} {
		if err := pin(t.TempDir() + "/x"); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s: a pin outside of a BPF file system returned %v", name, err)
		}
		if err := pin(taken); !errors.Is(err, syscall.EEXIST) {
			t.Errorf("%s: a pin that exists returned %v", name, err)
		}
		if err := pin(dir + "/" + name); err != nil {
			t.Errorf("%s: then: %v", name, err)
		}
	}
	if err := k.Maps.Hash.Unpin(""); err != nil {
		t.Error(err)
	}
}
