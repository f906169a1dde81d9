package skel

import "github.com/bpfskel/bpfskel/cgo/libbpf"

// OpenProgram is a program before load. What it sets goes to libbpf and takes
// effect at Load; after that every method returns ErrClosed, or a zero value.
type OpenProgram struct {
	o    *OpenObject
	i    int
	name string
}

// NewOpenProgram returns the program with the given index. It is for generated
// packages.
func NewOpenProgram(o *OpenObject, program int) *OpenProgram {
	return &OpenProgram{o, program, o.sk.Program(program).Name()}
}

// Name is the program's name in the object.
func (p *OpenProgram) Name() string { return p.name }

func (p *OpenProgram) set(op string, f func(libbpf.Program) error) error {
	return p.o.with(func(sk *libbpf.Skeleton) error {
		return fail(op, p.o.spec.Name, "", p.name, f(sk.Program(p.i)))
	})
}

// SetAutoload says whether Load loads the program (bpf_program__set_autoload).
func (p *OpenProgram) SetAutoload(on bool) error {
	return p.set("set autoload", func(lp libbpf.Program) error { return lp.SetAutoload(on) })
}

// SetAutoattach says whether Attach attaches it (bpf_program__set_autoattach).
func (p *OpenProgram) SetAutoattach(on bool) error {
	return p.set("set autoattach", func(lp libbpf.Program) error {
		lp.SetAutoattach(on)
		return nil
	})
}

// SetLogLevel sets how much the verifier logs of this program
// (bpf_program__set_log_level).
func (p *OpenProgram) SetLogLevel(level uint32) error {
	return p.set("set the log level", func(lp libbpf.Program) error { return lp.SetLogLevel(level) })
}

// SetLogBuffer makes the verifier's log of this program go to a buffer of size
// bytes, instead of one that grows with it: a VerifierError then may be
// Truncated. Size 0 takes it away. (bpf_program__set_log_buf)
func (p *OpenProgram) SetLogBuffer(size int) error {
	return p.set("set the log buffer", func(lp libbpf.Program) error { return lp.SetLogBuffer(size) })
}

// Program is a program that is loaded. All methods may be called from any number
// of goroutines.
type Program struct {
	o    *Object
	name string
	lp   libbpf.Program // good while the object is not closed
}

// NewProgram returns the program with the given index. It is for generated
// packages.
func NewProgram(o *Object, program int) *Program {
	lp := o.sk.Program(program)
	return &Program{o, lp.Name(), lp}
}

// Name is the program's name in the object.
func (p *Program) Name() string { return p.name }

// FD is the program's file descriptor, -1 where it was not loaded and after
// Close. It belongs to the skeleton. (bpf_program__fd)
func (p *Program) FD() int {
	if p.o.enter() != nil {
		return -1
	}
	defer p.o.leave()
	return max(p.lp.FD(), -1)
}

// Attach attaches the program to what its section names and returns the link,
// which the skeleton owns too. It may be called several times.
// (bpf_program__attach)
func (p *Program) Attach() (*Link, error) {
	return p.attach(libbpf.Program.Attach)
}

func (p *Program) attach(how func(libbpf.Program) (libbpf.Link, error)) (*Link, error) {
	if err := p.o.enterChange(); err != nil {
		return nil, err
	}
	defer p.o.leaveChange()
	made, err := how(p.lp)
	if err != nil {
		return nil, p.o.attachError(p.lp, err)
	}
	return p.o.newLink(p.name, "", made), nil
}
