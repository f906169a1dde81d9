//go:build linux

package light

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// program is one program of an object.
type program struct {
	o                        *object
	desc                     *Program
	kind                     uapi.ProgType
	attachType               uapi.AttachType
	flags                    uapi.ProgFlags
	logLevel                 uapi.LogLevel
	noAutoload, noAutoattach bool
	otherType                bool // the section's target is ignored, because the type was set
	target                   string
	ownTarget                bool         // the caller has set it
	targetKind               uapi.BTFKind // of a target in the kernel that the caller has set
	targetFD                 int          // a program whose function is the target, -1 for the kernel's
	// functionOf finds that function. It is set with targetFD, so that only programs that
	// set a target link it.
	functionOf func(program int, name string) (uint32, error)
	log        mapping
	logSize    int
	fd         int // -1 before load
}

func newProgram(o *object, desc *Program) *program {
	return &program{
		o: o, desc: desc, kind: desc.Type, attachType: desc.AttachType, flags: desc.Flags, noAutoload: desc.NoAutoload,
		target: desc.Target, targetFD: -1, fd: -1,
	}
}

func (p *program) Name() string                { return p.desc.Name }
func (p *program) Section() string             { return p.desc.Section }
func (p *program) FD() int                     { return p.fd }
func (p *program) Type() uapi.ProgType         { return p.kind }
func (p *program) AttachType() uapi.AttachType { return p.attachType }
func (p *program) Flags() uapi.ProgFlags       { return p.flags }
func (p *program) LogLevel() uapi.LogLevel     { return p.logLevel }
func (p *program) Autoload() bool              { return !p.noAutoload }
func (p *program) Autoattach() bool            { return !p.noAutoattach }

// set changes a property, which is possible before load.
func (p *program) set(op string, change func() error) error {
	if p.o.prepared {
		return &backend.Error{Op: op, Err: syscall.EBUSY}
	}
	return asError(op, change())
}

func (p *program) SetType(t uapi.ProgType) error {
	return p.set("set the type", func() error {
		p.otherType = p.otherType || t != p.kind
		p.kind = t
		return nil
	})
}

func (p *program) SetAttachType(t uapi.AttachType) error {
	return p.set("set the attach type", func() error { p.attachType = t; return nil })
}

func (p *program) SetFlags(f uapi.ProgFlags) error {
	return p.set("set the flags", func() error { p.flags = f; return nil })
}

func (p *program) SetLogLevel(level uapi.LogLevel) error {
	return p.set("set the log level", func() error { p.logLevel = level; return nil })
}

func (p *program) SetAutoload(on bool) error {
	const op = "set autoload"
	if on && p.desc.NotInLoader {
		return p.notInLoader(op)
	}
	return p.set(op, func() error { p.noAutoload = !on; return nil })
}

func (p *program) notInLoader(op string) error {
	return backend.Refuse(op, "the package's loader does not have the program, because libbpf could not prepare it (section %q)", p.desc.Section)
}

func (p *program) SetAutoattach(on bool) error {
	p.noAutoattach = !on
	return nil
}

func (p *program) SetLogBuffer(size int) error {
	return p.set("set the log buffer", func() error {
		fresh, err := newMapping(size)
		if err != nil {
			return err
		}
		p.log.free()
		p.log, p.logSize = fresh, size
		return nil
	})
}

func (p *program) LogBuffer() (log string, size int) {
	return unix.ByteSliceToString(p.log.bytes(p.logSize)), p.logSize
}

