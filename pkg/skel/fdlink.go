package skel

import (
	"errors"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// fdLink is a link that consists of a file descriptor, made by one call of bpf(2) or
// opened from a pin.
type fdLink struct {
	fd           int
	event        int // the perf event that the link owns too, -1 without one
	pinPath      string
	disconnected bool
}

// attachBySyscall attaches by one call of bpf(2), which returns a descriptor, unless err,
// the result of a check, is not nil.
func (p *Program) attachBySyscall(a attachRequest, err error, call func(program int) (int, error)) (*Link, error) {
	return p.attach(a, func(lp backend.Program) (backend.Link, error) {
		if err != nil {
			return nil, err
		}
		program := lp.FD()
		if program < 0 {
			return nil, errNotLoaded
		}
		fd, err := retryInterrupted(func() (int, error) { return call(program) })
		if err != nil {
			return nil, err
		}
		return &fdLink{fd: fd, event: -1}, nil
	})
}

// retryInterrupted repeats a call that was interrupted: such a call has had no effect.
func retryInterrupted(call func() (int, error)) (fd int, err error) {
	for range 10 {
		if fd, err = call(); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	return fd, err
}

// attachPerfEvent attaches to an event, which the link then owns: by a link of the
// kernel's from Linux 5.15 on, else by ioctl.
func attachPerfEvent(program, event int, o PerfEventOptions) (backend.Link, error) {
	if program < 0 {
		return nil, errNotLoaded
	}
	l := &fdLink{fd: event, event: event}
	if !o.NoLink && hasPerfLinks(program) {
		fd, err := retryInterrupted(func() (int, error) { return bpf.LinkPerfEvent(program, event, o.Cookie) })
		if err != nil {
			return nil, err
		}
		l.fd = fd
	} else if o.Cookie != 0 {
		return nil, syscall.EOPNOTSUPP
	} else if err := setEventProgram(event, program); err != nil {
		return nil, err
	}
	if !o.Disabled {
		if err := enableEvent(event, true); err != nil {
			if l.fd != event {
				closeFD(l.fd)
			}
			return nil, err
		}
	}
	return l, nil
}

// hasPerfLinks reports whether the kernel has links to perf events: like libbpf, it
// asks for one to an event that is not open.
func hasPerfLinks(program int) bool {
	_, err := bpf.LinkPerfEvent(program, -1, 0)
	return errors.Is(err, syscall.EBADF)
}

// FD returns the descriptor.
func (l *fdLink) FD() int { return l.fd }

// Destroy closes the descriptors, which detaches unless the link is pinned. It disables
// a perf event, but leaves the event of a pinned link open and enabled until the
// process ends.
func (l *fdLink) Destroy() error {
	if l.disconnected {
		return nil
	}
	var errs []error
	if l.event >= 0 && (l.pinPath == "" || l.event == l.fd) {
		errs = append(errs, enableEvent(l.event, false))
		if l.event != l.fd {
			errs = append(errs, closeFD(l.event))
		}
	}
	return errors.Join(append(errs, closeFD(l.fd))...)
}

// Disconnect leaves the descriptors open until the process ends.
func (l *fdLink) Disconnect() { l.disconnected = true }

// Pin pins the link, at one path at most.
func (l *fdLink) Pin(path string) error {
	if l.pinPath != "" {
		return syscall.EBUSY
	}
	if err := pinFD(l.fd, path); err != nil {
		return err
	}
	l.pinPath = path
	return nil
}

// Unpin removes the pin.
func (l *fdLink) Unpin() error {
	if l.pinPath == "" {
		return errInvalid
	}
	if err := unpinPath(l.pinPath); err != nil {
		return err
	}
	l.pinPath = ""
	return nil
}

// PinPath returns the path at which the link is pinned.
func (l *fdLink) PinPath() string { return l.pinPath }
