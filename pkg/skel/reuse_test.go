package skel_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A map that load reuses has the shape of the map behind the descriptor: setters that come
// later are refused, not ignored.
func TestAReusedMapHasItsShape(t *testing.T) {
	first := loadKinds(t)
	open, err := kinds.Open()
	must(t, err)
	defer open.Close()
	m := open.Maps.Hash
	must(t, m.ReuseFD(first.Maps.Hash.FD()))
	for name, err := range map[string]error{
		"SetMaxEntries": m.SetMaxEntries(7), "SetFlags": m.SetFlags(0), "SetKeySize": m.SetKeySize(4), "SetValueSize": m.SetValueSize(4),
		"SetNUMANode": m.SetNUMANode(0), "SetExtra": m.SetExtra(0), "SetAutocreate": m.SetAutocreate(false), "SetType": m.SetType(uapi.MapTypeHash),
	} {
		if !errors.Is(err, syscall.EBUSY) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

// A reused map is pinned at its path as a new one is, and the pin stays if load fails
// although it was there before.
func TestAReusedMapIsPinned(t *testing.T) {
	path := filepath.Join(bpffs(t), "counts")
	first := loadKinds(t)
	open, err := kinds.Open()
	must(t, err)
	defer open.Close()
	must(t, open.Maps.Hash.ReuseFD(first.Maps.Hash.FD()))
	must(t, open.Maps.Hash.SetPinPath(path))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	pinned, err := skel.OpenPinnedMap(path)
	must(t, err)
	defer pinned.Close()
	info, err := pinned.Info()
	must(t, err)
	if want, err := first.Maps.Hash.Info(); err != nil || info.ID != want.ID {
		t.Errorf("map %d is pinned, want %d, %v", info.ID, want.ID, err)
	}
}

// The elements of a map of maps that load reuses are those of whoever uses it already.
func TestElementsOfAReusedMapOfMapsStay(t *testing.T) {
	first := loadKinds(t)
	key := uint32(0)
	want, err := first.Maps.OuterArray.LookupID(&key)
	must(t, err)
	open, err := kinds.Open()
	must(t, err)
	defer open.Close()
	must(t, open.Maps.OuterArray.ReuseFD(first.Maps.OuterArray.FD()))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if got, err := first.Maps.OuterArray.LookupID(&key); err != nil || got != want {
		t.Errorf("the element is map %d, %v, want %d", got, err, want)
	}
}

// Load fills in section .kconfig, whatever its initial value is.
func TestKconfigHasNoInitialValue(t *testing.T) {
	open, err := basic.Open()
	must(t, err)
	defer open.Close()
	value := open.Maps.Kconfig.InitialValue()
	if err := open.Maps.Kconfig.SetInitialValue(value); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("SetInitialValue returned %v", err)
	}
}
