package skel_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// refuses checks that a Link refuses to adopt another, which stays attached, and that
// the error says why.
func refuses(t *testing.T, to, from *skel.Link, why string) {
	t.Helper()
	err := to.Adopt(from)
	if !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), why) {
		t.Errorf("got %v, want EINVAL and %q", err, why)
	}
	if from != nil && !from.Attached() || to.Attached() && to != from {
		t.Error("one of the two links has changed")
	}
}

func TestAdoptRefusesLinksOfOtherOwners(t *testing.T) {
	s := loadBasic(t)
	link := attachAgain(t, s)
	t.Run("a link of another program", func(t *testing.T) { refuses(t, s.Links.HandleExit, link, "program handle_raw") })
	t.Run("nil", func(t *testing.T) { refuses(t, s.Links.HandleExit, nil, "invalid") })
	t.Run("a field of Links", func(t *testing.T) {
		must(t, link.Close()) // kernels before 6.10 attach a program to a raw tracepoint once
		must(t, s.Attach())
		defer func() { must(t, s.Detach()); link = attachAgain(t, s) }()
		refuses(t, s.Links.Run, s.Links.HandleRaw, "itself one of Links")
	})
	t.Run("of another skeleton", func(t *testing.T) {
		other := loadBasic(t)
		refuses(t, other.Links.HandleRaw, link, "to another skeleton, basic")
	})
	t.Run("a link that is not a field of Links", func(t *testing.T) { refuses(t, link, link, "invalid") })
	must(t, s.Links.HandleRaw.Adopt(link))
}

func TestAdoptRefusesAnotherProgramsPin(t *testing.T) {
	dir := pinFolder(t)
	first := loadBasic(t)
	must(t, first.Attach())
	raw, exit := filepath.Join(dir, "raw"), filepath.Join(dir, "exit")
	must(t, first.Links.HandleRaw.Pin(raw))
	must(t, first.Links.HandleExit.Pin(exit))
	must(t, first.Close())

	s := loadBasic(t)
	open := func(path string) *skel.Link {
		l, err := s.OpenPinnedLink(path)
		must(t, err)
		return l
	}
	refuses(t, s.Links.HandleExit, open(raw), "it runs the program handle_raw")
	refuses(t, s.Links.HandleRaw, open(exit), "it runs the program handle_exit")
	must(t, s.Links.HandleRaw.Adopt(open(raw))) // the same program, of an earlier load
	must(t, s.Links.HandleExit.Adopt(open(exit)))
	must(t, s.Attach())
	if s.Bss.Hits != 0 {
		t.Error("Attach has replaced the adopted link")
	}
}

func TestAdoptRefusesAnUpdatedLink(t *testing.T) {
	ownNetwork(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.XdpOther })
	must(t, err)
	link, err := s.Progs.Xdp.AttachXDP(loopback, nil)
	must(t, err)
	must(t, link.UpdateProgram(s.Progs.XdpOther))
	refuses(t, s.Links.Xdp, link, "another program")
	must(t, link.UpdateProgram(s.Progs.Xdp))
	must(t, s.Links.Xdp.Adopt(link))
}

func TestAdoptForStructOpsRefusesOtherLinks(t *testing.T) {
	s := loadOps(t, openOps(t))
	first, err := s.Maps.First.Attach()
	must(t, err)
	refuses(t, s.Links.Second, first, "to map first")
	must(t, first.UpdateMap(s.Maps.Second))
	refuses(t, s.Links.First, first, "another map")
	must(t, first.UpdateMap(s.Maps.First))

	pin := filepath.Join(pinFolder(t), "ops")
	must(t, first.Pin(pin))
	pinned, err := s.OpenPinnedLink(pin)
	must(t, err)
	refuses(t, s.Links.Second, pinned, "to the map")
	b := loadBasic(t)
	pinnedElsewhere, err := b.OpenPinnedLink(pin)
	must(t, err)
	refuses(t, b.Links.HandleRaw, pinnedElsewhere, "struct_ops")
	must(t, s.Links.First.Adopt(pinned))
	must(t, s.Links.First.Unpin())
}

