package ringbuf

import (
	"fmt"
	"syscall"
)

// Map is a BPF map: a *skel.RingBuf, or anything else that knows a file
// descriptor, as the maps of other libraries do.
type Map interface {
	// FD is the map's file descriptor, negative where there is none.
	FD() int
}

// FD is the file descriptor of a map, for what has no such method. It must stay
// open while a reader is made.
type FD int

// FD returns the descriptor itself.
func (fd FD) FD() int { return int(fd) }

// owned is a map that belongs to a skeleton.
type owned interface {
	// WithFD calls f while the skeleton cannot be closed.
	WithFD(f func(fd int) error) error
	// OnClose has f called when the skeleton is closed, or at once if it is.
	OnClose(f func()) (stop func())
}

// withFD calls f with the map's descriptor.
func withFD(m Map, f func(fd int) error) error {
	if m == nil {
		return fmt.Errorf("%w: it is nil", syscall.EINVAL)
	}
	checked := func(fd int) error {
		if fd < 0 {
			return fmt.Errorf("%w: the map has no file descriptor: it was not created, or its skeleton is closed", syscall.EBADF)
		}
		return f(fd)
	}
	if o, ok := m.(owned); ok {
		return o.WithFD(checked)
	}
	return checked(m.FD())
}
