package skel_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/pinned"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestAStaticVariableIsReachedBeforeLoad(t *testing.T) {
	open := openBasic(t)
	hidden := open.Maps.RodataHidden
	if got := hidden.InitialValue(); len(got) != 4 || got[0] != 5 {
		t.Errorf("the initial value is %v", got)
	}
	must(t, hidden.SetInitialValue([]byte{40, 0, 0, 0}))
	if err := hidden.SetInitialValue([]byte{1}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a value of another size: error %v", err)
	}
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if r, err := s.Progs.Run.TestRun(skel.RunOptions{}); err != nil || r.Return != 41 {
		t.Errorf("the program returned %d, %v, want 40 and 1", r.Return, err)
	}
}

func TestAResizedSection(t *testing.T) {
	open := openBasic(t)
	open.BssBig.Big[3] = 33
	before := open.BssBig
	size := open.Maps.BssBig.ValueSize()
	must(t, open.Maps.BssBig.SetValueSize(4*size))
	if open.BssBig == before || open.BssBig.Big[3] != 33 {
		t.Error("the pointer did not follow, or the content was lost")
	}
	if err := open.Maps.BssBig.SetValueSize(size / 2); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("with a size smaller than the Go type's: error %v", err)
	}
	moved := open.BssBig
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if s.BssBig != moved || s.Maps.BssBig.ValueSize() != 4*size {
		t.Errorf("after load it is at %p with %d bytes, was at %p", s.BssBig, s.Maps.BssBig.ValueSize(), moved)
	}
	// SAFETY: the section has four times its type's size.
	last := unsafe.Slice((*uint64)(unsafe.Pointer(s.BssBig)), size/2)[size/2-1:]
	last[0] = 7
	value, err := s.Maps.BssBig.Lookup(make([]byte, 4))
	must(t, err)
	if got := binary.NativeEndian.Uint64(value[4*size-8:]); got != 7 {
		t.Errorf("the map's last word is %d", got)
	}
}

func TestADataSectionKeepsItsShape(t *testing.T) {
	open := openBasic(t)
	m := open.Maps.Data
	for name, err := range map[string]error{
		"SetMaxEntries": m.SetMaxEntries(1000),
		"SetType":       m.SetType(1),
		"SetKeySize":    m.SetKeySize(8),
		"SetValueSize":  m.SetValueSize(1),
	} {
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	s, err := open.Load()
	must(t, err)
	must(t, s.Close())
}

func TestASectionThatIsNotMappedIsNil(t *testing.T) {
	open := openBasic(t)
	const mmapable = 1 << 10
	must(t, open.Maps.Bss.SetFlags(open.Maps.Bss.Flags()&^mmapable))
	must(t, open.Maps.Rodata.SetFlags(open.Maps.Rodata.Flags()&^mmapable))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if s.Bss != nil || s.Data == nil {
		t.Errorf("Bss is %p, Data %p", s.Bss, s.Data)
	}
	if s.Rodata.MyPid() != testkit.PID() || s.Rodata.TableLen() != 4 {
		t.Error("the view of .rodata is not filled")
	}
}

func openPinned(t *testing.T, dir string) *pinned.OpenSkel {
	t.Helper()
	open, err := pinned.Open(skel.WithPinRoot(dir))
	must(t, err)
	t.Cleanup(func() { open.Close() })
	return open
}

func TestAPinnedSectionIsSharedWithTheKernel(t *testing.T) {
	dir := bpffs(t)
	load := func(limit uint64) *pinned.Skel {
		open := openPinned(t, dir)
		open.Rodata.Limit = limit
		must(t, open.Maps.Bss.SetPinPath(filepath.Join(dir, "bss")))
		must(t, open.Maps.Rodata.SetPinPath(filepath.Join(dir, "rodata")))
		s, err := open.Load()
		must(t, err)
		t.Cleanup(func() { s.Close() })
		return s
	}
	first := load(5)
	must(t, second(first.Progs.Add.TestRun(skel.RunOptions{})))
	other := load(6) // reuses the map that the first has pinned
	if other.Bss.Total != 1 || other.Rodata.Limit() != 5 {
		t.Errorf("the second skeleton sees total %d and limit %d", other.Bss.Total, other.Rodata.Limit())
	}
	other.Bss.Total = 100
	must(t, second(first.Progs.Add.TestRun(skel.RunOptions{})))
	if first.Bss.Total != 101 || other.Bss.Total != 101 {
		t.Errorf("the totals are %d and %d", first.Bss.Total, other.Bss.Total)
	}
	must(t, first.Close())
	if r, err := other.Progs.Add.TestRun(skel.RunOptions{}); err != nil || r.Return != 5 || other.Bss.Total != 102 {
		t.Errorf("the program returned %d, %v, the total is %d", r.Return, err, other.Bss.Total)
	}
}

func TestASectionFromAnFd(t *testing.T) {
	dir := bpffs(t)
	first, err := openPinned(t, dir).Load()
	must(t, err)
	defer first.Close()
	open := openPinned(t, dir)
	must(t, open.Maps.Bss.ReuseFD(first.Maps.Bss.FD()))
	if err := open.Maps.Rodata.ReuseFD(first.Maps.Kept.FD()); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a map of another size: error %v", err)
	}
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	must(t, second(s.Progs.Add.TestRun(skel.RunOptions{})))
	if first.Bss.Total != 1 || s.Bss.Total != 1 {
		t.Errorf("the totals are %d and %d", first.Bss.Total, s.Bss.Total)
	}
}

