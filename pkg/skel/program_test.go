package skel_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestOpenProgramProperties(t *testing.T) {
	open, err := attach.Open()
	must(t, err)
	defer open.Close()
	p := open.Progs.Fentry
	if p.Name() != "fentry" || p.Section() != "fentry/vfs_open" || p.Autoload() || !p.Autoattach() {
		t.Errorf("%s is of section %s, autoload %v, autoattach %v", p.Name(), p.Section(), p.Autoload(), p.Autoattach())
	}
	const tracing, fentry = 26, 24 // BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY
	if p.Type() != tracing || p.AttachType() != fentry {
		t.Errorf("type %d, attach type %d", p.Type(), p.AttachType())
	}
	must(t, p.SetAttachType(fentry+1))
	must(t, p.SetFlags(1<<4))
	must(t, p.SetLogLevel(2))
	must(t, p.SetAutoload(true))
	must(t, p.SetAutoattach(false))
	if p.AttachType() != fentry+1 || p.Flags() != 1<<4 || p.LogLevel() != 2 || !p.Autoload() || p.Autoattach() {
		t.Error("a setter had no effect")
	}
	must(t, open.Close())
	if p.Type() != 0 || p.Section() != "" || p.Pointer() != nil {
		t.Error("a closed program still has a property")
	}
	for name, err := range map[string]error{
		"SetType": p.SetType(1), "SetAttachType": p.SetAttachType(1), "SetFlags": p.SetFlags(1), "SetLogLevel": p.SetLogLevel(1),
		"SetLogBuffer": p.SetLogBuffer(1), "SetAttachTarget": p.SetAttachTarget(nil, "vfs_open"),
		"SetAutoattach": p.SetAutoattach(true),
	} {
		if !errors.Is(err, skel.ErrClosed) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

// A program with a type other than its section's is loaded, and attached explicitly.
func TestSetType(t *testing.T) {
	needRoot(t)
	open, err := attach.Open()
	must(t, err)
	const rawTracepoint = 17 // BPF_PROG_TYPE_RAW_TRACEPOINT
	must(t, open.Progs.RawTp.SetAutoload(true))
	must(t, open.Progs.TpBtf.SetAutoload(true))
	must(t, open.Progs.TpBtf.SetType(rawTracepoint))
	must(t, open.Progs.TpBtf.SetAttachType(0))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if _, err := s.Progs.TpBtf.Attach(); !errors.Is(err, syscall.EOPNOTSUPP) {
		t.Errorf("attaching by the section returned %v", err)
	}
	if _, err := s.Progs.TpBtf.AttachRawTracepoint("sys_enter", nil); err != nil {
		t.Error(err)
	}
	if info, err := s.Progs.TpBtf.Info(); err != nil || info.Type != rawTracepoint {
		t.Errorf("the kernel has type %d, %v", info.Type, err)
	}
}

func TestProgramInfo(t *testing.T) {
	s := loadBasic(t)
	info, err := s.Progs.HandleRaw.Info()
	must(t, err)
	counts, err := s.Maps.Counts.Info()
	must(t, err)
	if info.Name != "handle_raw" || info.ID == 0 || info.XlatedBytes == 0 || !info.GPL || info.Tag == [8]byte{} || info.LoadTime == 0 ||
		info.UID != uint32(os.Getuid()) || !slices.Contains(info.MapIDs, counts.ID) {
		t.Errorf("%+v, whose maps lack %d", info, counts.ID)
	}
	if _, err := s.Progs.NotLoaded.Info(); !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "program not_loaded") {
		t.Errorf("of a program that is not loaded: %v", err)
	}
}

// Programs keep sections of constants that they do not use: bpftool reads metadata there.
func TestProgramsKeepConstants(t *testing.T) {
	s := loadBasic(t)
	for _, p := range []*skel.Program{s.Progs.HandleRaw, s.Progs.HandleExit, s.Progs.Run, s.Progs.Nowhere} {
		program, err := p.Info()
		must(t, err)
		for _, m := range []*skel.RawMap{s.Maps.Rodata, s.Maps.RodataMore, s.Maps.RodataWide, s.Maps.RodataHidden} {
			section, err := m.Info()
			must(t, err)
			if !slices.Contains(program.MapIDs, section.ID) {
				t.Errorf("program %s lacks map %s", p.Name(), m.Name())
			}
		}
	}
}

func TestRunStats(t *testing.T) {
	s := loadBasic(t)
	must(t, second(s.Progs.Run.TestRun(skel.RunOptions{})))
	if stats, err := s.Progs.Run.RunStats(); err != nil || stats.Count != 0 {
		t.Errorf("before collecting: %+v, %v", stats, err)
	}
	stop, err := skel.CollectRunStats()
	must(t, err)
	defer stop()
	for range 3 {
		must(t, second(s.Progs.Run.TestRun(skel.RunOptions{})))
	}
	stop()
	stop()
	must(t, second(s.Progs.Run.TestRun(skel.RunOptions{})))
	if stats, err := s.Progs.Run.RunStats(); err != nil || stats.Count != 3 || stats.Time <= 0 {
		t.Errorf("3 runs were counted as %+v, %v", stats, err)
	}
}

func TestPinProgram(t *testing.T) {
	path := filepath.Join(pinFolder(t), "folder", "program")
	s := loadBasic(t)
	must(t, s.Progs.Run.Pin(path))
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if err := s.Progs.Run.Pin(path); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("a second pin returned %v", err)
	}
	must(t, s.Progs.Run.Unpin(path))
	if _, err := os.Stat(path); err == nil {
		t.Error("the pin is still there")
	}
	if err := s.Progs.Run.Unpin(path); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a second Unpin returned %v", err)
	}
}

