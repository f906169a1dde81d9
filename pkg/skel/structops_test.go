package skel_test

import (
	"errors"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/ops"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// openOps opens the congestion controls. The two that are called alike are not
// attached by Attach.
func openOps(t *testing.T) *ops.OpenSkel {
	t.Helper()
	needLibbpf(t, "struct_ops")
	ownNetwork(t)
	open, err := ops.Open()
	must(t, err)
	t.Cleanup(func() { open.Close() })
	return open
}

func loadOps(t *testing.T, open *ops.OpenSkel) *ops.Skel {
	t.Helper()
	needKernel(t, 6, 4, "earlier ones have no links of struct_ops")
	s, err := open.Load()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// connectWith makes a connection that a congestion control controls.
func connectWith(t *testing.T, name string) error {
	t.Helper()
	client := inet(t, unix.SOCK_STREAM)
	if err := unix.SetsockoptString(client, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name); err != nil {
		return err
	}
	connect(t, client)
	return nil
}

// registered reports whether the kernel has a congestion control.
func registered(t *testing.T, name string) bool {
	t.Helper()
	err := connectWith(t, name)
	if err != nil && !errors.Is(err, syscall.ENOENT) {
		t.Fatal(err)
	}
	return err == nil
}

func TestStructOpsIsSetBeforeLoad(t *testing.T) {
	open := openOps(t)
	first := open.StructOps.First
	if !first.Init.IsSet() || skel.CString(first.Name[:]) != "bpfskel_live" {
		t.Errorf("the object says init %v, name %q", first.Init.IsSet(), first.Name)
	}
	copy(first.Name[:], "bpfskel_named")
	must(t, first.Init.Set(open.Progs.SecondInit))
	open.StructOps.Second.Init.Clear()
	s := loadOps(t, open)
	if open.StructOps.First != nil || open.StructOps.Old != nil {
		t.Error("a struct_ops can be set after Load")
	}
	must(t, second(s.Maps.First.Attach()))
	must(t, second(s.Maps.Second.Attach()))
	must(t, connectWith(t, "bpfskel_named"))
	if s.Bss.FirstInits != 0 || s.Bss.SecondInits != 1 {
		t.Errorf("init, swapped: %d and %d calls", s.Bss.FirstInits, s.Bss.SecondInits)
	}
	must(t, connectWith(t, "bpfskel_live"))
	if s.Bss.FirstInits != 0 || s.Bss.SecondInits != 1 {
		t.Errorf("init, cleared: %d and %d calls", s.Bss.FirstInits, s.Bss.SecondInits)
	}
}

func TestStructOpsTakeFunctionsOfTheirObjectOnly(t *testing.T) {
	open, other := openOps(t), openOps(t)
	must(t, open.StructOps.First.Init.Set(other.Progs.SecondInit))
	_, err := open.Load()
	if !errors.Is(err, syscall.EOPNOTSUPP) {
		t.Errorf("a program of another object: error %v", err)
	}
	slot := &other.StructOps.First.Init
	if err := slot.Set(open.Progs.SecondInit); !errors.Is(err, syscall.EINVAL) || !slot.IsSet() {
		t.Errorf("a program that is no longer open: error %v", err)
	}
}

func TestStructOpsAttachAndDetach(t *testing.T) {
	open := openOps(t)
	must(t, open.Maps.Second.SetAutoattach(false))
	s := loadOps(t, open)
	if registered(t, "bpfskel_live") {
		t.Fatal("registered before Attach")
	}
	must(t, s.Attach())
	if !registered(t, "bpfskel_live") || !registered(t, "bpfskel_old") || s.Links.Second.Attached() {
		t.Error("another struct_ops than the one that Attach registers")
	}
	info, err := s.Links.First.Info()
	must(t, err)
	m, err := s.Maps.First.Info()
	must(t, err)
	if info.Type.String() != "struct_ops" || info.MapID != m.ID {
		t.Errorf("the link is %+v, the map has id %d", info, m.ID)
	}
	must(t, s.Links.First.Close())
	if registered(t, "bpfskel_live") || !registered(t, "bpfskel_old") {
		t.Error("the wrong one was unregistered")
	}
	must(t, s.Detach())
	if registered(t, "bpfskel_old") {
		t.Error("registered after Detach")
	}
	results, err := s.AttachEach()
	if !errors.Is(err, syscall.EBUSY) || !registered(t, "bpfskel_live") || registered(t, "bpfskel_old") {
		t.Errorf("a second attach returned %v", err)
	}
	for _, r := range results {
		if r.Program != "" && r.Err != nil || (r.Map == "old") != (r.Err != nil) || (r.Map == "first") != r.Link.Attached() {
			t.Errorf("a second attach of program %q, map %q: attached %v, %v", r.Program, r.Map, r.Link.Attached(), r.Err)
		}
	}
	must(t, s.Close())
	if registered(t, "bpfskel_live") || registered(t, "bpfskel_old") {
		t.Error("registered after Close")
	}
}

func TestReplaceACongestionControlThatIsInUse(t *testing.T) {
	s := loadOps(t, openOps(t))
	link, err := s.Maps.First.Attach()
	must(t, err)
	must(t, connectWith(t, "bpfskel_live"))
	must(t, link.UpdateMap(s.Maps.Second))
	must(t, connectWith(t, "bpfskel_live"))
	if s.Bss.FirstInits != 1 || s.Bss.SecondInits != 1 {
		t.Errorf("%d calls of the first, %d of the replacement", s.Bss.FirstInits, s.Bss.SecondInits)
	}
	if _, err := s.Maps.First.Attach(); !errors.Is(err, syscall.EEXIST) || err.Error() != "ops_bpf: map first: attach: file exists" {
		t.Errorf("a name that is already in use: error %v", err)
	}
	must(t, link.UpdateMap(s.Maps.First))
	must(t, s.Links.First.Adopt(link))
	must(t, s.Links.First.Close())
	if registered(t, "bpfskel_live") {
		t.Error("registered after Close")
	}
}

func TestUpdateMapOfOtherLinks(t *testing.T) {
	s, other := loadOps(t, openOps(t)), loadOps(t, openOps(t))
	link, err := s.Maps.First.Attach()
	must(t, err)
	old, err := s.Maps.Old.Attach()
	must(t, err)
	for name, err := range map[string]error{
		"another skeleton's map":       link.UpdateMap(other.Maps.Second),
		"a map without a link":         old.UpdateMap(s.Maps.First),
		"to a map without a link":      link.UpdateMap(s.Maps.Old),
		"a program's link, from a map": s.Links.FirstInit.UpdateMap(s.Maps.Second),
	} {
		if !errors.Is(err, syscall.EINVAL) && !errors.Is(err, skel.ErrNotAttached) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	if old.FD() != -1 || !errors.Is(old.Pin("/sys/fs/bpf/never"), syscall.EOPNOTSUPP) {
		t.Error("a struct_ops without a link has the map's file descriptor")
	}
	raw := attachAgain(t, loadBasic(t))
	if err := raw.UpdateMap(s.Maps.Second); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("another skeleton's link returned %v", err)
	}
}

// Links of struct_ops that a program still holds after the skeleton's Close are
// dead, and are not used by libbpf any more.
func TestStructOpsLinksHeldPastClose(t *testing.T) {
	s := loadOps(t, openOps(t))
	byHand, err := s.Maps.First.Attach()
	must(t, err)
	must(t, second(s.Maps.Old.Attach()))
	old, err := s.Maps.Old.Attach()
	if err == nil {
		t.Error("registered twice")
	}
	must(t, s.Close())
	for range 3 {
		must(t, byHand.Close())
		must(t, s.Links.Old.Close())
	}
	if err := byHand.UpdateMap(s.Maps.Second); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("UpdateMap returned %v", err)
	}
	if old != nil || registered(t, "bpfskel_live") || registered(t, "bpfskel_old") {
		t.Error("something is registered after Close")
	}
}
