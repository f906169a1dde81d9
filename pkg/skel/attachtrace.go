package skel

import (
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// TraceOptions are the options of AttachTracepoint, AttachRawTracepoint and
// AttachTrace.
type TraceOptions struct {
	Cookie uint64 // returned by bpf_get_attach_cookie
}

// AttachTracepoint attaches to a tracepoint, such as "sched", "sched_switch".
// (bpf_program__attach_tracepoint_opts)
func (p *Program) AttachTracepoint(category, name string, o *TraceOptions) (*Link, error) {
	return attachByBackend(p, newRequest(methodTracepoint, category+"/"+name), nil, backend.Program.AttachTracepoint, backend.Tracepoint{Category: category, Name: name, Cookie: optionsOf(o).Cookie})
}

// AttachRawTracepoint attaches to a raw tracepoint, such as "sched_switch".
// (bpf_program__attach_raw_tracepoint_opts)
func (p *Program) AttachRawTracepoint(name string, o *TraceOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attachBySyscall(newRequest(methodRawTP, name), nil, func(program int) (int, error) {
		return bpf.LinkRawTracepoint(program, name, opts.Cookie)
	})
}

// AttachTrace attaches a program of section tp_btf, fentry, fexit, fmod_ret or freplace
// to the target that it was loaded for. (bpf_program__attach_trace_opts)
func (p *Program) AttachTrace(o *TraceOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attachBySyscall(p.loadTargetRequest(methodTrace), nil, func(program int) (int, error) {
		return bpf.LinkTracing(program, p.lp.AttachType(), bpf.TraceTarget{Cookie: opts.Cookie})
	})
}

// AttachLSM attaches a program of section lsm to the hook that it was loaded for.
// (bpf_program__attach_lsm)
func (p *Program) AttachLSM() (*Link, error) {
	return p.attachBySyscall(p.loadTargetRequest(methodLSM), nil, func(program int) (int, error) {
		return bpf.LinkTracing(program, p.lp.AttachType(), bpf.TraceTarget{})
	})
}

// AttachFreplace replaces a function of target, a loaded program, such as another
// skeleton's; with nil and "", it replaces the function that the program was loaded
// for. (bpf_program__attach_freplace)
func (p *Program) AttachFreplace(target Descriptor, function string) (*Link, error) {
	a := p.loadTargetRequest(methodFreplace)
	if function != "" {
		a.target = function
	}
	fd := 0
	if target != nil {
		var err error
		if fd, err = copyFD(target, bpf.KindProgram); err != nil {
			return nil, p.fail(a.op, err)
		}
		defer closeFD(fd)
	}
	return attachByBackend(p, a, nil, backend.Program.AttachFreplace, backend.Freplace{Program: fd, Function: function})
}