func (p *program) SetAttachTarget(target int, function string) error {
	const op = "set the attach target"
	if target == 0 && function == "" {
		return &backend.Error{Op: op, Err: syscall.EINVAL}
	}
	prefix, ok := targetPrefix(p.attachType)
	if p.desc.NotInLoader {
		return p.notInLoader(op)
	}
	if !ok || p.desc.Target == "" {
		return backend.Refuse(op, "the program has no target")
	}
	return p.set(op, func() error {
		if function == "" {
			function = p.desc.Target[min(len(prefix), len(p.desc.Target)):]
		}
		if target == 0 {
			kind := uapi.BTFKindFunc
			if p.attachType == uapi.AttachTypeTraceRawTP {
				kind = uapi.BTFKindTypedef
			}
			_, btf, err := findKernelType(prefix+function, kind)
			if err != nil {
				return &backend.Error{Err: errnoOf(err), Log: backend.Log{noTarget(p, prefix+function, err)}}
			}
			if btf > 0 {
				unix.Close(btf)
			}
			closeFD(&p.targetFD)
			p.target, p.targetKind, p.ownTarget = prefix+function, kind, true
			return nil
		}
		if err := keepFD(&p.targetFD, target); err != nil {
			return err
		}
		p.target, p.functionOf, p.ownTarget = function, functionOf, true
		return nil
	})
}

// targetPrefix is what the kernel's BTF puts before the name of a target of the given
// attach type. ok is false if programs of that type have no target.
func targetPrefix(t uapi.AttachType) (prefix string, ok bool) {
	switch t {
	case uapi.AttachTypeTraceRawTP:
		return "btf_trace_", true
	case uapi.AttachTypeLSMMac, uapi.AttachTypeLSMCgroup:
		return "bpf_lsm_", true
	case uapi.AttachTypeTraceIter:
		return "bpf_iter_", true
	case uapi.AttachTypeTraceFentry, uapi.AttachTypeTraceFexit, uapi.AttachTypeModifyReturn, uapi.AttachTypeTraceFSession:
		return "", true
	}
	return "", false
}

func (p *program) info() progInfo {
	section := p.desc.Section
	if p.otherType {
		section = "" // its target is ignored
	}
	return progInfo{
		name: p.desc.Name, section: section, kind: p.kind, attachType: p.attachType,
		kprobes: p.o.desc.Kprobes, uprobes: p.o.desc.Uprobes,
	}
}

// canAttach returns an error if the program is not loaded.
func (p *program) canAttach() error {
	if p.fd < 0 {
		return &backend.Error{Op: "attach", Err: syscall.EINVAL, Log: backend.Log{backend.AboutProgram(p.Name(), "can't attach before loaded")}}
	}
	return nil
}

func (p *program) Attach() (backend.Link, error) {
	if err := p.canAttach(); err != nil {
		return nil, err
	}
	return attachBySection(p.fd, p.info())
}

func (p *program) AutoAttach() (backend.Link, error) {
	if p.noAutoload || p.noAutoattach || p.otherType {
		return nil, nil
	}
	if err := p.canAttach(); err != nil {
		return nil, err
	}
	return autoAttach(p.fd, p.info())
}

// attachTo attaches to a target. The exported methods for each kind of target are linked
// only if somebody calls them.
func (p *program) attachTo(target any) (backend.Link, error) {
	if err := p.canAttach(); err != nil {
		return nil, err
	}
	return attachTo(p.fd, p.info(), target)
}

func (p *program) AttachTracepoint(t backend.Tracepoint) (backend.Link, error) { return p.attachTo(t) }
func (p *program) AttachKprobe(t backend.Kprobe) (backend.Link, error)         { return p.attachTo(kprobed{t}) }
func (p *program) AttachKsyscall(t backend.Ksyscall) (backend.Link, error) {
	return p.attachTo(ksyscalled{t})
}
func (p *program) AttachUprobe(t backend.Uprobe) (backend.Link, error)     { return p.attachTo(uprobed{t}) }
func (p *program) AttachUSDT(t backend.USDT) (backend.Link, error)         { return p.attachTo(t) }
func (p *program) AttachFreplace(t backend.Freplace) (backend.Link, error) { return p.attachTo(t) }

func (p *program) AttachKprobeMulti(t backend.KprobeMulti) (backend.Link, error) {
	return p.attachTo(kprobedMulti{t})
}

func (p *program) AttachUprobeMulti(t backend.UprobeMulti) (backend.Link, error) {
	return p.attachTo(uprobedMulti{t})
}

func (p *program) close() {
	closeFD(&p.fd)
	closeFD(&p.targetFD)
	p.log.free()
}
