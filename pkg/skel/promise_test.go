package skel_test

import (
	"reflect"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// The promises of a skeleton, one test per promise (S1 to S8).

func TestS1EveryMapProgramLinkAndVariableIsAField(t *testing.T) {
	open := openBasic(t)
	checkNoNilPointer(t, reflect.ValueOf(open).Elem(), "OpenSkel")
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	checkNoNilPointer(t, reflect.ValueOf(s).Elem(), "Skel")

	// The compiler checks names and types.
	var (
		_ *skel.Map[basic.Key, uint64]    = s.Maps.Counts
		_ *skel.Map[uint32, basic.Config] = s.Maps.Slots
		_ *skel.Program                   = s.Progs.HandleRaw
		_ *skel.Link                      = s.Links.HandleExit
		_ *uint64                         = &s.Bss.Hits
		_ int32                           = s.DataExtra.Extra
		_ int32                           = s.RodataMore.More()
		_ uint32                          = s.Kconfig.LinuxKernelVersion()
	)
}

// checkNoNilPointer fails for a nil pointer among the fields, including nested fields.
func checkNoNilPointer(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	for i := range v.NumField() {
		f, name := v.Field(i), path+"."+v.Type().Field(i).Name
		switch {
		case f.Kind() == reflect.Pointer && f.IsNil():
			t.Errorf("%s is nil", name)
		case f.Kind() == reflect.Struct:
			checkNoNilPointer(t, f, name)
		}
	}
}

func TestS2OpenLoadAttachAndTeardownAreOneCallEach(t *testing.T) {
	needRoot(t)
	before := heldResources(t)
	s, err := basic.OpenAndLoad()
	must(t, err)
	must(t, s.Attach())
	if during := heldResources(t); during.fds <= before.fds || during.links == before.links {
		t.Errorf("attached, the process holds %+v, before %+v", during, before)
	}
	must(t, s.Close())
	if after := heldResources(t); after != before {
		t.Errorf("after Close the process holds %+v, before %+v", after, before)
	}
}

func TestS3EveryLinkHasAFieldAndDiesWithTheSkeleton(t *testing.T) {
	before := heldResources(t)
	s := loadBasic(t)
	link := s.Links.HandleRaw
	if link.Attached() {
		t.Error("attached before Attach")
	}
	must(t, s.Attach())
	if s.Links.HandleRaw != link || !link.Attached() || !s.Links.HandleExit.Attached() {
		t.Error("Attach did not attach the existing links")
	}
	if s.Links.Nowhere.Attached() || s.Links.NotLoaded.Attached() || s.Links.Run.Attached() {
		t.Error("Attach attached a program that names no target, or that is not loaded")
	}
	if !hitsIncrease(s) {
		t.Error("attached programs do not count")
	}
	must(t, s.Close())
	if after := heldResources(t); after != before {
		t.Errorf("after Close the process holds %+v, before %+v", after, before)
	}
}

func TestS4PointersAreFilledInByPosition(t *testing.T) {
	s := loadBasic(t)
	for want, m := range map[string]interface{ Name() string }{
		"counts": s.Maps.Counts, "slots": s.Maps.Slots, "basic_bp.rodata": s.Maps.Rodata, ".data.extra": s.Maps.DataExtra,
		"handle_raw": s.Progs.HandleRaw, "run": s.Progs.Run, "not_loaded": s.Progs.NotLoaded,
	} {
		if m.Name() != want {
			t.Errorf("the field of %s has the map %s", want, m.Name())
		}
	}
	if fd := s.Progs.NotLoaded.FD(); fd != -1 {
		t.Errorf("a program without autoload has fd %d", fd)
	}
}

func TestS5AGlobalIsAFieldOfSharedMemory(t *testing.T) {
	s := loadBasic(t)
	must(t, s.Attach())
	s.Data.Step = 5
	enterKernel(1)
	if s.Bss.LastStep != 5 {
		t.Errorf("the program saw step %d after an assignment of 5", s.Bss.LastStep)
	}
	before := atomic.LoadUint64(&s.Bss.Hits)
	enterKernel(100)
	if got := atomic.LoadUint64(&s.Bss.Hits) - before; got < 600 {
		t.Errorf("100 system calls made %d hits, want at least 600", got)
	}
	if s.BssBig.Big[8191] == 0 {
		t.Error("the last word of a large section did not change")
	}
}

func TestS6GlobalsAreSetBeforeLoadByAssignment(t *testing.T) {
	open := openBasic(t)
	if open.Rodata.Table != [4]uint64{10, 20, 30, 40} || open.Data.Step != 2 {
		t.Errorf("initial values are %v and %d", open.Rodata.Table, open.Data.Step)
	}
	open.Rodata.Config.Level = 42
	open.Rodata.Table[2] = 1000
	open.RodataMore.More = 1
	open.DataExtra.Extra = 77
	open.Data.Step = 9
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	must(t, s.Attach())
	enterKernel(1)
	if s.Bss.SeenLevel != 42 || s.Bss.SeenTable != 1001 || s.Bss.LastStep != 9 {
		t.Errorf("the program saw level %d, table %d, step %d", s.Bss.SeenLevel, s.Bss.SeenTable, s.Bss.LastStep)
	}
	if s.Rodata.Config().Level() != 42 || s.Rodata.Table(2) != 1000 || s.RodataMore.More() != 1 {
		t.Error("the views do not show what was assigned")
	}
	key := basic.Key{Id: 77}
	if n, err := s.Maps.Counts.Lookup(&key); err != nil || n == 0 {
		t.Errorf("the key from .data.extra has count %d: %v", n, err)
	}
}

func TestS7PointersStayValidAcrossLoad(t *testing.T) {
	open := openBasic(t)
	data, bss, extra, big := open.Data, open.Bss, open.DataExtra, open.BssBig
	step, hits := &data.Step, &bss.Hits
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	for name, same := range map[string]bool{
		"Data": s.Data == data, "Bss": s.Bss == bss, "DataExtra": s.DataExtra == extra, "BssBig": s.BssBig == big,
	} {
		if !same {
			t.Errorf("%s has moved", name)
		}
	}
	must(t, s.Attach())
	*step = 1
	enterKernel(10)
	if *hits < 10 {
		t.Errorf("a pointer from before load shows %d hits", *hits)
	}
	if open.Data != nil || open.Rodata != nil || open.BssBig != nil {
		t.Error("the OpenSkel still has pointers after Load")
	}
}

func TestS7ViewsReadTheMapItself(t *testing.T) {
	open := openBasic(t)
	before := uintptr(unsafe.Pointer(open.Rodata))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if s.Rodata.MyPid() != testkit.PID() {
		t.Errorf("my_pid is %d", s.Rodata.MyPid())
	}
	// A view has one pointer, to the address that the section had before.
	if after := *(*uintptr)(unsafe.Pointer(&s.Rodata)); after != before {
		t.Errorf(".rodata was at %#x and is at %#x", before, after)
	}
}
