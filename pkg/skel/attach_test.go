package skel_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

const cookie = 0xfeed_0000_c0de

// attachCase is a way to attach one of the test object's programs.
type attachCase struct {
	name   string
	prog   func(*attach.OpenProgs) *skel.OpenProgram
	attach func(*testing.T, *attach.Skel) (*skel.Link, error)
	// fire makes the program run, if it is attached.
	fire func(*testing.T, *attach.Skel)
	kind string // the kernel's name of the link; "" if it has none
	// cookie reports whether the program sees the cookie.
	cookie bool
	// The first kernel that knows it, or is built with it.
	major, minor int
	// without names the feature that a kernel that cannot attach it lacks; "" if every
	// kernel must attach it.
	without string
}

// Features that kernels may be built without.
const (
	noKprobes     = "kprobe and its kin are not configured in this kernel"
	noTrampolines = "fentry, lsm and freplace are not permitted by this kernel"
	noNetkit      = "netkit is not configured in this kernel"
)

var probeCases = []attachCase{
	{
		name: "perf event", kind: "perf_event", cookie: true, major: 5, minor: 15,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Perf },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Perf.AttachPerfEvent(clockEvent(t), &skel.PerfEventOptions{Cookie: cookie})
		}, fire: useProcessorTime,
	},
	{
		name: "perf event without a link",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Perf },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Perf.AttachPerfEvent(clockEvent(t), &skel.PerfEventOptions{NoLink: true})
		}, fire: useProcessorTime,
	},
	{
		name: "kprobe", kind: "perf_event", cookie: true, major: 5, minor: 15, without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Kprobe },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Kprobe.AttachKprobe("vfs_open", &skel.KprobeOptions{Cookie: cookie, Mode: skel.ProbeLink})
		}, fire: openFile,
	},
	{
		name: "kretprobe", kind: "perf_event", cookie: true, major: 5, minor: 15, without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Kprobe },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Kprobe.AttachKprobe("vfs_open", &skel.KprobeOptions{Cookie: cookie, Return: true})
		}, fire: openFile,
	},
	{
		name: "kprobe through tracefs", without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Kprobe },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Kprobe.AttachKprobe("vfs_open", &skel.KprobeOptions{Mode: skel.ProbeLegacy})
		}, fire: openFile,
	},
	{
		name: "kprobe.multi by pattern", kind: "kprobe_multi", major: 6, minor: 12, without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.KprobeMulti },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.KprobeMulti.AttachKprobeMulti("vfs_open*", nil)
		}, fire: openFile,
	},
	{
		name: "kprobe.multi by names", kind: "kprobe_multi", cookie: true, major: 6, minor: 12, without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.KprobeMulti },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.KprobeMulti.AttachKprobeMulti("", &skel.KprobeMultiOptions{
				Functions: []string{"vfs_open", "vfs_fsync"}, Cookies: []uint64{cookie, 1}, Return: true,
			})
		}, fire: openFile,
	},
	{
		name: "ksyscall", kind: "perf_event", cookie: true, major: 5, minor: 15, without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Ksyscall },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Ksyscall.AttachKsyscall("getppid", &skel.KsyscallOptions{Cookie: cookie})
		}, fire: getppid,
	},
	{
		name: "return of a ksyscall", kind: "perf_event", cookie: true, major: 5, minor: 15, without: noKprobes,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Ksyscall },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Ksyscall.AttachKsyscall("getppid", &skel.KsyscallOptions{Cookie: cookie, Return: true})
		}, fire: getppid,
	},
}

var traceCases = []attachCase{
	{
		name: "tracepoint", kind: "perf_event", cookie: true, major: 5, minor: 15,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tp },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			needTracefs(t)
			return s.Progs.Tp.AttachTracepoint("raw_syscalls", "sys_enter", &skel.TraceOptions{Cookie: cookie})
		}, fire: getppid,
	},
	{
		name: "raw tracepoint", kind: "raw_tracepoint",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.RawTp.AttachRawTracepoint("sys_enter", nil)
		}, fire: getppid,
	},
	{
		name: "raw tracepoint with a cookie", kind: "raw_tracepoint", cookie: true, major: 6, minor: 10,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTpCookie },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.RawTpCookie.AttachRawTracepoint("sys_enter", &skel.TraceOptions{Cookie: cookie})
		}, fire: getppid,
	},
	{
		name: "tp_btf", kind: "raw_tracepoint",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.TpBtf },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.TpBtf.AttachTrace(nil)
		}, fire: getppid,
	},
	{
		name: "fentry", kind: "tracing", cookie: true, major: 6, minor: 0, without: noTrampolines,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Fentry },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Fentry.AttachTrace(&skel.TraceOptions{Cookie: cookie})
		}, fire: openFile,
	},
	{
		name: "lsm", kind: "tracing", without: noTrampolines,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Lsm },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Lsm.AttachLSM()
		}, fire: openFile,
	},
}

