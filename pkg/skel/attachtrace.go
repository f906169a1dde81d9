package skel

import (
	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// TraceOptions are for the tracepoints, and for AttachTrace.
type TraceOptions struct {
	Cookie uint64 // what bpf_get_attach_cookie returns
}

// AttachTracepoint attaches to a tracepoint, such as "sched", "sched_switch".
// (bpf_program__attach_tracepoint_opts)
func (p *Program) AttachTracepoint(category, name string, o *TraceOptions) (*Link, error) {
	opts := orZero(o)
	return p.attachFD(attemptAt(wayTracepoint, category+"/"+name), func(lp libbpf.Program) (libbpf.Link, error) {
		return lp.AttachTracepoint(category, name, opts.Cookie)
	})
}

// AttachRawTracepoint attaches to a raw tracepoint, such as "sched_switch".
// (bpf_program__attach_raw_tracepoint_opts)
func (p *Program) AttachRawTracepoint(name string, o *TraceOptions) (*Link, error) {
	opts := orZero(o)
	return p.attachFD(attemptAt(wayRawTP, name), func(lp libbpf.Program) (libbpf.Link, error) {
		return lp.AttachRawTracepoint(name, opts.Cookie)
	})
}

// AttachTrace attaches a program of section tp_btf, fentry, fexit, fmod_ret or
// freplace to what it was loaded for. (bpf_program__attach_trace_opts)
func (p *Program) AttachTrace(o *TraceOptions) (*Link, error) {
	opts := orZero(o)
	return p.attachFD(p.loadedFor(wayTrace), func(lp libbpf.Program) (libbpf.Link, error) {
		return lp.AttachTrace(opts.Cookie)
	})
}

// AttachLSM attaches a program of section lsm to the hook that it was loaded for.
// (bpf_program__attach_lsm)
func (p *Program) AttachLSM() (*Link, error) {
	return p.attachFD(p.loadedFor(wayLSM), libbpf.Program.AttachLSM)
}

// AttachFreplace replaces a function of target, a program that is loaded, such as
// another skeleton's; with nil and "" that which the program was loaded for.
// (bpf_program__attach_freplace)
func (p *Program) AttachFreplace(target Descriptor, function string) (*Link, error) {
	a := p.loadedFor(wayFreplace)
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
	return p.attachFD(a, func(lp libbpf.Program) (libbpf.Link, error) {
		return lp.AttachFreplace(fd, function)
	})
}
