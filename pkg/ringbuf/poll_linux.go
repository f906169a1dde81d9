package ringbuf

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for any of several file descriptors, through an epoll that Go's own
// poller watches in turn.
type poller struct {
	file *os.File
	conn syscall.RawConn
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	// os.NewFile makes Go's poller watch a file only if it does not block.
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	conn, err := file.SyscallConn()
	if err == nil {
		err = file.SetReadDeadline(time.Time{}) // fails if it is not watched
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &poller{file, conn}, nil
}

// watchRead watches fd for something to read, until fd or the poller is closed, and
// watchWrite for room to write.
func (p *poller) watchRead(fd int) error  { return p.watch(fd, unix.EPOLLIN) }
func (p *poller) watchWrite(fd int) error { return p.watch(fd, unix.EPOLLOUT) }

func (p *poller) watch(fd int, events uint32) error {
	var err error
	ctl := func(epoll uintptr) {
		event := unix.EpollEvent{Events: events, Fd: int32(fd)}
		err = os.NewSyscallError("epoll_ctl", unix.EpollCtl(int(epoll), unix.EPOLL_CTL_ADD, fd, &event))
	}
	if failed := p.conn.Control(ctl); failed != nil {
		return failed
	}
	return err
}

// wait returns when check returns true, which it calls first and after each wake-up, or
// with os.ErrDeadlineExceeded.
func (p *poller) wait(check func(uintptr) bool) error { return p.conn.Read(check) }

// wakeAt makes waits end at t, including later ones; the zero time is never.
func (p *poller) wakeAt(t time.Time) { _ = p.file.SetReadDeadline(t) }

func (p *poller) close() { _ = p.file.Close() }
