package skel

import "github.com/bpfskel/bpfskel/pkg/internal/bpf"

// Descriptor is a map or program of this package, one of another library that has a
// method FD, or a plain FD. If it also has a method WithFD(func(fd int) error) error,
// as the maps and programs of this package do, that method is used instead, so that the
// descriptor is not closed during the call.
type Descriptor interface {
	// FD returns the file descriptor, a negative number if there is none.
	FD() int
}

// FD is a plain file descriptor as a Descriptor. The caller keeps it open during the
// call that it is passed to.
type FD int

// FD returns the descriptor itself.
func (fd FD) FD() int { return int(fd) }

// copyFD copies the file descriptor of a map or program, which another goroutine may
// close at any time. The error is EINVAL if it is not of the wanted kind. The caller
// closes the copy.
func copyFD(from Descriptor, want bpf.Kind) (int, error) {
	fd, err := copyAnyFD(from)
	if err != nil {
		return -1, err
	}
	if err := bpf.CheckKind(fd, want); err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

func copyAnyFD(from Descriptor) (fd int, err error) {
	if from == nil {
		return -1, errNil
	}
	if closable, ok := from.(interface {
		WithFD(func(fd int) error) error
	}); ok {
		err = closable.WithFD(func(theirs int) error {
			fd, err = dupFD(theirs)
			return err
		})
		return fd, err
	}
	return dupFD(from.FD())
}
