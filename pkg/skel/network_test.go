package skel_test

import (
	"encoding/binary"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

const loopback = 1 // the interface's index, in every network namespace

// ownNetwork moves the test's thread to a new network namespace, with lo up, and locks
// the test to the thread permanently.
func ownNetwork(t *testing.T) {
	t.Helper()
	needRoot(t)
	runtime.LockOSThread()
	must(t, unix.Unshare(unix.CLONE_NEWNET))
	bringUp(t, "lo")
}

func bringUp(t *testing.T, name string) {
	t.Helper()
	up, err := unix.NewIfreq(name)
	must(t, err)
	up.SetUint16(unix.IFF_UP)
	must(t, unix.IoctlIfreq(inet(t, unix.SOCK_DGRAM), unix.SIOCSIFFLAGS, up))
}

// inet makes a socket that the test closes.
func inet(t *testing.T, kind int) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// sendUDP sends a datagram over lo to a receiver that does not answer.
func sendUDP(t *testing.T) {
	t.Helper()
	fd := inet(t, unix.SOCK_DGRAM)
	must(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	address, err := unix.Getsockname(fd)
	must(t, err)
	must(t, unix.Sendto(fd, []byte("x"), 0, address))
	_, _, err = unix.Recvfrom(fd, make([]byte, 8), 0)
	must(t, err)
}

// connectTCP makes a connection over lo and returns its two ends.
func connectTCP(t *testing.T) (client, server int) {
	t.Helper()
	client = inet(t, unix.SOCK_STREAM)
	return client, connect(t, client)
}

// connect connects client to a new server, and returns the other end.
func connect(t *testing.T, client int) (server int) {
	t.Helper()
	listener := inet(t, unix.SOCK_STREAM)
	must(t, unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, unix.Listen(listener, 1))
	address, err := unix.Getsockname(listener)
	must(t, err)
	must(t, unix.Connect(client, address))
	server, _, err = unix.Accept(listener)
	must(t, err)
	t.Cleanup(func() { unix.Close(server) })
	return server
}

// netkitPair makes two interfaces of kind netkit, and returns the index of the first, 0
// if the kernel does not know them.
func netkitPair(t *testing.T) int {
	t.Helper()
	const ifinfomsg, infoKind = 16, 1 // sizes and numbers of <linux/if_link.h>
	kind := netAttribute(infoKind, []byte("netkit"))
	body := append(make([]byte, ifinfomsg), netAttribute(unix.IFLA_IFNAME, []byte("skel0\x00"))...)
	body = append(body, netAttribute(unix.IFLA_LINKINFO, kind)...)
	if err := netlink(t, unix.RTM_NEWLINK, body); err != nil {
		return 0
	}
	sock := inet(t, unix.SOCK_DGRAM)
	name, err := unix.NewIfreq("skel0")
	must(t, err)
	must(t, unix.IoctlIfreq(sock, unix.SIOCGIFINDEX, name))
	return int(name.Uint32())
}

func netAttribute(kind uint16, data []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(data)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// netlink sends one request to the kernel's routing socket.
func netlink(t *testing.T, kind uint16, body []byte) error {
	t.Helper()
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	must(t, err)
	defer unix.Close(fd)
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(body)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	b = append(b, make([]byte, 8)...) // sequence and port
	must(t, unix.Sendto(fd, append(b, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
	reply := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, reply, 0)
	must(t, err)
	if n < unix.NLMSG_HDRLEN+4 {
		t.Fatalf("netlink: %d bytes", n)
	}
	if errno := int32(binary.NativeEndian.Uint32(reply[unix.NLMSG_HDRLEN:])); errno != 0 {
		return unix.Errno(-errno)
	}
	return nil
}
