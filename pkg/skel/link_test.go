package skel_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// pinFolder is a folder in a BPF file system.
func pinFolder(t *testing.T) string {
	t.Helper()
	needRoot(t)
	var fs unix.Statfs_t
	if unix.Statfs("/sys/fs/bpf", &fs) != nil || uint32(fs.Type) != unix.BPF_FS_MAGIC {
		t.Skip("no BPF file system at /sys/fs/bpf")
	}
	dir, err := os.MkdirTemp("/sys/fs/bpf", "bpfskel-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestAPinnedLinkOutlivesItsSkeleton(t *testing.T) {
	path := filepath.Join(pinFolder(t), "link")
	s := loadBasic(t)
	must(t, s.Attach())
	link := s.Links.HandleRaw
	must(t, link.Pin(path))
	if err := link.Pin(path + "2"); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("a second pin returned %v", err)
	}
	if link.PinPath() != path {
		t.Errorf("it is pinned at %q", link.PinPath())
	}
	info, err := link.Info()
	must(t, err)
	// The map of the variables outlives the skeleton as well, for the test to see.
	bss, err := skel.MapFromFD(s.Maps.Bss.FD())
	must(t, err)
	defer bss.Close()
	must(t, s.Close())
	if !countsSystemCalls(t, bss) {
		t.Error("the program counts nothing after Close")
	}

	// Another skeleton takes over the attachment.
	next := loadBasic(t)
	taken, err := next.OpenPinnedLink(path)
	must(t, err)
	again, err := taken.Info()
	must(t, err)
	if again != info {
		t.Errorf("the pin is link %+v, not %+v", again, info)
	}
	must(t, next.Links.HandleRaw.Adopt(taken))
	must(t, next.Links.HandleRaw.Unpin())
	if err := next.Links.HandleRaw.Unpin(); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a second Unpin returned %v", err)
	}
	must(t, next.Links.HandleRaw.Close())
	if countsSystemCalls(t, bss) {
		t.Error("the program still counts after Unpin and Close")
	}
	if _, err := next.OpenPinnedLink(path); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a removed pin: error %v", err)
	}
}

// countsSystemCalls reports whether system calls are counted in a section of the basic object.
func countsSystemCalls(t *testing.T, bss *skel.MapHandle) bool {
	t.Helper()
	sections := skel.TypedMap[uint32, basic.Bss](bss)
	before, err := sections.Lookup(new(uint32))
	must(t, err)
	enterKernel(10)
	after, err := sections.Lookup(new(uint32))
	must(t, err)
	return after.Hits >= before.Hits+10
}

func TestAPinnedTracepointOutlivesItsLink(t *testing.T) {
	needTracefs(t)
	path := filepath.Join(pinFolder(t), "link")
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tp })
	must(t, err)
	link, err := s.Progs.Tp.AttachTracepoint("raw_syscalls", "sys_enter", nil)
	must(t, err)
	must(t, link.Pin(path))
	must(t, link.Close())
	runs := s.Bss.Runs
	getppid(t, s)
	if s.Bss.Runs == runs {
		t.Error("a pinned tracepoint ended with its link")
	}
	must(t, os.Remove(path))
	waitUntil(t, func() bool {
		runs = s.Bss.Runs
		getppid(t, s)
		return s.Bss.Runs == runs
	})
}

// waitUntil waits for work that the kernel does a little later.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		unix.Nanosleep(&unix.Timespec{Nsec: 1e6}, nil)
	}
	t.Error("the event never happened")
}

func TestDisconnect(t *testing.T) {
	s := loadBasic(t)
	link := attachAgain(t, s)
	fd := link.FD()
	must(t, link.Disconnect())
	if !link.Attached() || link.FD() != fd {
		t.Error("the handle no longer works")
	}
	must(t, link.Close())
	if link.Attached() || !hitsIncrease(s) {
		t.Error("a disconnected link ended with its handle")
	}
	if err := link.Disconnect(); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("Disconnect of a closed link returned %v", err)
	}
	must(t, unix.Close(fd))
	if hitsIncrease(s) {
		t.Error("the program still runs after the link's file descriptor was closed")
	}
}

func TestDisconnectedLinksOutliveTheirSkeleton(t *testing.T) {
	s := loadBasic(t)
	must(t, s.Attach())
	bss, err := skel.MapFromFD(s.Maps.Bss.FD())
	must(t, err)
	defer bss.Close()
	raw, exit := s.Links.HandleRaw, s.Links.HandleExit
	fds := []int{raw.FD(), exit.FD()}
	must(t, raw.Disconnect())
	must(t, exit.Disconnect())
	must(t, s.Close())
	if !countsSystemCalls(t, bss) {
		t.Error("the program counts nothing after Close")
	}
	for _, fd := range fds {
		must(t, unix.Close(fd))
	}
	if countsSystemCalls(t, bss) {
		t.Error("the program still counts without links")
	}
}

func TestAttachEach(t *testing.T) {
	s := loadBasic(t)
	results, err := s.AttachEach()
	must(t, err)
	attached := map[string]bool{}
	for _, r := range results {
		if r.Err != nil || r.Link == nil || r.Map != "" {
			t.Errorf("%+v", r)
		}
		attached[r.Program] = r.Link.Attached()
	}
	want := map[string]bool{"handle_raw": true, "handle_exit": true, "run": false, "nowhere": false, "not_loaded": false}
	if len(attached) != len(want) {
		t.Errorf("%d results for %d programs", len(results), len(want))
	}
	for name, is := range want {
		if attached[name] != is {
			t.Errorf("%s: attached is %v", name, attached[name])
		}
	}
	if !hitsIncrease(s) {
		t.Error("the programs count nothing")
	}
}

func TestAttachEachContinuesAfterAFailure(t *testing.T) {
	needRoot(t)
	open, err := attach.Open()
	must(t, err)
	must(t, open.Progs.TpBtf.SetAutoload(true))
	must(t, open.Progs.UsdtNamed.SetAutoload(true)) // its target does not exist
	want := error(syscall.ENOENT)
	if testkit.Light {
		want = errors.ErrUnsupported
	}
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	results, err := s.AttachEach()
	if !errors.Is(err, want) {
		t.Errorf("AttachEach returned %v", err)
	}
	for _, r := range results {
		switch r.Program {
		case "usdt_named":
			var e *skel.Error
			if !errors.As(r.Err, &e) || e.Program != "usdt_named" || r.Link.Attached() {
				t.Errorf("the failure is %v", r.Err)
			}
		default:
			if r.Err != nil || r.Link.Attached() != (r.Program == "tp_btf") {
				t.Errorf("%s: attached %v, %v", r.Program, r.Link.Attached(), r.Err)
			}
		}
	}
	must(t, s.Close())
	if _, err := s.AttachEach(); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("after Close it returned %v", err)
	}
}
