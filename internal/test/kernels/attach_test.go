package kernels

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/progs"
)

// Numbers of <linux/bpf.h>: commands of bpf(2), then attach types.
const (
	bpfProgTestRun = 10
	bpfLinkCreate  = 28
	bpfIterCreate  = 33

	attachCgroupEgress     = 1
	attachCgroupSockCreate = 2
	attachSockOps          = 3
	attachCgroupConnect4   = 10
	attachSkLookup         = 36
	attachXDP              = 37
	attachLSMCgroup        = 43
	attachNetfilter        = 45
	attachTCXIngress       = 46
)

const (
	loopback   = 1 // interface index, in every network namespace
	xdpGeneric = 2 // XDP_FLAGS_SKB_MODE
)

// bpf calls bpf(2) and returns its file descriptor, or 0.
func bpf[T any](cmd int, attr *T) (int, error) {
	// SAFETY: attr is a pointer to Size bytes that stay alive during the call.
	fd, _, errno := unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
	runtime.KeepAlive(attr)
	if errno != 0 {
		return -1, fmt.Errorf("bpf command %d: %w", cmd, errno)
	}
	return int(fd), nil
}

type linkCreate struct {
	prog, target, attachType, flags uint32
	protocol, hook                  uint32 // netfilter's
	priority                        int32
	_                               uint32
	_                               [4]uint64
}

// link attaches until the test ends.
func link(t *testing.T, attr linkCreate) error {
	fd, err := bpf(bpfLinkCreate, &attr)
	if err == nil {
		t.Cleanup(func() { unix.Close(fd) })
	}
	return err
}

func toCgroup(attachType uint32) func(*testing.T, int) error {
	return func(t *testing.T, prog int) error {
		dir := cgroupRoot(t)
		defer unix.Close(dir)
		return link(t, linkCreate{prog: uint32(prog), target: uint32(dir), attachType: attachType})
	}
}

// cgroupRoot opens the root of the unified hierarchy.
func cgroupRoot(t *testing.T) int {
	t.Helper()
	for _, path := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var fs unix.Statfs_t
		if unix.Statfs(path, &fs) == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC {
			fd, err := unix.Open(path, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			return fd
		}
	}
	dir := t.TempDir()
	if err := unix.Mount("cgroup2", dir, "cgroup2", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	fd, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func toInterface(attachType, flags uint32) func(*testing.T, int) error {
	return func(t *testing.T, prog int) error {
		return link(t, linkCreate{prog: uint32(prog), target: loopback, attachType: attachType, flags: flags})
	}
}

func toNetfilter(t *testing.T, prog int) error {
	return link(t, linkCreate{
		prog: uint32(prog), attachType: attachNetfilter,
		protocol: unix.AF_INET, hook: unix.NF_INET_LOCAL_IN, priority: 1,
	})
}

func toNamespace(t *testing.T, prog int) error {
	ns, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ns)
	return link(t, linkCreate{prog: uint32(prog), target: uint32(ns), attachType: attachSkLookup})
}

func toPerfEvent(t *testing.T, prog int) error {
	attr := unix.PerfEventAttr{
		Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK,
		Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})), Sample: 1_000_000, // nanoseconds
	}
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_SET_BPF, prog); err != nil {
		t.Fatal(err)
	}
	return unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0)
}

// useProcessorTime uses processor time until the program has run.
func useProcessorTime(_ *testing.T, s *progs.Skel) {
	for end := time.Now().Add(5 * time.Second); s.Bss.Fired == 0 && time.Now().Before(end); {
		unix.Getppid()
	}
}

func toSocket(t *testing.T, prog int) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := unix.SetsockoptInt(pair[1], unix.SOL_SOCKET, unix.SO_ATTACH_BPF, prog); err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendto(pair[0], []byte("x"), 0, nil); err != unix.EPERM { // it drops all
		return err
	}
	return nil
}

