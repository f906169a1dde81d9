package skel

import "github.com/bpfskel/bpfskel/cgo/libbpf"

// Link is an attachment, or the pre-allocated place for one that a skeleton has
// for each program and each struct_ops map (Links). All methods may be called
// from any number of goroutines. The skeleton owns every link made from it and
// closes them all before its maps and programs; Disconnect, or a pin, is how an
// attachment outlives it.
type Link struct {
	o                *Object
	program, mapName string
	// place is where the libbpf link is: in C memory for those in Links, own
	// for those made by hand. It is good while the object is not closed.
	place *libbpf.Link
	own   libbpf.Link
	kept  bool // one of Links, which may be filled again
}

// NewLink returns the place for a program's link. It is for generated packages.
func NewLink(o *Object, program int) *Link { return o.progPlaces[program] }

// NewMapLink returns the place for a struct_ops map's link. It is for generated
// packages.
func NewMapLink(o *Object, m int) *Link { return o.mapPlaces[m] }

// newLink registers a link made by hand. The caller is between enterChange and
// leaveChange.
func (o *Object) newLink(program, mapName string, made libbpf.Link) *Link {
	l := &Link{o: o, program: program, mapName: mapName, own: made}
	l.place = &l.own
	o.byHand[l] = struct{}{}
	return l
}

// enter begins a call on a link that is attached, alone among the calls that
// change the object. The matching leave is o.leaveChange.
func (l *Link) enter() error {
	if err := l.o.enterChange(); err != nil {
		return err
	}
	if l.attached() {
		return nil
	}
	l.o.leaveChange()
	if l.kept {
		return l.fail("link", ErrNotAttached)
	}
	return ErrClosed
}

func (l *Link) attached() bool { return l.place != nil && l.place.Attached() }

// destroy detaches. The caller is alone with the object.
func (l *Link) destroy() error {
	delete(l.o.byHand, l)
	if l.place == nil {
		return nil
	}
	return l.fail("detach", l.place.Destroy())
}

func (l *Link) fail(op string, err error) error {
	return fail(op, l.o.name, l.mapName, l.program, err)
}

// Close detaches, unless the link is pinned or disconnected. A place in Links
// may be filled again, by Attach or Adopt. A link that is closed, or whose
// skeleton is, is left alone. (bpf_link__destroy)
func (l *Link) Close() error {
	if l.o.enterChange() != nil {
		return nil
	}
	defer l.o.leaveChange()
	return l.destroy()
}

// Attached tells whether the link, or place, is attached now.
func (l *Link) Attached() bool {
	if l.o.enterChange() != nil {
		return false
	}
	defer l.o.leaveChange()
	return l.attached()
}

// Adopt puts a link of the same skeleton that was made by hand into this place
// of Links, where Attach then leaves it alone. The place takes over: from is
// closed as a handle, its attachment goes on. It is an error if the place is
// taken.
func (l *Link) Adopt(from *Link) error {
	if !l.kept || l.place == nil || from.o != l.o || from.kept {
		return l.fail("adopt", errInvalid)
	}
	if err := l.o.enterChange(); err != nil {
		return err
	}
	defer l.o.leaveChange()
	switch {
	case l.attached():
		return l.fail("adopt", errExist)
	case !from.attached():
		return ErrClosed
	}
	delete(l.o.byHand, from)
	l.place.Put(from.place.Take())
	return nil
}

// FD is the link's file descriptor, -1 where it has none or is not attached. It
// belongs to the link. (bpf_link__fd)
func (l *Link) FD() int {
	if l.enter() != nil {
		return -1
	}
	defer l.o.leaveChange()
	return l.place.FD()
}
