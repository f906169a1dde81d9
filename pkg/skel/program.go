package skel

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Program is a program that is loaded. All methods may be called from any number
// of goroutines.
//
// Attach does what the program's section says. The other Attach methods say
// themselves where to, each as one function of libbpf does, with the same names
// and limits; options may be nil. All return a link that the skeleton owns too: it
// is closed before the program at the latest. Their errors are EINVAL if the
// program was not loaded or is of a type that cannot be attached so, and what
// libbpf and the kernel say.
type Program struct {
	o    *Object
	name string
	lp   backend.Program // good while the object is not closed
}

func (p *Program) bind(o *Object, program int) {
	p.o, p.lp = o, o.sk.Program(program)
	p.name = p.lp.Name()
}

var errNil = fmt.Errorf("%w: it is nil", syscall.EINVAL)

var errNotLoaded = fmt.Errorf("%w: the program was not loaded: SetAutoload(true) before Load loads it", syscall.EINVAL)

// Name is the program's name in the object. (bpf_program__name)
func (p *Program) Name() string {
	if p == nil {
		return ""
	}
	return p.name
}

// object is nil of nil and of a zero value, which are closed.
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

// FD is the program's file descriptor, -1 where it was not loaded and after
// Close. It belongs to the skeleton. (bpf_program__fd)
func (p *Program) FD() int {
	if p.object().enter() != nil {
		return -1
	}
	defer p.o.leave()
	return max(p.lp.FD(), -1)
}

// WithFD calls f with the program's file descriptor, which Close does not close
// meanwhile; a program that was not loaded is EINVAL. f makes system calls only.
// (bpf_program__fd)
func (p *Program) WithFD(f func(fd int) error) error {
	if err := p.object().enter(); err != nil {
		return err
	}
	defer p.o.leave()
	fd := p.lp.FD()
	if fd < 0 {
		return p.fail("use", errNotLoaded)
	}
	if f == nil {
		return p.fail("use", errNil)
	}
	return f(fd)
}

// Attach attaches the program to what its section names and returns the link. It
// may be called several times. A section that names no target is EOPNOTSUPP.
// (bpf_program__attach)
func (p *Program) Attach() (*Link, error) {
	return p.attach(p.bySection(), attachBySection)
}

// bySection is the attempt that the program's section asks for. After Close it is
// empty.
func (p *Program) bySection() attempt {
	if p.object().enter() != nil {
		return attempt{}
	}
	defer p.o.leave()
	return sectionAttempt(p.lp.Section())
}

// loadedFor is an attempt at what the program was loaded for.
func (p *Program) loadedFor(w *way) attempt {
	a := p.bySection()
	a.op, a.way = w.op, w
	return a
}

func (p *Program) attach(a attempt, how func(backend.Program) (backend.Link, error)) (*Link, error) {
	if err := p.object().enterChange(); err != nil {
		return nil, err
	}
	defer p.o.leaveChange()
	err := checkTexts(a.target)
	var made backend.Link
	if err == nil {
		made, err = how(p.lp)
	} else {
		a.target = "" // the error quotes it
	}
	if err != nil {
		return nil, p.o.attachError(p.lp, a, err)
	}
	return p.o.newLink(p.name, "", made), nil
}

// attachTo is attach by the back end, unless err, of a check of the numbers, says no.
func (p *Program) attachTo(a attempt, err error, target any) (*Link, error) {
	return p.attach(a, func(lp backend.Program) (backend.Link, error) {
		if err != nil {
			return nil, err
		}
		return lp.AttachTo(target)
	})
}

// orZero is what options are where the caller gives none.
func orZero[T any](o *T) (t T) {
	if o != nil {
		t = *o
	}
	return t
}
