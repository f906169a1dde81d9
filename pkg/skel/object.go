package skel

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Object is a loaded skeleton: the part that the Skel types of all generated packages
// share.
type Object struct {
	lifetime
	sk   backend.Object
	spec *backend.Spec

	// change is held, inside lifetime.mu, by calls that change the object or its links.
	change       sync.Mutex
	programLinks []*Link            // the Links of programs, one per program
	mapLinks     []*Link            // the Links of struct_ops maps, one per map
	manualLinks  map[*Link]struct{} // attached by one of the Attach methods, and not adopted
	fds          []int              // of each map, -1 for none
	memory       []unsafe.Pointer   // of each map that is a section
	inner        map[int]template   // of each map of maps
	pins         []*mapPin          // of each map
	unbind       []func()
}

// newObject takes ownership of a skeleton that was just loaded.
func newObject(open *OpenObject, sk backend.Object, b openState) (*Object, error) {
	spec := open.spec
	o := &Object{lifetime: lifetime{name: spec.Name}, sk: sk, spec: spec, manualLinks: map[*Link]struct{}{}, inner: b.inner}
	o.memory = make([]unsafe.Pointer, len(spec.Maps))
	for i := range o.memory {
		o.fds = append(o.fds, b.fd(sk, i))
		o.pins = append(o.pins, &mapPin{path: sk.Map(i).PinPath(), pinned: sk.Map(i).Pinned()})
	}
	for _, s := range spec.Sections {
		m := sk.Map(s.Map)
		p, err := memoryAfterLoad(s, m, o.fds[s.Map], m.Memory(), b.images[s.Map])
		if err != nil {
			return nil, fail("read the section", o.name, m.Name(), "", err)
		}
		o.memory[s.Map] = p
	}
	o.makeLinks()
	return o, nil
}

// beginUse begins a call. Nil and a zero value behave like a closed object.
func (o *Object) beginUse() error {
	if o == nil {
		return ErrClosed
	}
	if err := o.lifetime.beginUse(); err != nil {
		return err
	}
	if o.sk == nil {
		o.lifetime.endUse()
		return ErrClosed
	}
	return nil
}

// check returns ErrClosed if the object is closed.
func (o *Object) check() error {
	if err := o.beginUse(); err != nil {
		return err
	}
	o.endUse()
	return nil
}

// beginChange begins a call that changes the object or its links. One such call runs at a
// time.
func (o *Object) beginChange() error {
	if err := o.beginUse(); err != nil {
		return err
	}
	o.change.Lock()
	return nil
}

func (o *Object) endChange() {
	o.change.Unlock()
	o.endUse()
}

// Attach attaches every program and struct_ops map whose section says what to attach it
// to and that is not attached yet. It skips programs without autoload or autoattach. It
// stops at the first failure, which names the program or map. Whatever was attached by
// then stays attached until Detach or Close, and another Attach continues from there.
// (bpf_object__attach_skeleton)
func (o *Object) Attach() error {
	if err := o.beginChange(); err != nil {
		return err
	}
	defer o.endChange()
	for i := range o.programLinks {
		if err := o.attachProgram(i); err != nil {
			return err
		}
	}
	for i := range o.mapLinks {
		if err := o.attachMap(i); err != nil {
			return err
		}
	}
	return nil
}

// AttachResult reports what AttachEach did with one program or struct_ops map.
type AttachResult struct {
	Program, Map string // the name; the other one is ""
	// Link is its field of Links. It is not attached if the attach failed, or if the
	// program or map was skipped; in the latter case Err is nil.
	Link *Link
	Err  error
}

