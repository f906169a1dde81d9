package ringbuf

import (
	"bytes"
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

// hotplug receives the kernel's messages about CPUs that come online.
type hotplug struct{ fd int }

// newHotplug returns nil if the process may not open such a socket. In a user namespace
// it may, but does not receive messages.
func newHotplug() *hotplug {
	const fromKernel = 1
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: fromKernel}); err != nil {
		unix.Close(fd)
		return nil
	}
	return &hotplug{fd}
}

// descriptor is readable when there is a message.
func (h *hotplug) descriptor() int { return h.fd }

// newlyOnline returns the CPUs that have come online according to the messages since the last
// call, and whether some messages were lost.
func (h *hotplug) newlyOnline() (cpus []int, lost bool) {
	var message [4096]byte
	for {
		n, from, err := unix.Recvfrom(h.fd, message[:], 0)
		switch sender, ok := from.(*unix.SockaddrNetlink); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ENOBUFS):
			lost = true
		case err != nil:
			return cpus, lost
		case ok && sender.Pid == 0: // the kernel's own
			if cpu, is := cpuOnline(message[:n]); is {
				cpus = append(cpus, cpu)
			}
		}
	}
}

// cpuOnline returns the CPU that has come online according to a message. Its first line is
// "online@/devices/system/cpu/cpu1".
func cpuOnline(message []byte) (cpu int, is bool) {
	line, _, _ := bytes.Cut(message, []byte{0})
	number, is := bytes.CutPrefix(line, []byte("online@/devices/system/cpu/cpu"))
	if !is {
		return 0, false
	}
	cpu, err := strconv.Atoi(string(number))
	return cpu, err == nil
}

func (h *hotplug) close() { unix.Close(h.fd) }
