package skel

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Object is a skeleton that is loaded: what is common to the Skel types of
// generated packages.
type Object struct {
	life
	sk   backend.Object
	spec *backend.Spec

	// change is held, inside life.mu, by what changes the object or its links.
	change     sync.Mutex
	progPlaces []*Link            // pre-allocated, one for each program
	mapPlaces  []*Link            // pre-allocated, one for each map
	byHand     map[*Link]struct{} // the others that hold a link
	fds        []int              // of each map, -1 for none
	memory     []unsafe.Pointer   // of each map that is a section
	inner      map[int]template   // of each map of maps
	pins       []*mapPin          // of each map
	unbind     []func()
}

// newObject takes over a skeleton that was just loaded.
func newObject(open *OpenObject, sk backend.Object, b before) (*Object, error) {
	spec := open.spec
	o := &Object{life: life{name: spec.Name}, sk: sk, spec: spec, byHand: map[*Link]struct{}{}, inner: b.inner}
	o.memory = make([]unsafe.Pointer, len(spec.Maps))
	for i := range o.memory {
		o.fds = append(o.fds, b.fd(sk, i))
		o.pins = append(o.pins, &mapPin{path: sk.Map(i).PinPath(), pinned: sk.Map(i).Pinned()})
	}
	for _, s := range spec.Sections {
		m := sk.Map(s.Map)
		p, err := settle(s, m, o.fds[s.Map], m.Memory(), b.images[s.Map])
		if err != nil {
			return nil, fail("read the section", o.name, m.Name(), "", err)
		}
		o.memory[s.Map] = p
	}
	o.newPlaces()
	return o, nil
}

// enter begins a call. Nil and a zero value are closed.
func (o *Object) enter() error {
	if o == nil {
		return ErrClosed
	}
	if err := o.life.enter(); err != nil {
		return err
	}
	if o.sk == nil {
		o.life.leave()
		return ErrClosed
	}
	return nil
}

// check is ErrClosed once it is closed.
func (o *Object) check() error {
	if err := o.enter(); err != nil {
		return err
	}
	o.leave()
	return nil
}

// enterChange begins a call that changes the object, alone among its kind.
func (o *Object) enterChange() error {
	if err := o.enter(); err != nil {
		return err
	}
	o.change.Lock()
	return nil
}

func (o *Object) leaveChange() {
	o.change.Unlock()
	o.leave()
}

// Attach attaches every program and struct_ops map that can be attached by what
// its section says and that is not attached yet. Programs without autoload or
// autoattach are left out, and so are those whose section does not say where to.
// At the first failure it stops and says which; what was attached stays so, until
// Detach or Close, and another Attach goes on from there.
// (bpf_object__attach_skeleton)
func (o *Object) Attach() error {
	if err := o.enterChange(); err != nil {
		return err
	}
	defer o.leaveChange()
	for i := range o.progPlaces {
		if err := o.attachProgram(i); err != nil {
			return err
		}
	}
	for i := range o.mapPlaces {
		if err := o.attachMap(i); err != nil {
			return err
		}
	}
	return nil
}

// attachProgram fills the place of a program, unless that holds a link or the program
// is left out.
func (o *Object) attachProgram(i int) (err error) {
	place := o.progPlaces[i]
	if place.attached() {
		return nil
	}
	p := o.sk.Program(i)
	if place.made, err = p.AutoAttach(); err != nil {
		place.made, err = attachSection(p, err)
	}
	if err != nil {
		return o.sectionError(p, err)
	}
	return nil
}

// attachMap does the same for a struct_ops map.
func (o *Object) attachMap(i int) (err error) {
	place := o.mapPlaces[i]
	if place.attached() || !o.spec.Maps[i].Link {
		return nil
	}
	place.made, err = o.sk.Map(i).AutoAttach()
	return place.fail("attach", err)
}

// sectionError is the error of attaching a program as its section says.
func (o *Object) sectionError(p backend.Program, err error) error {
	return o.attachError(p, sectionAttempt(p.Section()), err)
}

func (o *Object) attachError(p backend.Program, a attempt, err error) error {
	err = fail(a.op, o.name, "", p.Name(), err)
	var e *Error
	if errors.As(err, &e) {
		e.Target = a.target
		e.Hint = cmp.Or(attachHint(p, a, e), e.Hint)
	}
	return err
}

// Detach closes every link of the skeleton: those in their places and those made
// by hand. Attach may follow. Its error joins those of the links; all are closed
// all the same. (bpf_link__destroy)
func (o *Object) Detach() error {
	if err := o.enterChange(); err != nil {
		return err
	}
	defer o.leaveChange()
	return o.detach()
}

func (o *Object) detach() error {
	var errs []error
	for l := range o.byHand {
		errs = append(errs, l.destroy())
	}
	for _, l := range slices.Concat(o.progPlaces, o.mapPlaces) {
		errs = append(errs, l.destroy())
	}
	return errors.Join(errs...)
}

// Close detaches all links, unmaps the sections, whose pointers become nil, and
// closes maps and programs, after waiting for calls that are under way. What is
// pinned stays in the kernel. The second time it does nothing. Its error joins
// those of the links; everything is freed all the same.
// (bpf_object__destroy_skeleton)
func (o *Object) Close() error {
	if o == nil {
		return nil
	}
	o.hooks.run()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil
	}
	o.closed = true
	for _, f := range o.unbind {
		f()
	}
	err := o.detach()
	if o.sk != nil {
		o.sk.Close()
	}
	o.sk, o.byHand, o.memory, o.unbind = nil, nil, nil, nil
	return err
}

// ELF is a copy of the object file that the skeleton was generated from.
func (o *Object) ELF() []byte {
	if o.enter() != nil {
		return nil
	}
	defer o.leave()
	return o.sk.ELF()
}

// bind has set called with the memory of the section in map m, and with nil at Close:
// nil at once if the section is writable and the kernel cannot map it.
func (o *Object) bind(m int, set func(unsafe.Pointer)) {
	set(o.memory[m])
	o.unbind = append(o.unbind, func() { set(nil) })
}
