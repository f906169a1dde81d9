package skel_test

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// target is the program that uprobes and the USDT are set on.
type target string

func buildTarget(t *testing.T) target {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("a C compiler is needed for a program to be watched")
	}
	path := filepath.Join(t.TempDir(), "target")
	if out, err := exec.Command(cc, "-O1", "-o", path, "testdata/target/target.c").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return target(path)
}

// call makes the target call the functions and the USDT n times, and returns the
// semaphores of the USDT and of the uprobes.
func (path target) call(t *testing.T, n int) (usdt, own int) {
	t.Helper()
	out, err := exec.Command(string(path), fmt.Sprint(n)).Output()
	must(t, err)
	if _, err := fmt.Sscan(string(out), &usdt, &own); err != nil {
		t.Fatalf("the program printed %q", out)
	}
	return usdt, own
}

// offset returns the file offset of a symbol.
func (path target) offset(t *testing.T, symbol string) uint64 {
	t.Helper()
	f, err := elf.Open(string(path))
	must(t, err)
	defer f.Close()
	symbols, err := f.Symbols()
	must(t, err)
	for _, s := range symbols {
		for _, p := range f.Progs {
			if s.Name == symbol && p.Type == elf.PT_LOAD && s.Value >= p.Vaddr && s.Value < p.Vaddr+p.Memsz {
				return s.Value - p.Vaddr + p.Off
			}
		}
	}
	t.Fatalf("no symbol %s", symbol)
	return 0
}

// uprobeCase is a way to attach to functions of a target; runs is how often the
// program runs while each of the target's two functions is called ten times.
type uprobeCase struct {
	name   string
	attach func(*testing.T, *attach.Progs, target) (*skel.Link, error)
	runs   uint64
	cookie bool
	own    int // the semaphore
	multi  bool
}

var uprobeCases = []uprobeCase{
	{name: "function", runs: 10, cookie: true, attach: func(_ *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.Uprobe.AttachUprobe(string(path), "target_one", &skel.UprobeOptions{Cookie: cookie})
	}},
	{name: "return of a function", runs: 10, cookie: true, attach: func(_ *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.Uprobe.AttachUprobe(string(path), "target_one", &skel.UprobeOptions{Cookie: cookie, Return: true})
	}},
	{name: "offset in the file", runs: 10, attach: func(t *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.Uprobe.AttachUprobe(string(path), "", &skel.UprobeOptions{Offset: path.offset(t, "target_two")})
	}},
	{name: "semaphore", runs: 10, own: 1, attach: func(t *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.Uprobe.AttachUprobe(string(path), "target_one", &skel.UprobeOptions{RefCounter: path.offset(t, "own_semaphore")})
	}},
	{name: "perf event", runs: 10, attach: func(t *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.Uprobe.AttachUprobe(string(path), "target_one", &skel.UprobeOptions{Mode: skel.ProbePerf})
	}},
	{name: "tracefs", runs: 10, attach: func(t *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		needTracefs(t)
		return p.Uprobe.AttachUprobe(string(path), "target_one", &skel.UprobeOptions{Mode: skel.ProbeLegacy})
	}},
	{name: "another process", attach: func(t *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.Uprobe.AttachUprobe(string(path), "target_one", &skel.UprobeOptions{PID: syscall.Getpid()})
	}},
	{name: "multi by pattern", runs: 20, multi: true, attach: func(_ *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.UprobeMulti.AttachUprobeMulti(string(path), "target_*", nil)
	}},
	{name: "multi by names, on return", runs: 10, multi: true, cookie: true, attach: func(_ *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.UprobeMulti.AttachUprobeMulti(string(path), "", &skel.UprobeMultiOptions{
			Functions: []string{"target_two"}, Cookies: []uint64{cookie}, Return: true,
		})
	}},
	{name: "multi by offsets, with a semaphore", runs: 20, multi: true, own: 2, cookie: true, attach: func(t *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		own := path.offset(t, "own_semaphore")
		return p.UprobeMulti.AttachUprobeMulti(string(path), "", &skel.UprobeMultiOptions{
			Offsets: []uint64{path.offset(t, "target_one"), path.offset(t, "target_two")},
			Cookies: []uint64{cookie, cookie}, RefCounters: []uint64{own, own},
		})
	}},
	{name: "multi, another process", multi: true, attach: func(_ *testing.T, p *attach.Progs, path target) (*skel.Link, error) {
		return p.UprobeMulti.AttachUprobeMulti(string(path), "target_*", &skel.UprobeMultiOptions{PID: syscall.Getpid()})
	}},
}

func TestAttachUprobe(t *testing.T) {
	path := buildTarget(t)
	for _, c := range uprobeCases {
		t.Run(c.name, func(t *testing.T) {
			prog := func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe }
			if c.multi {
				needKernel(t, 6, 6, "earlier ones have no uprobe.multi")
				prog = func(p *attach.OpenProgs) *skel.OpenProgram { return p.UprobeMulti }
			}
			s, err := loadAttach(t, prog)
			must(t, err)
			link, err := c.attach(t, &s.Progs, path)
			must(t, err)
			if _, own := path.call(t, 10); s.Bss.Runs != c.runs || own != c.own {
				t.Errorf("%d runs, want %d; the semaphore is %d, want %d", s.Bss.Runs, c.runs, own, c.own)
			}
			if c.cookie && s.Bss.Cookie != cookie {
				t.Errorf("it saw the cookie %#x", s.Bss.Cookie)
			}
			must(t, link.Close())
			if _, own := path.call(t, 10); s.Bss.Runs != c.runs || own != 0 {
				t.Errorf("after Close: %d runs, semaphore %d", s.Bss.Runs, own)
			}
		})
	}
}

