package skel_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// wantFailure requires an error with that errno and hint.
func wantFailure(t *testing.T, err error, errno syscall.Errno, hint string) {
	t.Helper()
	if !errors.Is(err, errno) {
		t.Errorf("got %v, want %v", err, errno)
	}
	if err := wantHint(err, hint); err != nil {
		t.Error(err)
	}
}

func TestHintAboutAnInterfaceInUse(t *testing.T) {
	ownNetwork(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp })
	must(t, err)
	const loopback = 1
	_, err = s.Progs.Xdp.AttachXDP(loopback, &skel.XDPOptions{Flags: skel.XDPGeneric})
	must(t, err)
	_, err = s.Progs.Xdp.AttachXDP(loopback, &skel.XDPOptions{Flags: skel.XDPGeneric})
	wantFailure(t, err, syscall.EBUSY, "already runs an XDP program: close the link of that program, or call UpdateProgram of that link with this program")
}

func TestHintAboutAnElementThatDiffers(t *testing.T) {
	s := loadKinds(t)
	key := uint32(1)
	err := s.Maps.OuterArray.Update(&key, s.Maps.Array)
	wantFailure(t, err, syscall.EINVAL, "the map differs from the one that the object declares: its value size is 24, not 8, max_entries is 16, not 3")
	must(t, s.Maps.OuterArray.Update(&key, s.Maps.First))
}

func TestHintAboutAPathThatIsNotAPin(t *testing.T) {
	needRoot(t)
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err := skel.OpenPinnedMap(file)
	if err == nil {
		t.Fatal("it was opened")
	}
	if err := wantHint(err, "BPF file system"); err != nil {
		t.Error(err)
	}
	m := loadKinds(t).Maps.Hash
	wantFailure(t, m.Pin(filepath.Join(bpffs(t), "a.b")), syscall.EPERM, "must not contain a dot")
}

// A path passed to Pin is valid until Unpin; one that the map had before stays.
func TestAMapCanBePinnedElsewhereAfterUnpin(t *testing.T) {
	dir := bpffs(t)
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	m := loadKinds(t).Maps.Hash
	must(t, m.Pin(a))
	if err := m.Pin(b); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a second pin returned %v", err)
	}
	must(t, m.Unpin(a))
	if err := m.Unpin(""); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a map without a pin path: error %v", err)
	}
	must(t, m.Pin(b))
	if _, err := os.Stat(b); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(a); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the first pin: %v", err)
	}
}
