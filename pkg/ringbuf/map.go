package ringbuf

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

// skeletonMap is a map that belongs to a skeleton.
type skeletonMap interface {
	// WithFD calls f while the skeleton cannot be closed.
	WithFD(f func(fd int) error) error
	// OnClose makes f be called when the skeleton is closed, or at once if it already
	// is.
	OnClose(f func()) (stop func())
}

// withFD calls f with the map's descriptor.
func withFD(m skel.Descriptor, f func(fd int) error) error {
	if m == nil {
		return fmt.Errorf("%w: the map is nil", syscall.EINVAL)
	}
	checked := func(fd int) error {
		if fd < 0 {
			return fmt.Errorf("%w: the map has no file descriptor: it was not created, or its skeleton is closed", syscall.EBADF)
		}
		return f(fd)
	}
	if o, ok := m.(skeletonMap); ok {
		return o.WithFD(checked)
	}
	return checked(m.FD())
}
