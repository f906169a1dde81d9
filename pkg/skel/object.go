package skel

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// Object is a skeleton that is loaded: what is common to the Skel types of
// generated packages.
type Object struct {
	life
	sk *libbpf.Skeleton

	// change is held, inside life.mu, by what changes the object or its links.
	change     sync.Mutex
	progPlaces []*Link            // pre-allocated, one for each program
	mapPlaces  []*Link            // pre-allocated, one for each map
	byHand     map[*Link]struct{} // the others that hold a link
	fds        []int              // of each map, -1 for none
	memory     []unsafe.Pointer   // of each map that is a section
	inner      map[int]template   // of each map of maps
	unbind     []func()
}

// newObject takes over a skeleton that was just loaded.
func newObject(spec *Spec, sk *libbpf.Skeleton, b before) (*Object, error) {
	o := &Object{life: life{name: spec.Name}, sk: sk, byHand: map[*Link]struct{}{}, inner: b.inner}
	o.memory = make([]unsafe.Pointer, sk.NumMaps())
	for i := range o.memory {
		o.fds = append(o.fds, b.fd(sk, i))
	}
	for _, s := range spec.Sections {
		m := sk.Map(s.Map)
		p, err := settle(s, m, o.fds[s.Map], sk.Memory(s.Map), b.images[s.Map])
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
	if i, err := o.attachPrograms(); err != nil {
		return o.sectionError(o.sk.Program(i), err)
	}
	if i, err := o.sk.AttachMaps(0, o.sk.NumMaps()); err != nil {
		return fail("attach", o.name, o.sk.Map(i).Name(), "", err)
	}
	return nil
}

// attachPrograms leaves out the places that hold a filter, which libbpf would take
// for empty ones. It returns the index of the program that failed.
func (o *Object) attachPrograms() (failed int, err error) {
	taken := func(l *Link) bool { return l.filter != nil }
	for first := 0; first < len(o.progPlaces); {
		count := slices.IndexFunc(o.progPlaces[first:], taken)
		if count < 0 {
			count = len(o.progPlaces) - first
		}
		next := first + count + 1
		if failed, err = o.sk.AttachPrograms(first, count); err != nil {
			next = failed + 1
			if err = o.attachRest(failed, err); err != nil {
				return failed, err
			}
		}
		first = next
	}
	return 0, nil
}

// sectionError is the error of attaching a program as its section says.
func (o *Object) sectionError(p libbpf.Program, err error) error {
	return o.attachError(p, sectionAttempt(p.Section()), err)
}

func (o *Object) attachError(p libbpf.Program, a attempt, err error) error {
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
		o.sk.Destroy()
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

// Bind points field at the memory of the section in map m until Close: nil where
// the section is writable and the kernel cannot map it. It is for generated
// packages.
func Bind[T any](o *Object, m int, field **T) {
	*field = (*T)(o.memory[m]) // SAFETY: it holds at least a T (checkLayout, SetValueSize)
	o.unbind = append(o.unbind, func() { *field = nil })
}
