package skel_test

import (
	"errors"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// The errors of a map without a skeleton name it once, and the errors of a pin or a
// file descriptor that is not a map name the caller's argument.
func TestErrorsOfMapHandlesNameThemOnce(t *testing.T) {
	needRoot(t)
	s := loadKinds(t)
	own, err := skel.MapFromFD(s.Maps.Queue.FD())
	must(t, err)
	defer own.Close()
	pin := bpffs(t) + "/program"
	must(t, s.Progs.Target.Pin(pin))
	key := uint32(1)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"wrong type", second(skel.TypedMap[uint32, uint32](own).Lookup(&key)),
			"map queue: use: invalid argument: the kernel's map has the type queue, which needs a skel.Queue, not a skel.Map"},
		{"nothing there", second(skel.TypedQueue[[3]uint64](own).Pop()), "map queue: key does not exist"},
		{"pin of a program", second(skel.OpenPinnedMap(pin)), pin + ": open: "},
		{"no path", second(skel.OpenPinnedMap("")), `"": open: invalid argument: the path is empty`},
	} {
		if c.err == nil || len(c.err.Error()) < len(c.want) || c.err.Error()[:len(c.want)] != c.want {
			t.Errorf("%s: %v, want %s", c.name, c.err, c.want)
		}
	}
	var e *skel.Error
	if err := second(skel.TypedMap[uint32, uint32](own).Lookup(&key)); !errors.As(err, &e) || e.Map != "queue" || e.Object != "" {
		t.Errorf("%+v", e)
	}
}