// ownNetwork moves this goroutine's thread to a new network namespace, with lo up, and
// returns a function that leaves it.
func ownNetwork(t *testing.T) func() {
	t.Helper()
	runtime.LockOSThread()
	old, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	sock := inet(t, unix.SOCK_DGRAM)
	defer unix.Close(sock)
	up, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	up.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(sock, unix.SIOCSIFFLAGS, up); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := unix.Setns(old, unix.CLONE_NEWNET); err == nil {
			runtime.UnlockOSThread() // else the thread ends with its goroutine
		}
		unix.Close(old)
	}
}

func inet(t *testing.T, kind int) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// udp sends a datagram to lo.
func udp(t *testing.T, _ *progs.Skel) {
	fd := inet(t, unix.SOCK_DGRAM)
	defer unix.Close(fd)
	if err := unix.Sendto(fd, []byte("x"), 0, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	unix.Getppid() // the datagram is received by the time a system call later
}

// tcp makes a connection over lo.
func tcp(t *testing.T, _ *progs.Skel) {
	server := inet(t, unix.SOCK_STREAM)
	defer unix.Close(server)
	address := &unix.SockaddrInet4{Port: 4242, Addr: [4]byte{127, 0, 0, 1}}
	if err := unix.Bind(server, address); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(server, 1); err != nil {
		t.Fatal(err)
	}
	client := inet(t, unix.SOCK_STREAM)
	defer unix.Close(client)
	if err := unix.Connect(client, address); err != nil {
		t.Fatal(err)
	}
}

// toClsact attaches to the ingress of lo as tc(8) does, by netlink: older kernels do
// not have a link for it.
func toClsact(t *testing.T, prog int) error {
	const (
		handleClsact = 0xffff0000 // ffff:
		parentClsact = 0xfffffff1 // TC_H_CLSACT
		parentIn     = 0xfffffff2 // clsact's ingress
		allProtocols = 0x0300     // ETH_P_ALL in network order
		bpfFD        = 6          // TCA_BPF_FD
		bpfName      = 7          // TCA_BPF_NAME
		bpfFlags     = 8          // TCA_BPF_FLAGS
	)
	talk(t, unix.RTM_NEWQDISC, tcmsg{index: loopback, handle: handleClsact, parent: parentClsact},
		attribute(unix.TCA_KIND, []byte("clsact\x00")))
	options := attribute(bpfFD, u32(uint32(prog)))
	options = append(options, attribute(bpfName, []byte("test\x00"))...)
	options = append(options, attribute(bpfFlags, u32(1))...) // direct action
	talk(t, unix.RTM_NEWTFILTER, tcmsg{index: loopback, parent: parentIn, info: 1<<16 | allProtocols},
		append(attribute(unix.TCA_KIND, []byte("bpf\x00")), attribute(unix.TCA_OPTIONS, options)...))
	return nil
}

type tcmsg struct {
	family, _, _, _             byte
	index, handle, parent, info uint32
}

func u32(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }

func attribute(kind uint16, data []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(data)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// talk sends one request to the kernel's routing socket, which must accept it.
func talk(t *testing.T, kind uint16, m tcmsg, attributes []byte) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	const header, body = unix.NLMSG_HDRLEN, 20
	b := u32(uint32(header + body + len(attributes)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	b = append(b, make([]byte, 8)...) // sequence and port
	b = append(b, m.family, 0, 0, 0)
	for _, v := range []uint32{m.index, m.handle, m.parent, m.info} {
		b = append(b, u32(v)...)
	}
	if err := unix.Sendto(fd, append(b, attributes...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, reply, 0)
	if err != nil || n < header+4 {
		t.Fatalf("netlink: %d bytes, %v", n, err)
	}
	if errno := int32(binary.NativeEndian.Uint32(reply[header:])); errno != 0 {
		t.Fatalf("netlink request %d: %v", kind, unix.Errno(-errno))
	}
}
