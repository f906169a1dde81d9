package skel_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

var netCases = []attachCase{
	{
		name: "cgroup", kind: "cgroup",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Cgroup },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Cgroup.AttachCgroup(cgroupRoot(t), nil)
		}, fire: udp,
	},
	{
		name: "netns", kind: "netns",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Netns },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Netns.AttachNetns(openFD(t, "/proc/thread-self/ns/net"))
		}, fire: tcp,
	},
	{
		name: "sockmap", kind: "sockmap", major: 6, minor: 10,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Verdict },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Verdict.AttachSockmap(s.Maps.Sockets)
		}, fire: sendThroughSockmap,
	},
	{
		name: "xdp", kind: "xdp",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Xdp.AttachXDP(loopback, nil)
		}, fire: udp,
	},
	{
		name: "xdp in the network stack", kind: "xdp",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Xdp.AttachXDP(loopback, &skel.XDPOptions{Flags: skel.XDPGeneric})
		}, fire: udp,
	},
	{
		name: "tc",
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tc },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Tc.AttachTC(skel.TCHook{Ifindex: loopback, Point: skel.TCIngress}, nil)
		}, fire: udp,
	},
	{
		name: "tcx", kind: "tcx", major: 6, minor: 6,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tcx },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Tcx.AttachTCX(loopback, nil)
		}, fire: udp,
	},
	{
		name: "netkit", kind: "netkit", major: 6, minor: 7, without: noNetkit,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Netkit },
		attach: func(t *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Netkit.AttachNetkit(netkitPair(t), nil)
		}, fire: sendThroughNetkit,
	},
	{
		name: "netfilter", kind: "netfilter", major: 6, minor: 4,
		prog: func(p *attach.OpenProgs) *skel.OpenProgram { return p.Netfilter },
		attach: func(_ *testing.T, s *attach.Skel) (*skel.Link, error) {
			return s.Progs.Netfilter.AttachNetfilter(skel.NetfilterOptions{
				Family: unix.NFPROTO_IPV4, Hook: unix.NF_INET_LOCAL_OUT, Priority: 1,
			})
		}, fire: udp,
	},
}

func TestAttachToNetworks(t *testing.T) {
	for _, c := range netCases {
		t.Run(c.name, func(t *testing.T) {
			needKernel(t, c.major, c.minor, "it is newer")
			ownNetwork(t)
			c.test(t)
		})
	}
}

func udp(t *testing.T, _ *attach.Skel) { sendUDP(t) }
func tcp(t *testing.T, _ *attach.Skel) { connectTCP(t) }

func openFD(t *testing.T, path string) int {
	t.Helper()
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// cgroupRoot opens the root of the unified hierarchy, which it mounts if needed.
func cgroupRoot(t *testing.T) int {
	t.Helper()
	for _, path := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var fs unix.Statfs_t
		if unix.Statfs(path, &fs) == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC {
			return openFD(t, path)
		}
	}
	dir := t.TempDir()
	must(t, unix.Mount("cgroup2", dir, "cgroup2", 0, ""))
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return openFD(t, dir)
}

// sendThroughSockmap sends to a socket that is in the map.
func sendThroughSockmap(t *testing.T, s *attach.Skel) {
	client, server := connectTCP(t)
	key, value := uint32(0), uint32(server)
	must(t, s.Maps.Sockets.Update(&key, &value))
	_, err := unix.Write(client, []byte("x"))
	must(t, err)
	must(t, unix.SetsockoptTimeval(server, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 5}))
	if n, err := unix.Read(server, make([]byte, 8)); n != 1 {
		t.Errorf("%d bytes came through, %v", n, err)
	}
}

// sendThroughNetkit sends to another machine behind the interface, until the program
// has run or it is clear that it does not: the kernel brings the interface up with a
// delay.
func sendThroughNetkit(t *testing.T, s *attach.Skel) {
	sock := inet(t, unix.SOCK_DGRAM)
	address, err := unix.NewIfreq("skel0")
	must(t, err)
	must(t, address.SetInet4Addr([]byte{10, 1, 2, 3}))
	must(t, unix.IoctlIfreq(sock, unix.SIOCSIFADDR, address))
	bringUp(t, "skel0")
	bringUp(t, "nk0") // the other end's name
	before := s.Bss.Runs
	for i := 0; i < 200 && s.Bss.Runs == before; i++ {
		must(t, unix.Sendto(sock, []byte("x"), 0, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{10, 1, 2, 4}}))
		time.Sleep(5 * time.Millisecond)
	}
}

