package skel

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Program is a loaded program. All methods may be called from any number of goroutines.
//
// Attach attaches the program to the target that its section names. The other Attach
// methods take the target as arguments; each corresponds to one function of libbpf and has
// its names and limits. Options may be nil. All return a link that the skeleton owns and
// closes before the program, unless the caller closes it first. The error is EINVAL if the
// program was not loaded or its type cannot be attached in this way; other errors come from
// libbpf and the kernel.
type Program struct {
	o    *Object
	name string
	lp   backend.Program // valid until the object is closed
}

func (p *Program) bind(o *Object, program int) {
	p.o, p.lp = o, o.sk.Program(program)
	p.name = p.lp.Name()
}

var errNil = fmt.Errorf("%w: the argument is nil", syscall.EINVAL)

var errNotLoaded = fmt.Errorf("%w: the program was not loaded: call SetAutoload(true) before Load", syscall.EINVAL)

// Name is the program's name in the object. (bpf_program__name)
func (p *Program) Name() string {
	if p == nil {
		return ""
	}
	return p.name
}

// object returns nil for a nil or zero Program, which behaves like a closed one.
func (p *Program) object() *Object {
	if p == nil {
		return nil
	}
	return p.o
}

func (p *Program) fail(op string, err error) error {
	if p.object() == nil {
		return ErrClosed
	}
	return fail(op, p.o.name, "", p.name, err)
}

// FD is the program's file descriptor, -1 if it was not loaded and after
// Close. It belongs to the skeleton. (bpf_program__fd)
func (p *Program) FD() int {
	if p.object().beginUse() != nil {
		return -1
	}
	defer p.o.endUse()
	return max(p.lp.FD(), -1)
}

// WithFD calls f with the program's file descriptor. Close does not close it
// before f returns. f must only make system calls. The error is EINVAL if the program was
// not loaded. (bpf_program__fd)
func (p *Program) WithFD(f func(fd int) error) error {
	if err := p.object().beginUse(); err != nil {
		return err
	}
	defer p.o.endUse()
	fd := p.lp.FD()
	if fd < 0 {
		return p.fail("use", errNotLoaded)
	}
	if f == nil {
		return p.fail("use", errNil)
	}
	return f(fd)
}

// Attach attaches the program to the target that its section names and returns the
// link. It may be called several times. The error is EOPNOTSUPP if the section does not
// name a target. (bpf_program__attach)
func (p *Program) Attach() (*Link, error) {
	return p.attach(p.sectionRequest(), func(lp backend.Program) (backend.Link, error) {
		made, err := lp.Attach()
		if err != nil {
			return p.o.attachSectionFunctions(lp, err)
		}
		return made, nil
	})
}

// sectionRequest returns the request that the program's section describes; after Close an
// empty one.
func (p *Program) sectionRequest() attachRequest {
	if p.object().beginUse() != nil {
		return attachRequest{}
	}
	defer p.o.endUse()
	return parseSection(p.lp.Section())
}

// loadTargetRequest returns the request to attach to the target that the program was
// loaded for.
func (p *Program) loadTargetRequest(m *attachMethod) attachRequest {
	a := p.sectionRequest()
	a.op, a.method = m.op, m
	return a
}

// attach calls f to attach the program, and registers the link. Errors describe a.
func (p *Program) attach(a attachRequest, f func(backend.Program) (backend.Link, error)) (*Link, error) {
	if err := p.object().beginChange(); err != nil {
		return nil, err
	}
	defer p.o.endChange()
	err := checkNoNUL(a.target)
	var made backend.Link
	if err == nil {
		made, err = f(p.lp)
	} else {
		a.target = "" // the error quotes it
	}
	if err != nil {
		return nil, p.o.attachError(p.lp, a, err)
	}
	return p.o.registerLink(p.name, "", made), nil
}

// attachByBackend attaches by a method of the back end, unless err, the result of a check,
// is not nil.
func attachByBackend[T any](p *Program, a attachRequest, err error, attach func(backend.Program, T) (backend.Link, error), target T) (*Link, error) {
	return p.attach(a, func(lp backend.Program) (backend.Link, error) {
		if err != nil {
			return nil, err
		}
		return attach(lp, target)
	})
}

// optionsOf returns *o, or the zero value if the caller passes nil.
func optionsOf[T any](o *T) (t T) {
	if o != nil {
		t = *o
	}
	return t
}
