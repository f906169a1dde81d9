package skel

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Link is an attachment, or the pre-allocated place for one that a skeleton has
// for each program and each struct_ops map (Links). All methods may be called
// from any number of goroutines. The skeleton owns every link made from it and
// closes them all before its maps and programs; Disconnect, or a pin, is how an
// attachment outlives it.
type Link struct {
	o                *Object
	program, mapName string
	made             backend.Link // nil if nothing is attached
	kept             bool         // one of Links, which may be filled again
	index            int          // of its program or map, if it is
}

var errNoFD = fmt.Errorf("%w: this kind of link has no file descriptor", syscall.EOPNOTSUPP)

// newPlaces makes the links of Links.
func (o *Object) newPlaces() {
	for i := range o.spec.Programs {
		o.progPlaces = append(o.progPlaces, &Link{o: o, program: o.sk.Program(i).Name(), kept: true, index: i})
	}
	for i := range o.spec.Maps {
		o.mapPlaces = append(o.mapPlaces, &Link{o: o, mapName: o.sk.Map(i).Name(), kept: true, index: i})
	}
}

// newLink registers a link made by hand. The caller is between enterChange and
// leaveChange.
func (o *Object) newLink(program, mapName string, made backend.Link) *Link {
	l := &Link{o: o, program: program, mapName: mapName, made: made}
	o.byHand[l] = struct{}{}
	return l
}

// enter begins a call, which errors call op, on a link that is attached, alone among
// the calls that change the object. The matching leave is o.leaveChange.
func (l *Link) enter(op string) error {
	if err := l.object().enterChange(); err != nil {
		return err
	}
	if l.attached() {
		return nil
	}
	l.o.leaveChange()
	if l.kept {
		return l.fail(op, ErrNotAttached)
	}
	return ErrClosed
}

// object is nil of nil and of a zero value, which are closed.
func (l *Link) object() *Object {
	if l == nil {
		return nil
	}
	return l.o
}

func (l *Link) attached() bool { return l.made != nil }

// destroy detaches. The caller is alone with the object.
func (l *Link) destroy() error {
	delete(l.o.byHand, l)
	made := l.made
	if made == nil {
		return nil
	}
	l.made = nil
	return l.fail("detach", made.Destroy())
}

func (l *Link) fail(op string, err error) error {
	if l.object() == nil {
		return ErrClosed
	}
	return fail(op, l.o.name, l.mapName, l.program, err)
}

// withFD calls f on a link that is attached and has a file descriptor.
func (l *Link) withFD(op string, f func(fd int) error) error {
	if err := l.enter(op); err != nil {
		return err
	}
	defer l.o.leaveChange()
	fd := l.made.FD()
	if fd < 0 {
		return l.fail(op, errNoFD)
	}
	return l.fail(op, f(fd))
}

// Close detaches, unless the link is pinned or disconnected. A place in Links
// may be filled again, by Attach or Adopt. A link that is closed, or whose
// skeleton is, is left alone. (bpf_link__destroy)
func (l *Link) Close() error {
	if l.object().enterChange() != nil {
		return nil
	}
	defer l.o.leaveChange()
	return l.destroy()
}

// Disconnect makes Close, and the skeleton's, leave the attachment alone. It then
// goes on until the process ends, longer where it is pinned or is a filter of tc or
// a struct_ops without a link, which somebody else has to remove. What it needs
// stays open, the link's own file descriptor and others: FD, asked before Close,
// tells the one by which most kinds can still be closed. (bpf_link__disconnect)
func (l *Link) Disconnect() error {
	if err := l.enter("disconnect"); err != nil {
		return err
	}
	defer l.o.leaveChange()
	l.made.Disconnect()
	return nil
}

// Attached reports whether the link, or place, is attached now.
func (l *Link) Attached() bool {
	if l.object().enterChange() != nil {
		return false
	}
	defer l.o.leaveChange()
	return l.attached()
}

// FD is the link's file descriptor, -1 where it has none or is not attached. It
// belongs to the link. (bpf_link__fd)
func (l *Link) FD() int {
	if l.enter("ask for the fd") != nil {
		return -1
	}
	defer l.o.leaveChange()
	return l.made.FD()
}