func TestListsOfDifferentLengths(t *testing.T) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.UprobeMulti })
	must(t, err)
	three := []uint64{1, 2, 3}
	for name, o := range map[string]skel.UprobeMultiOptions{
		"more functions than cookies":      {Functions: []string{"a", "b", "c", "d"}, Cookies: three},
		"fewer offsets than semaphores":    {Offsets: three[:2], RefCounters: three},
		"functions and offsets":            {Functions: []string{"a", "b", "c"}, Offsets: three},
		"cookies of nothing":               {Cookies: three},
		"nothing":                          {},
		"returns that are a session's too": {Offsets: three, Return: true, Session: true},
	} {
		_, err := s.Progs.UprobeMulti.AttachUprobeMulti("/proc/self/exe", "", &o)
		if o.Session && errors.Is(err, syscall.EOPNOTSUPP) {
			continue // libbpf 1.5
		}
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Progs.UprobeMulti.AttachKprobeMulti("", &skel.KprobeMultiOptions{Functions: []string{"a"}, Cookies: three}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("kprobes: %v", err)
	}
}

func TestAttachUSDT(t *testing.T) {
	needLibbpf(t, "USDT")
	if libbpfVersion < 107 {
		t.Skip("the object was compiled with the usdt.bpf.h of libbpf 1.7, which an older library does not serve")
	}
	path := buildTarget(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Usdt })
	must(t, err)
	before := heldResources(t)
	link, err := s.Progs.Usdt.AttachUSDT(string(path), "bpfskel", "probe", &skel.USDTOptions{Cookie: cookie})
	must(t, err)
	if usdt, _ := path.call(t, 10); s.Bss.Runs != 10 || s.Bss.Cookie != cookie || s.Bss.UsdtFirst != -42 || usdt != 1 {
		t.Errorf("%d runs with cookie %#x and argument %d; the semaphore is %d", s.Bss.Runs, s.Bss.Cookie, s.Bss.UsdtFirst, usdt)
	}
	checkNoFD(t, s, link)
	must(t, link.Close())
	if usdt, _ := path.call(t, 10); s.Bss.Runs != 10 || usdt != 0 || link.Attached() {
		t.Errorf("after Close: %d runs, semaphore %d", s.Bss.Runs, usdt)
	}
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
	_, err = s.Progs.Usdt.AttachUSDT(string(path), "bpfskel", "nowhere", nil)
	if !errors.Is(err, syscall.ENOENT) || !strings.HasSuffix(err.Error(), string(path)+" has no USDT probe bpfskel:nowhere") {
		t.Errorf("a USDT that does not exist: error %v", err)
	}
}

// checkNoFD checks that all methods that need a file descriptor fail on a link without
// one, and that none touches another link.
func checkNoFD(t *testing.T, s *attach.Skel, link *skel.Link) {
	t.Helper()
	_, infoErr := link.Info()
	_, iterErr := link.Iterate()
	for name, err := range map[string]error{
		"Info": infoErr, "Iterate": iterErr, "Pin": link.Pin("/sys/fs/bpf/never"), "Unpin": link.Unpin(),
		"UpdateProgram": link.UpdateProgram(firstLoaded(s)),
	} {
		if !errors.Is(err, syscall.EOPNOTSUPP) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	if link.FD() != -1 || link.PinPath() != "" {
		t.Errorf("it has fd %d and pin %q", link.FD(), link.PinPath())
	}
}

// firstLoaded returns the first loaded program.
func firstLoaded(s *attach.Skel) *skel.Program {
	for _, p := range []*skel.Program{s.Progs.Usdt, s.Progs.Tc, s.Progs.Xdp} {
		if p.FD() >= 0 {
			return p
		}
	}
	return nil
}

// A USDT link that a caller still holds after the skeleton's Close is closed, and
// libbpf no longer uses it.
func TestUSDTLinkHeldPastClose(t *testing.T) {
	needLibbpf(t, "USDT")
	path := buildTarget(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Usdt })
	must(t, err)
	separate, err := s.Progs.Usdt.AttachUSDT(string(path), "bpfskel", "probe", nil)
	must(t, err)
	adopted, err := s.Progs.Usdt.AttachUSDT(string(path), "bpfskel", "probe", nil)
	must(t, err)
	must(t, s.Links.Usdt.Adopt(adopted))
	must(t, s.Close())
	for range 3 {
		must(t, separate.Close())
		must(t, s.Links.Usdt.Close())
	}
	if usdt, _ := path.call(t, 1); usdt != 0 || separate.Attached() {
		t.Errorf("something is attached after Close; the semaphore is %d", usdt)
	}
	runtime.KeepAlive(adopted)
}

// The function is one that the address sanitizer does not replace.
func TestAUprobeWatchesAllThreadsOfAProcess(t *testing.T) {
	needLibbpf(t, "its calls of sysconf")
	buildTarget(t) // a machine with a compiler has a libc.so.6
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe })
	must(t, err)
	_, err = s.Progs.Uprobe.AttachUprobe("libc.so.6", "sysconf", &skel.UprobeOptions{PID: os.Getpid()})
	must(t, err)
	for range 3 {
		runs, other := s.Bss.Runs, make(chan error)
		go func() { // its thread, mostly another one, ends with it
			runtime.LockOSThread()
			o, err := attach.Open()
			other <- errors.Join(err, o.Close())
		}()
		must(t, <-other)
		if s.Bss.Runs == runs {
			t.Error("a thread of the process was not found")
		}
	}
}