func TestAttachProbes(t *testing.T) { testAttach(t, probeCases) }
func TestAttachTraces(t *testing.T) { testAttach(t, traceCases) }

func testAttach(t *testing.T, cases []attachCase) {
	needRoot(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			needKernel(t, c.major, c.minor, "it is newer")
			c.test(t)
		})
	}
}

// test loads only this program, attaches it, sees it run, asks the kernel about the
// link, closes the link, and checks that the program no longer runs.
func (c *attachCase) test(t *testing.T) {
	s, err := loadAttach(t, c.prog)
	if c.refused(t, err) {
		return
	}
	before := heldResources(t)
	link, err := c.attach(t, s)
	if c.refused(t, err) {
		return
	}
	c.fire(t, s)
	if s.Bss.Runs == 0 {
		t.Error("it did not run")
	}
	if c.cookie && s.Bss.Cookie != cookie {
		t.Errorf("it saw the cookie %#x", s.Bss.Cookie)
	}
	if !link.Attached() {
		t.Error("it is not attached")
	}
	c.checkInfo(t, link)
	must(t, link.Close())
	runs := s.Bss.Runs
	c.fire(t, s)
	if s.Bss.Runs != runs || link.Attached() {
		t.Errorf("it ran %d times after Close", s.Bss.Runs-runs)
	}
	if after := heldResources(t); after.links != before.links {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

func (c *attachCase) checkInfo(t *testing.T, link *skel.Link) {
	t.Helper()
	info, err := link.Info()
	switch {
	case c.kind == "" && err == nil:
		t.Errorf("a tc filter, which has no kernel link, has the info %+v", info)
	case c.kind == "":
	case err != nil:
		t.Error(err)
	case info.Type.String() != c.kind || info.ID == 0 || info.ProgramID == 0 || link.FD() < 0:
		t.Errorf("fd %d is link %+v, want kind %s", link.FD(), info, c.kind)
	}
}

// refused reports whether this kernel is built without the feature that the case needs,
// and returned an errno that says so. Guests have all features.
func (c *attachCase) refused(t *testing.T, err error) bool {
	t.Helper()
	if err == nil || c.without == "" || testkit.InGuest {
		must(t, err)
		return false
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		t.Errorf("an error without an errno: %v", err)
	}
	t.Logf("refused, as it should be (%s): %v", c.without, err)
	return true
}

// loadAttach loads the test object with only the given programs.
func loadAttach(t testing.TB, progs ...func(*attach.OpenProgs) *skel.OpenProgram) (*attach.Skel, error) {
	t.Helper()
	needRoot(t)
	open, err := attach.Open()
	must(t, err)
	for _, p := range progs {
		must(t, p(&open.Progs).SetAutoload(true))
	}
	s, err := open.Load()
	t.Cleanup(func() { s.Close() })
	return s, err
}

func needKprobes(t *testing.T) {
	t.Helper()
	if !hasKprobes() {
		t.Skip(noKprobes)
	}
}

func hasKprobes() bool {
	_, err := os.Stat("/sys/bus/event_source/devices/kprobe")
	return err == nil
}

func needTracefs(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/sys/kernel/tracing/events"); err != nil {
		if _, err := os.Stat("/sys/kernel/debug/tracing/events"); err != nil {
			t.Skip("tracefs is not mounted")
		}
	}
}

// clockEvent ticks while this thread computes.
func clockEvent(t *testing.T) int {
	t.Helper()
	attr := unix.PerfEventAttr{
		Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK, Bits: unix.PerfBitDisabled,
		Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})), Sample: 1_000_000, // nanoseconds
	}
	fd, err := unix.PerfEventOpen(&attr, -1, 0, -1, unix.PERF_FLAG_FD_CLOEXEC)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// useProcessorTime computes on all processors until the program has run, or until it
// should have run.
func useProcessorTime(_ *testing.T, s *attach.Skel) {
	before := s.Bss.Runs
	stop := time.Now().Add(200 * time.Millisecond)
	done := make(chan struct{})
	const goroutines = 4
	for range goroutines {
		go func() {
			for time.Now().Before(stop) && s.Bss.Runs == before {
			}
			done <- struct{}{}
		}()
	}
	for range goroutines {
		<-done
	}
}

func openFile(t *testing.T, _ *attach.Skel) {
	_, err := os.ReadFile("/proc/self/stat")
	must(t, err)
}

func getppid(*testing.T, *attach.Skel) { unix.Getppid() }