func TestAMapThatWasPinned(t *testing.T) {
	dir := bpffs(t)
	first, err := openPinned(t, dir).Load()
	must(t, err)
	key := uint32(3)
	must(t, first.Maps.Kept.Update(&key, ptr(uint64(33))))
	must(t, first.Close())

	again, err := openPinned(t, dir).Load()
	must(t, err)
	defer again.Close()
	if v, err := again.Maps.Kept.Lookup(&key); err != nil || v != 33 {
		t.Errorf("the pinned map returned %d, %v", v, err)
	}
	own, err := skel.OpenPinnedMap(filepath.Join(dir, "kept"))
	must(t, err)
	defer own.Close()
	if v, err := skel.TypedMap[uint32, uint64](own).Lookup(&key); err != nil || v != 33 {
		t.Errorf("the map opened by its pin returned %d, %v", v, err)
	}
	must(t, again.Maps.Kept.Unpin(""))
	if _, err := skel.OpenPinnedMap(filepath.Join(dir, "kept")); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("after Unpin: %v", err)
	}
	must(t, again.Maps.Kept.Pin(""))
	open := openPinned(t, dir)
	must(t, open.Maps.Kept.SetPinPath(""))
	must(t, open.Maps.Kept.ReusePin(filepath.Join(dir, "kept")))
	reused, err := open.Load()
	must(t, err)
	defer reused.Close()
	if v, err := reused.Maps.Kept.Lookup(&key); err != nil || v != 33 {
		t.Errorf("the reused map returned %d, %v", v, err)
	}
}

// A pin or a reused fd can have other sizes than the object declares.
func TestAReusedMapOfAnotherSize(t *testing.T) {
	dir := bpffs(t)
	k := loadKinds(t)
	open := openPinned(t, dir)
	must(t, open.Maps.Kept.SetPinPath(""))
	must(t, open.Maps.Kept.ReuseFD(k.Maps.Hash.FD()))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if _, err := s.Maps.Kept.Lookup(ptr(uint32(1))); err == nil || !strings.Contains(err.Error(), "a key has 4 bytes in Go but 8") {
		t.Errorf("Lookup returned %v", err)
	}
}

// A view prints and copies the data that it reads, or zeros if it has none.
func TestViewsShowTheirValues(t *testing.T) {
	open, err := basic.Open()
	must(t, err)
	defer open.Close()
	open.Rodata.MyPid = 7
	open.Rodata.Config.Level = 42
	s, err := open.Load()
	must(t, err)
	text := fmt.Sprint(s.Rodata)
	for _, want := range []string{"{MyPid:7 ", "Table:[10 20 30 40]", "Level:42"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
	if v := s.Rodata.Value(); v.MyPid != 7 || v.Table != [4]uint64{10, 20, 30, 40} {
		t.Errorf("Value is %+v", v)
	}
	if v := s.Rodata.Config().Value(); v.Level != 42 {
		t.Errorf("the value of a struct is %+v", v)
	}
	must(t, s.Close())
	if text := fmt.Sprint(s.Rodata, s.Rodata.Config()); !strings.Contains(text, "{MyPid:0 ") || s.Rodata.Value() != (basic.Rodata{}) {
		t.Errorf("after Close it reads %s", text)
	}
	for i, x := range s.Rodata.TableAll() {
		if x != 0 {
			t.Errorf("after Close element %d is %d", i, x)
		}
	}
}

// A loop over an array in a view, by its iterator and by index.
func BenchmarkViewArray(b *testing.B) {
	s := loadBasic(b)
	b.Run("iterator", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint64
		for range b.N {
			for _, x := range s.RodataWide.WideAll() {
				sum += uint64(x)
			}
		}
		sink = sum
	})
	b.Run("index", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint64
		for range b.N {
			for i := range s.RodataWide.WideLen() {
				sum += uint64(s.RodataWide.Wide(i))
			}
		}
		sink = sum
	})
}

// The cost of a getter does not depend on the section's size.
func BenchmarkViewGetter(b *testing.B) {
	s := loadBasic(b)
	b.Run("section of 56 bytes", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint64
		for range b.N {
			sum += s.Rodata.Table(2)
		}
		sink = sum
	})
	b.Run("section of 65536 bytes", func(b *testing.B) {
		b.ReportAllocs()
		var sum uint64
		for range b.N {
			sum += s.RodataWide.Wide(2)
		}
		sink = sum
	})
}

var sink uint64

func BenchmarkGlobal(b *testing.B) {
	s := loadBasic(b)
	for name, f := range map[string]func(s *basic.Skel, n int){
		"read": func(s *basic.Skel, n int) {
			for range n {
				sink += s.Bss.Hits
			}
		},
		"write": func(s *basic.Skel, n int) {
			for i := range n {
				s.Data.Step = uint64(i)
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			f(s, b.N)
		})
	}
}

func BenchmarkMap(b *testing.B) {
	k := loadKinds(b)
	must(b, k.Maps.Lru.Update(ptr(uint32(1)), ptr(uint64(1))))
	key, missed, value := uint32(1), uint32(2), uint64(3)
	for name, f := range map[string]func(){
		"Lookup":        func() { value, _ = k.Maps.Lru.Lookup(&key) },
		"missed Lookup": func() { _, _ = k.Maps.Lru.Lookup(&missed) },
		"Update":        func() { _ = k.Maps.Lru.Update(&key, &value) },
		"All": func() {
			for _, v := range k.Maps.Lru.All() {
				sink += v
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				f()
			}
		})
	}
}
