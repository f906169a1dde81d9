package skel

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// OpenProgram is a program before load. Its settings take effect at Load; after that every
// method returns ErrClosed or a zero value.
type OpenProgram struct {
	o    *OpenObject
	i    int
	name string
}

func (p *OpenProgram) bind(o *OpenObject, i int) { *p = OpenProgram{o, i, o.sk.Program(i).Name()} }

// Name is the program's name in the object. (bpf_program__name)
func (p *OpenProgram) Name() string {
	if p == nil {
		return ""
	}
	return p.name
}

func (p *OpenProgram) set(op string, f func(backend.Program) error) error {
	if p == nil {
		return ErrClosed
	}
	return p.o.withObject(func(sk backend.Object) error {
		return fail(op, p.o.spec.Name, "", p.name, f(sk.Program(p.i)))
	})
}

// programProperty returns a property, or the zero value after Load.
func programProperty[T any](p *OpenProgram, f func(backend.Program) T) (out T) {
	if p == nil {
		return out
	}
	_ = p.o.withObject(func(sk backend.Object) error {
		out = f(sk.Program(p.i))
		return nil
	})
	return out
}

// Section is the program's SEC(), without a '?'. (bpf_program__section_name)
func (p *OpenProgram) Section() string { return programProperty(p, backend.Program.Section) }

// Autoload reports whether Load loads the program. (bpf_program__autoload)
func (p *OpenProgram) Autoload() bool { return programProperty(p, backend.Program.Autoload) }

// SetAutoload sets it. (bpf_program__set_autoload)
func (p *OpenProgram) SetAutoload(on bool) error {
	return p.set("set autoload", func(lp backend.Program) error { return lp.SetAutoload(on) })
}

// Autoattach reports whether Attach attaches the program. (bpf_program__autoattach)
func (p *OpenProgram) Autoattach() bool { return programProperty(p, backend.Program.Autoattach) }

// SetAutoattach sets it. (bpf_program__set_autoattach)
func (p *OpenProgram) SetAutoattach(on bool) error {
	return p.set("set autoattach", func(lp backend.Program) error { return lp.SetAutoattach(on) })
}

// Type is the kind of program. (bpf_program__type)
func (p *OpenProgram) Type() uapi.ProgType { return programProperty(p, backend.Program.Type) }

// SetType sets it. The section's attach target is then ignored: Program.Attach returns
// EOPNOTSUPP, and Attach skips the program.
// (bpf_program__set_type)
func (p *OpenProgram) SetType(kind uapi.ProgType) error {
	return p.set("set the type", func(lp backend.Program) error { return lp.SetType(kind) })
}

// AttachType is the attach type that the kernel expects at load, and that several Attach
// methods use. (bpf_program__expected_attach_type)
func (p *OpenProgram) AttachType() uapi.AttachType {
	return programProperty(p, backend.Program.AttachType)
}

// SetAttachType sets it. (bpf_program__set_expected_attach_type)
func (p *OpenProgram) SetAttachType(kind uapi.AttachType) error {
	return p.set("set the attach type", func(lp backend.Program) error { return lp.SetAttachType(kind) })
}

// SetAttachTarget sets the target of a program of type tracing, LSM or ext: a function
// of target, a loaded program, such as another skeleton's, or a function of the kernel
// if target is nil. With a target, "" is the function that the program's section names.
// target may be closed before Load. (bpf_program__set_attach_target)
func (p *OpenProgram) SetAttachTarget(target Descriptor, function string) error {
	if p == nil || p.o == nil {
		return ErrClosed
	}
	if err := checkNoNUL(function); err != nil {
		return fail("set the attach target", p.o.spec.Name, "", p.name, err)
	}
	fd := 0
	if target != nil {
		var err error
		if fd, err = copyFD(target, bpf.KindProgram); err != nil {
			return fail("set the attach target", p.o.spec.Name, "", p.name, err)
		}
	}
	err := p.set("set the attach target", func(lp backend.Program) error {
		if err := lp.SetAttachTarget(fd, function); err != nil || fd == 0 {
			return err
		}
		p.o.loadFDs = append(p.o.loadFDs, fd)
		return nil
	})
	if err != nil && fd != 0 {
		closeFD(fd)
	}
	return err
}

// Flags are the flags of the program's load. (bpf_program__flags)
func (p *OpenProgram) Flags() uapi.ProgFlags { return programProperty(p, backend.Program.Flags) }

// SetFlags sets them. (bpf_program__set_flags)
func (p *OpenProgram) SetFlags(flags uapi.ProgFlags) error {
	return p.set("set the flags", func(lp backend.Program) error { return lp.SetFlags(flags) })
}

// LogLevel selects how much the verifier logs about this program.
// (bpf_program__log_level)
func (p *OpenProgram) LogLevel() uapi.LogLevel { return programProperty(p, backend.Program.LogLevel) }

// SetLogLevel sets it: 1 for the path that fails, 2 for all paths, 4 for
// statistics. A failed load is logged in any case. (bpf_program__set_log_level)
func (p *OpenProgram) SetLogLevel(level uapi.LogLevel) error {
	return p.set("set the log level", func(lp backend.Program) error { return lp.SetLogLevel(level) })
}

// SetLogBuffer makes the verifier's log of this program go to a buffer of size
// bytes, instead of one that grows with it: a VerifierError then may be
// Truncated. After a load that succeeds, Program.Log reads it. Size 0 removes
// it. (bpf_program__set_log_buf)
func (p *OpenProgram) SetLogBuffer(size int) error {
	return p.set("set the log buffer", func(lp backend.Program) error {
		if err := checkRange("the size", size, 0, maxLogSize); err != nil {
			return err
		}
		return lp.SetLogBuffer(size)
	})
}

// Pointer is the struct bpf_program, or nil after Load or Close. Functions of
// struct_ops and other bindings of libbpf use it.
func (p *OpenProgram) Pointer() unsafe.Pointer { return programProperty(p, nativeProgram) }

func nativeProgram(p backend.Program) unsafe.Pointer {
	if n, ok := p.(backend.Native); ok {
		return n.Native()
	}
	return nil
}
