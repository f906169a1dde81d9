package skel

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Link is an attachment of a program or struct_ops map. A skeleton's Links has one Link
// per program and struct_ops map, which Attach fills; the other Attach methods return new
// ones. All methods may be called from any number of goroutines. The skeleton owns every
// link and closes them all before its maps and programs. To let an attachment outlive its
// skeleton, call Disconnect or Pin.
type Link struct {
	o                *Object
	program, mapName string
	attachment       backend.Link // nil if nothing is attached
	preallocated     bool         // a field of Links, which can be attached again after Close
	index            int          // of its program or map, if it is preallocated
}

var errNoFD = fmt.Errorf("%w: this kind of link has no file descriptor", syscall.EOPNOTSUPP)

// makeLinks makes the Link of each program and struct_ops map.
func (o *Object) makeLinks() {
	for i := range o.spec.Programs {
		o.programLinks = append(o.programLinks, &Link{o: o, program: o.sk.Program(i).Name(), preallocated: true, index: i})
	}
	for i := range o.spec.Maps {
		o.mapLinks = append(o.mapLinks, &Link{o: o, mapName: o.sk.Map(i).Name(), preallocated: true, index: i})
	}
}

// registerLink makes the Link of a new attachment. The caller holds beginChange.
func (o *Object) registerLink(program, mapName string, made backend.Link) *Link {
	l := &Link{o: o, program: program, mapName: mapName, attachment: made}
	o.manualLinks[l] = struct{}{}
	return l
}

// beginChange begins the call op on an attached link, like Object.beginChange.
func (l *Link) beginChange(op string) error {
	if err := l.object().beginChange(); err != nil {
		return err
	}
	if l.attached() {
		return nil
	}
	l.o.endChange()
	if l.preallocated {
		return l.fail(op, ErrNotAttached)
	}
	return ErrClosed
}

// object returns nil for a nil or zero Link, which behaves like a closed one.
func (l *Link) object() *Object {
	if l == nil {
		return nil
	}
	return l.o
}

func (l *Link) attached() bool { return l.attachment != nil }

// destroy detaches. The caller holds beginChange.
func (l *Link) destroy() error {
	delete(l.o.manualLinks, l)
	made := l.attachment
	if made == nil {
		return nil
	}
	l.attachment = nil
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
	if err := l.beginChange(op); err != nil {
		return err
	}
	defer l.o.endChange()
	fd := l.attachment.FD()
	if fd < 0 {
		return l.fail(op, errNoFD)
	}
	return l.fail(op, f(fd))
}

// Close detaches, unless the link is pinned or disconnected. A Link in Links can be
// attached again, by Attach or Adopt. Close does nothing if the link or its skeleton is
// closed. (bpf_link__destroy)
func (l *Link) Close() error {
	if l.object().beginChange() != nil {
		return nil
	}
	defer l.o.endChange()
	return l.destroy()
}

// Disconnect makes Close of the link and of the skeleton leave the attachment in place. It
// lasts until the process ends; a pinned link, a tc filter, and a struct_ops map without a
// link last longer, until they are removed. The file descriptors that the attachment needs
// stay open. For most kinds, closing the descriptor that FD returned before Close detaches.
// (bpf_link__disconnect)
func (l *Link) Disconnect() error {
	if err := l.beginChange("disconnect"); err != nil {
		return err
	}
	defer l.o.endChange()
	l.attachment.Disconnect()
	return nil
}

// Attached reports whether the link is attached.
func (l *Link) Attached() bool {
	if l.object().beginChange() != nil {
		return false
	}
	defer l.o.endChange()
	return l.attached()
}

// FD returns the link's file descriptor, -1 if it has none or is not attached. It
// belongs to the link. (bpf_link__fd)
func (l *Link) FD() int {
	if l.beginChange("ask for the fd") != nil {
		return -1
	}
	defer l.o.endChange()
	return l.attachment.FD()
}
