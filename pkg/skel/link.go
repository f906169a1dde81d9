package skel

import (
	"fmt"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

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
	// filter is there instead, for what is no link of libbpf's.
	filter *filter
	form   form
	kept   bool // one of Links, which may be filled again
	index  int  // of its program or map, if it is
	usual  form // of what Attach puts into a place of Links
}

// form tells apart what has to be handled differently.
type form uint8

const (
	formFD        form = iota // it has a file descriptor
	formUSDT                  // many links in one
	formStructOps             // it has a file descriptor, and may get another map
	formOldOps                // registered without a link of the kernel's
	formFilter                // a filter of tc
)

var errNoFD = fmt.Errorf("%w: this kind of link has no file descriptor", syscall.EOPNOTSUPP)

// NewLink returns the place for a program's link. It is for generated packages.
func NewLink(o *Object, program int) *Link { return o.progPlaces[program] }

// NewMapLink returns the place for a struct_ops map's link. It is for generated
// packages.
func NewMapLink(o *Object, m int) *Link { return o.mapPlaces[m] }

// newPlaces makes the links of Links.
func (o *Object) newPlaces() {
	for i := range o.sk.NumPrograms() {
		p := o.sk.Program(i)
		o.progPlaces = append(o.progPlaces, newPlace(Link{o: o, program: p.Name(), place: o.sk.ProgramPlace(i), index: i}, sectionForm(p)))
	}
	for i := range o.sk.NumMaps() {
		m := o.sk.Map(i)
		o.mapPlaces = append(o.mapPlaces, newPlace(Link{o: o, mapName: m.Name(), place: o.sk.MapPlace(i), index: i}, opsForm(m)))
	}
}

func newPlace(l Link, usual form) *Link {
	l.kept, l.form, l.usual = true, usual, usual
	return &l
}

// sectionForm is the form of the link that a program's section asks for.
func sectionForm(p libbpf.Program) form {
	if kind, _, _ := strings.Cut(p.Section(), "/"); strings.TrimSuffix(kind, ".s") == "usdt" {
		return formUSDT
	}
	return formFD
}

func opsForm(m libbpf.Map) form {
	if m.Flags()&uapi.MapFlagLink != 0 {
		return formStructOps
	}
	return formOldOps
}

// newLink registers a link made by hand. The caller is between enterChange and
// leaveChange.
func (o *Object) newLink(program, mapName string, f form) *Link {
	l := &Link{o: o, program: program, mapName: mapName, form: f}
	l.place = &l.own
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

func (l *Link) attached() bool { return l.filter != nil || l.place != nil && l.place.Attached() }

// destroy detaches. The caller is alone with the object.
func (l *Link) destroy() error {
	delete(l.o.byHand, l)
	var err error
	switch {
	case l.filter != nil:
		err = l.filter.destroy()
	case l.place != nil:
		err = l.place.Destroy()
	}
	l.filter, l.form = nil, l.usual
	return l.fail("detach", err)
}

func (l *Link) fail(op string, err error) error {
	if l.object() == nil {
		return ErrClosed
	}
	return fail(op, l.o.name, l.mapName, l.program, err)
}

// fd is the link's file descriptor, -1 where it has none of its own. The caller is
// between enter and leaveChange.
func (l *Link) fd() int {
	if l.form == formFD || l.form == formStructOps {
		return l.place.FD()
	}
	return -1
}

// withFD calls f on a link that is attached and has a file descriptor.
func (l *Link) withFD(op string, f func(fd int) error) error {
	if err := l.enter(op); err != nil {
		return err
	}
	defer l.o.leaveChange()
	fd := l.fd()
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
	if l.filter != nil {
		l.filter.disconnected = true
	} else {
		l.place.Disconnect()
	}
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
	return l.fd()
}