// The programs of a hook run in the requested order.
func TestOrderAtAHook(t *testing.T) {
	needKernel(t, 6, 6, "earlier ones have no tcx")
	ownNetwork(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tcx },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.TcxOther })
	must(t, err)
	first, err := s.Progs.Tcx.AttachTCX(loopback, nil)
	must(t, err)
	last, err := s.Progs.TcxOther.AttachTCX(loopback, nil)
	must(t, err)
	sendUDP(t)
	if s.Bss.Runs != 1 || s.Bss.OtherRuns != 1 {
		t.Errorf("one after the other: %d and %d runs", s.Bss.Runs, s.Bss.OtherRuns)
	}
	must(t, last.Close())
	_, err = s.Progs.TcxOther.AttachTCX(loopback, &skel.OrderOptions{Flags: skel.OrderBefore | skel.OrderLink, RelativeFD: first.FD()})
	must(t, err)
	sendUDP(t)
	if s.Bss.Runs != 1 || s.Bss.OtherRuns != 2 {
		t.Errorf("the other first, which is final: %d and %d runs", s.Bss.Runs, s.Bss.OtherRuns)
	}
	_, err = s.Progs.TcxOther.AttachTCX(loopback, &skel.OrderOptions{Revision: 1})
	if !errors.Is(err, syscall.ESTALE) {
		t.Errorf("an old revision: error %v", err)
	}
	_, err = s.Progs.TcxOther.AttachTCX(0, nil)
	if !errors.Is(err, syscall.EINVAL) {
		t.Errorf("no interface: error %v", err)
	}
}

func TestUpdateProgram(t *testing.T) {
	ownNetwork(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp })
	must(t, err)
	newer, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.XdpOther })
	must(t, err)
	link, err := s.Progs.Xdp.AttachXDP(loopback, nil)
	must(t, err)
	must(t, s.Links.Xdp.Adopt(link))
	sendUDP(t)
	must(t, s.Links.Xdp.UpdateProgram(newer.Progs.XdpOther))
	sendUDP(t)
	if s.Bss.Runs != 1 || newer.Bss.OtherRuns != 1 {
		t.Errorf("the first program ran %d times, the second %d", s.Bss.Runs, newer.Bss.OtherRuns)
	}
	if err := s.Links.Xdp.UpdateProgram(newer.Progs.Xdp); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a program that is not loaded: error %v", err)
	}
	if err := s.Links.Tc.UpdateProgram(newer.Progs.XdpOther); !errors.Is(err, skel.ErrNotAttached) {
		t.Errorf("a link that is not attached: error %v", err)
	}
	must(t, newer.Close())
	if err := s.Links.Xdp.UpdateProgram(newer.Progs.XdpOther); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("a program that is closed: error %v", err)
	}
	if info, err := s.Links.Xdp.Info(); err != nil || info.Ifindex != loopback {
		t.Errorf("the link is %+v, %v", info, err)
	}
}

func TestTCFilters(t *testing.T) {
	ownNetwork(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tc },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.TcOther })
	must(t, err)
	hook := skel.TCHook{Ifindex: loopback, Point: skel.TCEgress}
	must(t, hook.Create())
	must(t, hook.Create())
	here := &skel.TCOptions{Handle: 1, Priority: 7}
	link, err := s.Progs.Tc.AttachTC(hook, here)
	must(t, err)
	info, err := s.Progs.Tc.Info()
	must(t, err)
	if id, err := hook.Query(1, 7); err != nil || id != info.ID {
		t.Errorf("program %d is attached, want %d; %v", id, info.ID, err)
	}
	if _, err := s.Progs.TcOther.AttachTC(hook, here); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("a handle that is already in use: error %v", err)
	}
	newer, err := s.Progs.TcOther.AttachTC(hook, &skel.TCOptions{Handle: 1, Priority: 7, Replace: true})
	must(t, err)
	sendUDP(t)
	if s.Bss.Runs != 0 || s.Bss.OtherRuns != 1 {
		t.Errorf("the first program ran %d times, the one that replaced it %d", s.Bss.Runs, s.Bss.OtherRuns)
	}
	checkNoFD(t, s, link)
	must(t, link.Close())
	if _, err := hook.Query(1, 7); err != nil {
		t.Errorf("Close removed the filter that replaced it: %v", err)
	}
	must(t, newer.Close())
	if _, err := hook.Query(1, 7); err == nil {
		t.Error("the filter is still there after Close")
	}
	must(t, (skel.TCHook{Ifindex: loopback, Point: skel.TCIngress | skel.TCEgress}).Destroy())
	if err := hook.Destroy(); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOENT) {
		t.Errorf("a hook that does not exist: error %v", err)
	}
	if _, err := s.Progs.Xdp.AttachTC(hook, nil); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a program that is not loaded: error %v", err)
	}
}

// The skeleton closes a filter from any thread, in the network namespace where it was
// made.
func TestTCFilterOfAnotherNetwork(t *testing.T) {
	needRoot(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tc })
	must(t, err)
	network, err := os.Readlink("/proc/thread-self/ns/net")
	must(t, err)
	hook := skel.TCHook{Ifindex: loopback, Point: skel.TCIngress}
	made, closed, gone := make(chan error), make(chan bool), make(chan error)
	go func() { // its thread ends with it
		ownNetwork(t)
		_, err := s.Progs.Tc.AttachTC(hook, &skel.TCOptions{Handle: 1, Priority: 1})
		made <- err
		<-closed
		_, err = hook.Query(1, 1)
		gone <- err
	}()
	must(t, <-made)
	must(t, s.Close())
	closed <- true
	if err := <-gone; err == nil {
		t.Error("the filter is still there")
	}
	for range 10 { // some of them in the thread that closed
		if now, err := os.Readlink("/proc/thread-self/ns/net"); err != nil || now != network {
			t.Fatalf("a thread was left in network %s, %v", now, err)
		}
		time.Sleep(time.Millisecond)
	}
}