// A tc filter is not a link of libbpf, so libbpf considers its field of Links empty and
// would attach this program's section a second time.
func TestAttachAndDetachSeeAnAdoptedFilter(t *testing.T) {
	needKernel(t, 6, 10, "earlier ones let no program of tc ask for its process")
	ownNetwork(t)
	open, err := basic.Open()
	must(t, err)
	must(t, open.Progs.HandleExit.SetType(unix.BPF_PROG_TYPE_SCHED_CLS))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	hook := skel.TCHook{Ifindex: loopback, Point: skel.TCIngress}
	link, err := s.Progs.HandleExit.AttachTC(hook, &skel.TCOptions{Handle: 1, Priority: 1})
	must(t, err)
	refuses(t, s.Links.HandleRaw, link, "program handle_exit")
	must(t, s.Links.HandleExit.Adopt(link))
	must(t, s.Attach())
	results, err := s.AttachEach()
	must(t, err)
	for _, r := range results {
		if r.Program == "handle_raw" && !r.Link.Attached() {
			t.Error("the filter runs the program without the earlier one")
		}
	}
	if _, err := hook.Query(1, 1); err != nil || !s.Links.HandleExit.Attached() {
		t.Errorf("the filter was removed: %v", err)
	}
	must(t, s.Detach())
	if _, err := hook.Query(1, 1); err == nil || s.Links.HandleExit.Attached() {
		t.Error("Detach did not remove the filter")
	}
}

// inNetwork runs f in a thread with its own network namespace, which ends with the
// thread.
func inNetwork(t *testing.T, f func()) {
	t.Helper()
	run := func() {
		ownNetwork(t)
		f()
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() != os.Getpid() {
			run()
			return
		}
		// The main thread does not end with its goroutine: while this one holds it,
		// another one is on another thread.
		defer runtime.UnlockOSThread()
		other := make(chan bool)
		go func() {
			defer close(other)
			run()
		}()
		<-other
	}()
	<-done
}

func TestAFilterDoesNotKeepItsNetworkAlive(t *testing.T) {
	needRoot(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tc })
	must(t, err)
	hook := skel.TCHook{Ifindex: loopback, Point: skel.TCIngress}
	var network string
	var link *skel.Link
	inNetwork(t, func() {
		network, _ = os.Readlink("/proc/thread-self/ns/net")
		link, err = s.Progs.Tc.AttachTC(hook, nil)
	})
	must(t, err)
	waitUntil(t, func() bool { return !hasNetwork(t, network) })
	must(t, link.Close())
}

func hasNetwork(t *testing.T, name string) bool {
	t.Helper()
	for _, pattern := range []string{"/proc/self/task/*/ns/net", "/proc/self/fd/*"} {
		paths, err := filepath.Glob(pattern)
		must(t, err)
		for _, path := range paths {
			if to, _ := os.Readlink(path); to == name {
				return true
			}
		}
	}
	return false
}

func TestNetworkOfAFilterIsFound(t *testing.T) {
	needRoot(t)
	// Each makes something hold the thread's network namespace, and returns a path to
	// it.
	holders := map[string]func(t *testing.T) (path string){
		"by an open file": func(t *testing.T) string {
			file, err := os.Open("/proc/thread-self/ns/net")
			must(t, err)
			t.Cleanup(func() { file.Close() })
			return fmt.Sprintf("/proc/self/fd/%d", file.Fd())
		},
		"by a mount": func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "a network")
			must(t, os.WriteFile(path, nil, 0o600))
			if err := unix.Mount("/proc/thread-self/ns/net", path, "", unix.MS_BIND, ""); err != nil {
				t.Skipf("a mount needs CAP_SYS_ADMIN: %v", err)
			}
			t.Cleanup(func() { must(t, unix.Unmount(path, 0)) })
			return path
		},
	}
	for name, hold := range holders {
		t.Run(name, func(t *testing.T) {
			s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tc })
			must(t, err)
			hook := skel.TCHook{Ifindex: loopback, Point: skel.TCIngress}
			var path string
			inNetwork(t, func() {
				path = hold(t)
				_, err = s.Progs.Tc.AttachTC(hook, &skel.TCOptions{Handle: 1, Priority: 1})
			})
			must(t, err)
			query := func() (err error) {
				inNetwork(t, func() {
					file, failed := os.Open(path)
					must(t, failed)
					defer file.Close()
					must(t, unix.Setns(int(file.Fd()), unix.CLONE_NEWNET))
					_, err = hook.Query(1, 1)
				})
				return err
			}
			must(t, query())
			must(t, s.Close())
			if query() == nil {
				t.Error("the filter is still there")
			}
		})
	}
}
