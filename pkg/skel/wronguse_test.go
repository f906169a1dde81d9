package skel_test

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// attachMethods are all of them, with arguments that name nothing.
func attachMethods(p *skel.Program) map[string]func() (*skel.Link, error) {
	nothing := fakeFD(-1)
	return map[string]func() (*skel.Link, error){
		"Attach":               p.Attach,
		"AttachPerfEvent":      func() (*skel.Link, error) { return p.AttachPerfEvent(0, nil) },
		"AttachPerfEvent of":   func() (*skel.Link, error) { return p.AttachPerfEvent(-1, nil) },
		"AttachKprobe":         func() (*skel.Link, error) { return p.AttachKprobe("", nil) },
		"AttachKprobe of":      func() (*skel.Link, error) { return p.AttachKprobe("no such", &skel.KprobeOptions{Mode: 9}) },
		"AttachKprobeMulti":    func() (*skel.Link, error) { return p.AttachKprobeMulti("", nil) },
		"AttachKprobeMulti of": func() (*skel.Link, error) { return p.AttachKprobeMulti("no_such_function", nil) },
		"AttachKsyscall":       func() (*skel.Link, error) { return p.AttachKsyscall("", nil) },
		"AttachUprobe":         func() (*skel.Link, error) { return p.AttachUprobe("", "", nil) },
		"AttachUprobe of":      func() (*skel.Link, error) { return p.AttachUprobe("/proc/self/exe", "no such", nil) },
		"AttachUprobeMulti":    func() (*skel.Link, error) { return p.AttachUprobeMulti("", "", nil) },
		"AttachUprobeMulti of": func() (*skel.Link, error) { return p.AttachUprobeMulti("/proc/self/exe", "no such", nil) },
		"AttachUSDT":           func() (*skel.Link, error) { return p.AttachUSDT("", "", "", nil) },
		"AttachUSDT of":        func() (*skel.Link, error) { return p.AttachUSDT("/proc/self/exe", "", "", nil) },
		"AttachTracepoint":     func() (*skel.Link, error) { return p.AttachTracepoint("", "", nil) },
		"AttachRawTracepoint":  func() (*skel.Link, error) { return p.AttachRawTracepoint("", nil) },
		"AttachLSM":            p.AttachLSM,
		"AttachFreplace":       func() (*skel.Link, error) { return p.AttachFreplace(nil, "") },
		"AttachFreplace of":    func() (*skel.Link, error) { return p.AttachFreplace(p, "no such") },
		"AttachFreplace to":    func() (*skel.Link, error) { return p.AttachFreplace(nothing, "no such") },
		"AttachIter":           func() (*skel.Link, error) { return p.AttachIter(nil) },
		"AttachIter of":        func() (*skel.Link, error) { return p.AttachIter(&skel.IterOptions{Map: nothing}) },
		"AttachCgroup":         func() (*skel.Link, error) { return p.AttachCgroup(-1, nil) },
		"AttachTCX":            func() (*skel.Link, error) { return p.AttachTCX(-1, nil) },
		"AttachNetkit":         func() (*skel.Link, error) { return p.AttachNetkit(-1, nil) },
		"AttachNetns":          func() (*skel.Link, error) { return p.AttachNetns(-1) },
		"AttachSockmap":        func() (*skel.Link, error) { return p.AttachSockmap(nothing) },
		"AttachXDP":            func() (*skel.Link, error) { return p.AttachXDP(-1, nil) },
		"AttachNetfilter":      func() (*skel.Link, error) { return p.AttachNetfilter(skel.NetfilterOptions{}) },
		"AttachTC":             func() (*skel.Link, error) { return p.AttachTC(skel.TCHook{}, nil) },
		"AttachTC of":          func() (*skel.Link, error) { return p.AttachTC(skel.TCHook{Ifindex: -1, Point: 77}, nil) },
	}
}

// fakeFD is a Descriptor that is neither a map nor a program.
type fakeFD int

func (f fakeFD) FD() int { return int(f) }

func TestAttachRefused(t *testing.T) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Cgroup })
	must(t, err)
	before := heldResources(t)
	for _, p := range []*skel.Program{s.Progs.RawTp, s.Progs.Xdp, s.Progs.Uprobe, s.Progs.Cgroup, s.Progs.Tp} {
		for name, attach := range attachMethods(p) {
			link, err := attach()
			var errno syscall.Errno
			var code skel.Code
			var e *skel.Error
			if link != nil || !errors.As(err, &errno) && !errors.As(err, &code) || !errors.As(err, &e) || !strings.HasPrefix(e.Op, "attach") || e.Program != p.Name() {
				t.Errorf("%s of %s returned %v", name, p.Name(), err)
			}
		}
	}
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

func TestAttachingAfterClose(t *testing.T) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.TpBtf })
	must(t, err)
	link, err := s.Progs.TpBtf.AttachTrace(nil)
	must(t, err)
	must(t, s.Close())
	p := s.Progs.TpBtf
	methods := attachMethods(p)
	for _, name := range []string{"AttachPerfEvent of", "AttachFreplace to", "AttachIter of", "AttachSockmap"} {
		delete(methods, name) // they check their arguments first
	}
	methods["AttachTrace"] = func() (*skel.Link, error) { return p.AttachTrace(nil) }
	for name, attach := range methods {
		if _, err := attach(); !errors.Is(err, skel.ErrClosed) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	_, infoErr := p.Info()
	_, statsErr := p.RunStats()
	_, linkErr := link.Info()
	_, iterErr := link.Iterate()
	_, openErr := s.OpenPinnedLink("/sys/fs/bpf/never")
	for name, err := range map[string]error{
		"Info": infoErr, "RunStats": statsErr, "Pin": p.Pin("/sys/fs/bpf/never"), "Unpin": p.Unpin("/sys/fs/bpf/never"),
		"WithFD":    p.WithFD(func(int) error { t.Error("WithFD called"); return nil }),
		"Link.Info": linkErr, "Link.Iterate": iterErr, "Link.Pin": link.Pin("/sys/fs/bpf/never"), "Link.Unpin": link.Unpin(),
		"Link.Disconnect": link.Disconnect(), "Link.UpdateProgram": link.UpdateProgram(p), "OpenPinnedLink": openErr,
	} {
		if !errors.Is(err, skel.ErrClosed) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	if p.Log() != "" || link.PinPath() != "" {
		t.Error("a closed program still has a property")
	}
}

func TestAttachTwice(t *testing.T) {
	s := loadBasic(t)
	must(t, s.Attach())
	before := heldResources(t)
	must(t, s.Attach())
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
	must(t, s.Detach())
	must(t, s.Detach())
}

// A call that takes a map or program of the same skeleton does not deadlock with a
// waiting Close.
func TestCloseBesideMethodsThatTakeOthers(t *testing.T) {
	needRoot(t)
	for range 50 {
		s, err := kinds.OpenAndLoad()
		must(t, err)
		var wg sync.WaitGroup
		for _, f := range []func() error{
			func() error { return s.Maps.Jumps.Update(0, s.Progs.Target) },
			func() error { return s.Progs.Target.WithFD(func(int) error { return nil }) },
			func() error { _, err := s.Progs.Target.AttachFreplace(s.Progs.Target, "target"); return err },
			func() error { _, err := s.Progs.Target.AttachIter(&skel.IterOptions{Map: s.Maps.Hash}); return err },
			func() error { _, err := s.AttachEach(); return err },
		} {
			for range 4 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for !errors.Is(f(), skel.ErrClosed) {
					}
				}()
			}
		}
		time.Sleep(time.Millisecond)
		must(t, s.Close())
		wg.Wait()
	}
}
