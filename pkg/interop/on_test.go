//go:build linux && cgo

package interop

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/aquasecurity/libbpfgo"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// openModule opens the test object with libbpfgo, under a different name.
func openModule(t *testing.T) *libbpfgo.Module {
	t.Helper()
	libbpfgo.SetLoggerCbs(libbpfgo.Callbacks{Log: func(int, string) {}})
	m, err := libbpfgo.NewModuleFromBufferArgs(libbpfgo.NewModuleArgs{
		BPFObjBuff: elfOf(t, loadBasic(t)), BPFObjName: "theirs", SkipMemlockBump: true,
	})
	must(t, err)
	t.Cleanup(m.Close)
	return m
}

func TestSkeletonOnAModuleThatIsLoaded(t *testing.T) {
	m := openModule(t)
	must(t, m.InitGlobalVariable("my_pid", testkit.PID()))
	must(t, m.InitGlobalVariable("step", uint64(3)))
	must(t, m.BPFLoadObject())
	s, err := basic.OpenAndLoad(On(m))
	must(t, err)
	if s.Rodata.MyPid() != testkit.PID() || s.Data.Step != 3 {
		t.Errorf("my_pid is %d, step %d", s.Rodata.MyPid(), s.Data.Step)
	}
	if hz := s.Kconfig.LinuxKernelVersion(); hz == 0 {
		t.Error("no .kconfig")
	}
	must(t, s.Attach())
	if before := s.Bss.Hits; hitsAfterSystemCalls(s) < before+30 {
		t.Error("the programs do not run with the values that libbpfgo set")
	}
	n, err := s.Maps.Counts.Lookup(&basic.Key{Id: 7})
	must(t, err)
	if n == 0 {
		t.Error("the programs counted nothing")
	}

	// The object still belongs to libbpfgo.
	must(t, s.Close())
	if s.Bss != nil {
		t.Error("a section pointer is not nil after Close")
	}
	theirs, err := m.GetMap("counts")
	must(t, err)
	if err := theirs.GetNextKey(nil, unsafe.Pointer(&basic.Key{})); err != nil {
		t.Errorf("libbpfgo's map no longer works: %v", err)
	}
}

func TestSkeletonOnAModuleThatIsNotLoaded(t *testing.T) {
	m := openModule(t)
	open, err := basic.Open(On(m))
	must(t, err)
	open.Rodata.MyPid = testkit.PID()
	must(t, open.Maps.Counts.SetMaxEntries(77))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	must(t, s.Attach())
	if before := s.Bss.Hits; hitsAfterSystemCalls(s) == before {
		t.Error("the programs do not run")
	}
	counts, err := m.GetMap("counts") // needs to know that it is loaded
	must(t, err)
	if counts.FileDescriptor() != s.Maps.Counts.FD() || counts.MaxEntries() != 77 {
		t.Errorf("libbpfgo has fd %d, %d entries", counts.FileDescriptor(), counts.MaxEntries())
	}
	if err := m.InitGlobalVariable("step", uint64(1)); err == nil {
		t.Error("libbpfgo does not know that it is loaded")
	}
}

func TestSkeletonOnAModuleThatIsNeverLoaded(t *testing.T) {
	m := openModule(t)
	open, err := basic.Open(On(m))
	must(t, err)
	must(t, open.Progs.Run.SetLogBuffer(64)) // too small for any load, and gone with Close
	must(t, open.Progs.Run.SetLogLevel(2))
	must(t, open.Close())
	must(t, m.BPFLoadObject())
}

func TestSkeletonOnTheWrongModule(t *testing.T) {
	for name, c := range map[string]struct {
		opts []skel.OpenOption
		want error
	}{
		"none":                     {[]skel.OpenOption{On(nil)}, syscall.EINVAL},
		"one that is closed":       {[]skel.OpenOption{On(&libbpfgo.Module{})}, syscall.EINVAL},
		"with options":             {[]skel.OpenOption{On(openModule(t)), skel.WithKconfig("CONFIG_HZ=7")}, syscall.EINVAL},
		"one of another object":    {[]skel.OpenOption{On(openModule(t))}, syscall.ESRCH},
		"options in another order": {[]skel.OpenOption{skel.WithRelaxedMaps(), On(openModule(t))}, syscall.EINVAL},
	} {
		if s, err := kinds.Open(c.opts...); !errors.Is(err, c.want) {
			s.Close()
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		} else if c.want == syscall.ESRCH && !strings.Contains(err.Error(), "no map") {
			t.Errorf("%s: the error does not say what is missing: %v", name, err)
		}
	}
}

func TestLibbpfgosMapIsARingBufMap(t *testing.T) {
	m := openModule(t)
	must(t, m.BPFLoadObject())
	counts, err := m.GetMap("counts")
	must(t, err)
	_, err = ringbuf.NewReader(skel.FD(counts.FileDescriptor()))
	if !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a hash as a ring buffer: %v", err)
	}
}
