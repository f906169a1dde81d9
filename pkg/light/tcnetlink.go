//go:build linux

package light

import (
	"encoding/binary"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// tcMessage is a request to the kernel's traffic control by netlink, and what the answer
// says. Its numbers have the machine's byte order.
type tcMessage struct {
	bytes []byte
	flags uint16
	log   backend.Log

	// found is set if the answer describes a filter that runs a program, with this
	// handle, priority and id of the program.
	found                     bool
	handle, priority, program uint32
}

var native = binary.NativeEndian

// Sizes of struct nlmsghdr, tcmsg and nlattr, to which parts of a message are aligned.
const (
	messageHeader   = unix.SizeofNlMsghdr
	tcHeader        = 20
	attributeHeader = unix.SizeofNlAttr
	alignment       = 4
)

// sequence is the number of each request: each has a socket to itself.
const sequence = 1

func newTCMessage(kind, flags uint16) *tcMessage {
	m := &tcMessage{flags: flags | unix.NLM_F_REQUEST}
	m.bytes = native.AppendUint16(make([]byte, 4), kind) // the size comes first
	m.bytes = native.AppendUint16(m.bytes, m.flags)
	m.bytes = native.AppendUint32(m.bytes, sequence)
	m.bytes = native.AppendUint32(m.bytes, 0) // from this socket
	return m
}

// header appends struct tcmsg.
func (m *tcMessage) header(ifindex int, handle, parent, info uint32) {
	m.bytes = native.AppendUint32(m.bytes, unix.AF_UNSPEC)
	for _, v := range []uint32{uint32(ifindex), handle, parent, info} {
		m.bytes = native.AppendUint32(m.bytes, v)
	}
}

// nest begins an attribute, which ends at a call of end.
func (m *tcMessage) nest(kind uint16) (end func()) {
	start := len(m.bytes)
	m.bytes = native.AppendUint16(native.AppendUint16(m.bytes, 0), kind)
	return func() {
		native.PutUint16(m.bytes[start:], uint16(len(m.bytes)-start))
		for len(m.bytes)%alignment != 0 {
			m.bytes = append(m.bytes, 0)
		}
	}
}

func (m *tcMessage) text(kind uint16, s string) {
	end := m.nest(kind)
	m.bytes = append(append(m.bytes, s...), 0)
	end()
}

func (m *tcMessage) number(kind uint16, v uint32) {
	end := m.nest(kind)
	m.bytes = native.AppendUint32(m.bytes, v)
	end()
}

// result returns the error of the operation that the request is part of.
func (m *tcMessage) result(op string, err error) error {
	backend.Emit(m.log)
	if err == nil {
		return nil
	}
	return failed(op, err, m.log)
}

// request sends the message and reads the answer, in the network namespace behind netns,
// -1 for the thread's.
func (m *tcMessage) request(netns int) error {
	fd, err := netlinkSocket(netns)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	native.PutUint32(m.bytes, uint32(len(m.bytes)))
	if _, err := unix.Write(fd, m.bytes); err != nil {
		return err
	}
	buffer := make([]byte, 1<<16) // more than the kernel puts into one answer
	for {
		n, err := unix.Read(fd, buffer)
		if err == unix.EINTR || err == unix.EAGAIN {
			continue
		}
		if err != nil {
			return err
		}
		if done, err := m.take(buffer[:n]); done || err != nil || n == 0 {
			return err
		}
	}
}

// netlinkSocket opens a socket to the kernel's routing, which works in the network
// namespace in which it was opened.
func netlinkSocket(netns int) (fd int, err error) {
	if netns < 0 {
		fd, err = openNetlink()
	} else {
		opened := make(chan struct{})
		go func() {
			defer close(opened)
			fd, err = openNetlinkIn(netns)
		}()
		<-opened
	}
	if err == nil {
		// Then an answer has a message about an error; older kernels do not know it.
		_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	}
	return fd, err
}

func openNetlink() (int, error) {
	return unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
}

// openNetlinkIn opens a socket in another namespace. The caller is a goroutine that ends
// afterwards: a thread that does not come back to its namespace ends with it.
func openNetlinkIn(netns int) (int, error) {
	runtime.LockOSThread()
	own, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		runtime.UnlockOSThread()
		return -1, err
	}
	defer unix.Close(own)
	fd := -1
	if err = unix.Setns(netns, unix.CLONE_NEWNET); err == nil {
		fd, err = openNetlink()
	}
	if unix.Setns(own, unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return fd, err
}

// take reads the messages of an answer. done is true after the last one: the
// acknowledgment, if one was requested.
func (m *tcMessage) take(b []byte) (done bool, err error) {
	for len(b) >= messageHeader {
		size, kind, flags := int(native.Uint32(b)), native.Uint16(b[4:]), native.Uint16(b[6:])
		if size < messageHeader || size > len(b) {
			return true, backend.ErrNetlink
		}
		message := b[messageHeader:size]
		ours := native.Uint32(b[8:]) == sequence
		b = b[min(align(size), len(b)):]
		switch {
		case !ours:
		case kind == unix.NLMSG_ERROR:
			return true, m.takeError(message, flags)
		case kind == unix.NLMSG_DONE:
			return true, nil
		default:
			if err := m.takeFilter(message); err != nil {
				return true, err
			}
			done = m.flags&unix.NLM_F_ACK == 0
		}
	}
	return done, nil
}

func align(size int) int { return (size + alignment - 1) &^ (alignment - 1) }

// takeError reads struct nlmsgerr, which without an errno is an acknowledgment. The
// kernel's message about the error is behind the request, of which it may repeat only the
// header.
func (m *tcMessage) takeError(b []byte, flags uint16) error {
	if len(b) < 4+messageHeader {
		return backend.ErrNetlink
	}
	errno := -int32(native.Uint32(b))
	if errno == 0 {
		return nil
	}
	request := messageHeader
	if flags&unix.NLM_F_CAPPED == 0 {
		request = align(max(int(native.Uint32(b[4:])), messageHeader))
	}
	if flags&unix.NLM_F_ACK_TLVS != 0 && 4+request <= len(b) {
		if text := attribute(b[4+request:], unix.NLMSGERR_ATTR_MSG); text != nil {
			m.log = append(m.log, backend.Message{Level: backend.LevelWarn, Text: "Kernel error message: " + strings.TrimRight(string(text), "\x00")})
		}
	}
	return unix.Errno(errno)
}

// takeFilter reads a struct tcmsg that describes a filter. The error is EINVAL if the
// filter does not run a program.
func (m *tcMessage) takeFilter(b []byte) error {
	if len(b) < tcHeader {
		return backend.ErrNetlink
	}
	options := attribute(b[tcHeader:], unix.TCA_OPTIONS)
	if options == nil || attribute(b[tcHeader:], unix.TCA_KIND) == nil {
		return nil
	}
	id := attribute(options, bpfID)
	if len(id) < 4 {
		return unix.EINVAL
	}
	m.found = true
	m.handle, m.priority, m.program = native.Uint32(b[8:]), native.Uint32(b[16:])>>16, native.Uint32(id)
	return nil
}

// attribute returns the data of an attribute, nil if there is none of that kind.
func attribute(b []byte, kind uint16) []byte {
	const flags = 0xc000 // NLA_F_NESTED, NLA_F_NET_BYTEORDER
	for len(b) >= attributeHeader {
		size := int(native.Uint16(b))
		if size < attributeHeader || size > len(b) {
			return nil
		}
		if native.Uint16(b[2:])&^flags == kind {
			return b[attributeHeader:size:size]
		}
		b = b[min(align(size), len(b)):]
	}
	return nil
}