// AttachEach is like Attach but continues after a failure. It returns one result per
// program and struct_ops map. Its error joins theirs; after Close it is ErrClosed, and
// there are no results.
// (bpf_object__attach_skeleton)
func (o *Object) AttachEach() ([]AttachResult, error) {
	if err := o.beginChange(); err != nil {
		return nil, err
	}
	defer o.endChange()
	var results []AttachResult
	for i, l := range o.programLinks {
		results = append(results, AttachResult{Program: l.program, Link: l, Err: o.attachProgram(i)})
	}
	for i, l := range o.mapLinks {
		if o.spec.Maps[i].Link {
			results = append(results, AttachResult{Map: l.mapName, Link: l, Err: o.attachMap(i)})
		}
	}
	var errs []error
	for _, r := range results {
		errs = append(errs, r.Err)
	}
	return results, errors.Join(errs...)
}

// attachProgram attaches a program to the target that its section names and stores the
// link in Links, unless it is attached already or has no autoload or autoattach.
func (o *Object) attachProgram(i int) (err error) {
	l := o.programLinks[i]
	if l.attached() {
		return nil
	}
	p := o.sk.Program(i)
	if l.attachment, err = p.AutoAttach(); err != nil {
		l.attachment, err = o.attachSectionFunctions(p, err)
	}
	if err != nil {
		return o.sectionError(p, err)
	}
	return nil
}

// attachMap does the same for a struct_ops map.
func (o *Object) attachMap(i int) (err error) {
	l := o.mapLinks[i]
	if l.attached() || !o.spec.Maps[i].Link {
		return nil
	}
	l.attachment, err = o.sk.Map(i).AutoAttach()
	return l.fail("attach", err)
}

// sectionError is the error of attaching a program as its section says.
func (o *Object) sectionError(p backend.Program, err error) error {
	return o.attachError(p, parseSection(p.Section()), err)
}

func (o *Object) attachError(p backend.Program, a attachRequest, err error) error {
	err = fail(a.op, o.name, "", p.Name(), err)
	var e *Error
	if errors.As(err, &e) {
		e.Target = a.target
		e.Hint = cmp.Or(attachHint(p, a, e), e.Hint)
	}
	return err
}

// Detach closes every link of the skeleton: those in Links, and those that the other
// Attach methods returned. Attach may follow. It closes all links even if some fail, and
// joins their errors. (bpf_link__destroy)
func (o *Object) Detach() error {
	if err := o.beginChange(); err != nil {
		return err
	}
	defer o.endChange()
	return o.detach()
}

func (o *Object) detach() error {
	var errs []error
	for l := range o.manualLinks {
		errs = append(errs, l.destroy())
	}
	for _, l := range slices.Concat(o.programLinks, o.mapLinks) {
		errs = append(errs, l.destroy())
	}
	return errors.Join(errs...)
}

// Close waits for calls in progress, then detaches all links, unmaps the sections, whose
// pointers become nil, and closes maps and programs. Anything pinned stays in the kernel.
// A second Close does nothing. Close frees everything even if some links fail to detach,
// and joins their errors.
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
	o.sk, o.manualLinks, o.memory, o.unbind = nil, nil, nil, nil
	return err
}

// ELF returns a copy of the object file that the skeleton was generated from.
func (o *Object) ELF() []byte {
	if o.beginUse() != nil {
		return nil
	}
	defer o.endUse()
	return o.sk.ELF()
}

// bind calls set with the memory of the section in map m, and Close calls it with nil.
// If the section is writable and the kernel cannot map it, the memory is nil.
func (o *Object) bind(m int, set func(unsafe.Pointer)) {
	set(o.memory[m])
	o.unbind = append(o.unbind, func() { set(nil) })
}

// WithPointer calls f with the struct bpf_object. Close waits until f returns. Other
// bindings of libbpf can use the pointer. (bpf_object_skeleton.obj)
func (o *Object) WithPointer(f func(object unsafe.Pointer) error) error {
	if err := o.beginChange(); err != nil {
		return err
	}
	defer o.endChange()
	if f == nil {
		return errNil
	}
	n, ok := o.sk.(backend.Native)
	if !ok {
		return fail("use", o.name, "", "", errNoNative)
	}
	return f(n.Native())
}

// errNoNative is the error of a back end that is not a C library.
var errNoNative = fmt.Errorf("%w: the back end has no C object", errors.ErrUnsupported)
