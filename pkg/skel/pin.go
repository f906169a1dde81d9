package skel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// mapPin is the pin path of a map of a skeleton, and whether it is pinned there.
type mapPin struct {
	path   string // "" for nowhere
	pinned bool
	chosen bool // the path came from Pin: Unpin forgets it
}

// pinError reports a path at which nothing can be pinned, with libbpf's errno.
type pinError struct {
	syscall.Errno
	hint string
}

// Unwrap makes errors.Is find the errno.
func (e *pinError) Unwrap() error { return e.Errno }

// pinFD pins a descriptor, and creates the last folder of the path if needed, as libbpf
// does.
func pinFD(fd int, path string) error {
	if err := checkPath(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return plainErrno(err)
	}
	if !isBPFFS(dir) {
		return &pinError{syscall.EINVAL, bpffsHint(path)}
	}
	err := bpf.Pin(fd, path, bpf.PinOptions{})
	if errors.Is(err, syscall.EPERM) && strings.Contains(filepath.Base(path), ".") {
		return &pinError{syscall.EPERM, "a name in a BPF file system must not contain a dot"}
	}
	return err
}

// unpinPath removes a pin.
func unpinPath(path string) error {
	if err := checkPath(path); err != nil {
		return err
	}
	if !isBPFFS(filepath.Dir(path)) {
		return &pinError{syscall.EINVAL, bpffsHint(path)}
	}
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return syscall.EISDIR
	}
	return plainErrno(os.Remove(path))
}

// plainErrno returns the errno of a failure on a file without its path, which errors
// already name.
func plainErrno(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

// check refuses a path other than the map's pin path.
func (p *mapPin) check(path string) error {
	switch {
	case p.path != "" && path != "" && path != p.path:
		return fmt.Errorf("%w: the pin path of the map is %s", syscall.EINVAL, p.path)
	case p.path == "" && path == "":
		return fmt.Errorf("%w: the map has no pin path: pass a path", syscall.EINVAL)
	}
	return nil
}

// pin pins the map behind fd. It succeeds if the map is already pinned there.
func (p *mapPin) pin(fd int, path string) error {
	if err := p.check(path); err != nil || p.pinned && p.path != "" {
		return err
	}
	if p.path != "" {
		path = p.path
	}
	if fd < 0 {
		return fmt.Errorf("%w: the map was not created", syscall.EINVAL)
	}
	if err := pinFD(fd, path); err != nil {
		return err
	}
	p.path, p.pinned, p.chosen = path, true, p.chosen || p.path == ""
	return nil
}

func (p *mapPin) unpin(path string) error {
	if err := p.check(path); err != nil {
		return err
	}
	if p.path != "" {
		path = p.path
	}
	if err := unpinPath(path); err != nil {
		return err
	}
	p.pinned = false
	if p.chosen {
		p.path, p.chosen = "", false
	}
	return nil
}