func TestTheLogOfALoadThatSucceeds(t *testing.T) {
	open := openBasic(t)
	must(t, open.Progs.Run.SetLogBuffer(1<<20))
	must(t, open.Progs.Run.SetLogLevel(2))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if log := s.Progs.Run.Log(); !strings.Contains(log, "0: R1=ctx(") || !strings.Contains(log, "\nprocessed ") {
		t.Errorf("the log is %.200q", log)
	}
	if log := s.Progs.HandleRaw.Log(); log != "" {
		t.Errorf("a program without a buffer has the log %.200q", log)
	}
}

func TestTestRun(t *testing.T) {
	needRoot(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp })
	must(t, err)
	packet := make([]byte, 64)
	packet[13] = 7
	r, err := s.Progs.Xdp.TestRun(skel.RunOptions{Data: packet, DataOut: make([]byte, 128), Repeat: 10})
	must(t, err)
	if r.Return != 2 || s.Bss.Runs != 10 || !slices.Equal(r.Data, packet) || r.Duration <= 0 {
		t.Errorf("10 runs: %d runs, %+v", s.Bss.Runs, r)
	}
	_, err = s.Progs.Xdp.TestRun(skel.RunOptions{Data: packet, DataOut: make([]byte, 8)})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "program xdp: test run: ") {
		t.Errorf("too little room: error %v", err)
	}
	if _, err := s.Progs.Xdp.TestRun(skel.RunOptions{}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("no packet: error %v", err)
	}
}

func TestTestRunOnACPU(t *testing.T) {
	s := loadBasic(t)
	args := make([]byte, 16)
	r, err := s.Progs.HandleRaw.TestRun(skel.RunOptions{Context: args, Flags: skel.RunOnCPU, CPU: 0})
	if err != nil || r.Return != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.Progs.HandleRaw.TestRun(skel.RunOptions{Context: args, Flags: skel.RunOnCPU, CPU: 1 << 20}); !errors.Is(err, syscall.ENXIO) {
		t.Errorf("a CPU that does not exist: error %v", err)
	}
}

// A program replaces a function of another skeleton's, which may be closed before
// the load.
func TestFreplace(t *testing.T) {
	needLibbpf(t, "freplace")
	target, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Calls })
	must(t, err)
	calls := target.Progs.Calls
	if r, err := calls.TestRun(skel.RunOptions{Data: make([]byte, 64)}); err != nil || r.Return != 1 {
		t.Fatalf("before: %+v, %v", r, err)
	}
	open, err := attach.Open()
	must(t, err)
	p := open.Progs.Replacement
	must(t, p.SetAutoload(true))
	if err := p.SetAttachTarget(calls, "no_such_function"); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a function that does not exist: error %v", err)
	}
	must(t, p.SetAttachTarget(calls, "replaceable"))
	s, err := open.Load()
	c := attachCase{without: noTrampolines}
	if c.refused(t, err) {
		return
	}
	defer s.Close()
	link, err := s.Progs.Replacement.AttachFreplace(nil, "")
	must(t, err)
	if r, err := calls.TestRun(skel.RunOptions{Data: make([]byte, 64)}); err != nil || r.Return != 3 || s.Bss.Runs != 1 {
		t.Errorf("replaced: %+v, %v, %d runs", r, err, s.Bss.Runs)
	}
	must(t, link.Close())
	if r, err := calls.TestRun(skel.RunOptions{Data: make([]byte, 64)}); err != nil || r.Return != 1 {
		t.Errorf("after Close: %+v, %v", r, err)
	}
	again, err := s.Progs.Replacement.AttachFreplace(calls, "replaceable")
	must(t, err)
	if r, err := calls.TestRun(skel.RunOptions{Data: make([]byte, 64)}); err != nil || r.Return != 3 {
		t.Errorf("replaced again: %+v, %v", r, err)
	}
	must(t, again.Close())
	must(t, target.Close())
	if _, err := s.Progs.Replacement.AttachFreplace(calls, "replaceable"); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("a target that is closed: error %v", err)
	}
}

func TestAttachTargetOfTheKernel(t *testing.T) {
	needRoot(t)
	open, err := attach.Open()
	must(t, err)
	defer open.Close()
	if err := open.Progs.Fentry.SetAttachTarget(nil, "no_such_function_in_any_kernel"); !errors.Is(err, syscall.ESRCH) && !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a function that does not exist: error %v", err)
	}
	must(t, open.Progs.Fentry.SetAttachTarget(nil, "vfs_read"))
}

func TestATargetStaysOpenUntilLoad(t *testing.T) {
	needLibbpf(t, "freplace")
	needRoot(t)
	before := heldResources(t)
	target, err := basic.OpenAndLoad()
	must(t, err)
	open, err := attach.Open()
	must(t, err)
	must(t, open.Progs.Replacement.SetAttachTarget(target.Progs.Run, "run"))
	must(t, target.Close())
	must(t, open.Close())
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}
