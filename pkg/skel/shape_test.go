package skel_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/bpfskel/bpfskel/internal/test/skels/arena"
	"github.com/bpfskel/bpfskel/internal/test/skels/pinned"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// libbpf maps an arena with a fixed address over other mappings.
func TestAnArenaDoesNotReplaceAMapping(t *testing.T) {
	needLibbpf(t, "arenas with variables")
	needKernel(t, 6, 9, "earlier ones have no arenas")
	load := func(at uintptr) (*arena.Skel, error) {
		open, err := arena.Open()
		must(t, err)
		t.Cleanup(func() { open.Close() })
		must(t, open.Maps.Heap.SetExtra(uint64(at)))
		return open.Load()
	}
	needRoot(t)
	addr := uintptr(1<<44 + rand.N[uint64](1<<20)<<24)
	last := addr + 15*uintptr(os.Getpagesize())
	must(t, mapAt(last))
	// SAFETY: the page was mapped above.
	there := unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&last))), 1)
	there[0] = 7
	if _, err := load(addr); !errors.Is(err, syscall.EEXIST) || !strings.Contains(err.Error(), "map heap: ") {
		t.Errorf("an address that is already in use: error %v", err)
	}
	if there[0] != 7 {
		t.Error("the earlier mapping was replaced")
	}
	unmapAt(last)
	if err := mapAt(addr); err != nil {
		t.Errorf("a failed load keeps the range: %v", err)
	}
	unmapAt(addr)

	s, err := load(addr)
	must(t, err)
	r, err := s.Progs.Run.TestRun(skel.RunOptions{})
	must(t, err)
	if r.Return != 6 || s.Arena.Table[0] != 6 {
		t.Errorf("the program returned %d, the arena shows %d", r.Return, s.Arena.Table[0])
	}
	must(t, s.Close())
	if line, err := mappedAt(addr); line != "" || err != nil {
		t.Errorf("after Close: %s, %v", line, err)
	}
}

// Sizes by which libbpf has allocated memory cannot be changed afterwards.
func TestSectionMapsKeepTheirAttributes(t *testing.T) {
	needLibbpf(t, "arenas with variables")
	needRoot(t)
	open, err := arena.Open()
	must(t, err)
	defer open.Close()
	own, err := likeData(false)
	must(t, err)
	defer own.Close()
	heap, before := open.Maps.Heap, open.Maps.Heap.InitialValue()
	ops := openOps(t)
	first := ops.Maps.First
	size := first.ValueSize()
	for name, err := range map[string]error{
		"an arena of another type":             heap.SetType(2),
		"an arena with a value size":           heap.SetValueSize(1 << 20),
		"an arena too small for its variables": heap.SetMaxEntries(1),
		"an arena from an array":               heap.ReuseFD(own.FD()),
		"a struct_ops of another type":         first.SetType(2),
		"a struct_ops with a larger value":     first.SetValueSize(256 << 10),
		"a struct_ops with another key":        first.SetKeySize(8),
		"a struct_ops with more elements":      first.SetMaxEntries(2),
		"a struct_ops from an array":           first.ReuseFD(own.FD()),
	} {
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	if first.ValueSize() != size || len(first.InitialValue()) != size || !bytes.Equal(heap.InitialValue(), before) {
		t.Error("the map changed in spite of the error")
	}
	k := openPinned(t, t.TempDir()).Maps.Kept
	for name, err := range map[string]error{"arena": k.SetType(33), "struct_ops": k.SetType(26)} {
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("a hash made into %s returned %v", name, err)
		}
	}
	s := loadOps(t, ops)
	if err := openPinned(t, t.TempDir()).Maps.Kept.ReuseFD(s.Maps.First.FD()); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a struct_ops for a hash: error %v", err)
	}
}

// A data section accepts only an array of its size for reuse.
func TestADataSectionFromAHash(t *testing.T) {
	needRoot(t)
	open, err := pinned.Open()
	must(t, err)
	defer open.Close()
	like, err := pinned.Open()
	must(t, err)
	defer like.Close()
	must(t, like.Maps.Kept.SetPinPath(""))
	must(t, like.Maps.Kept.SetMaxEntries(1))
	s, err := like.Load()
	must(t, err)
	defer s.Close()
	if err := open.Maps.Data.ReuseFD(s.Maps.Kept.FD()); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a hash with the section's sizes: error %v", err)
	}
}
