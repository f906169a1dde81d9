package skel

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// ProbeMode is the mechanism by which a kprobe or uprobe is attached.
type ProbeMode int

// Mechanisms. The error is EOPNOTSUPP if the kernel lacks the one requested.
const (
	ProbeDefault ProbeMode = iota // the newest that the kernel has
	ProbeLegacy                   // through tracefs
	ProbePerf                     // a perf event, without a link
	ProbeLink                     // a perf event with a link
)

// PerfEventOptions are the options of AttachPerfEvent.
type PerfEventOptions struct {
	Cookie   uint64 // returned by bpf_get_attach_cookie
	NoLink   bool   // attach by ioctl, as kernels before 5.15 do
	Disabled bool   // leave the event as it is, not enabled
}

// AttachPerfEvent attaches to the perf event behind fd, which the caller keeps.
// The event is enabled, and disabled by the link's Close.
// (bpf_program__attach_perf_event_opts)
func (p *Program) AttachPerfEvent(fd int, o *PerfEventOptions) (*Link, error) {
	opts := optionsOf(o)
	if err := p.object().check(); err != nil {
		return nil, err
	}
	a := fdRequest(methodPerfEvent, fd)
	own, err := dupFD(fd)
	if err == nil {
		err = bpf.CheckKind(fd, bpf.KindPerfEvent)
	}
	if err != nil {
		closeFD(own)
		return nil, p.fail(a.op, err)
	}
	return p.attach(a, func(lp backend.Program) (backend.Link, error) {
		l, err := attachPerfEvent(lp.FD(), own, opts)
		if err != nil {
			closeFD(own)
		}
		return l, err
	})
}

// KprobeOptions are the options of AttachKprobe.
type KprobeOptions struct {
	Cookie uint64 // returned by bpf_get_attach_cookie
	Offset uint64 // in the function, in bytes
	Return bool   // when the function returns
	Mode   ProbeMode
}

// AttachKprobe attaches to a function of the kernel, or to the address Offset if
// function is "". (bpf_program__attach_kprobe_opts)
func (p *Program) AttachKprobe(function string, o *KprobeOptions) (*Link, error) {
	opts := optionsOf(o)
	a := newRequest(methodKprobe, function)
	a.target += formatOffset(opts.Offset)
	return attachByBackend(p, a, checkMode(opts.Mode), backend.Program.AttachKprobe, backend.Kprobe{
		Function: function, Offset: opts.Offset, Cookie: opts.Cookie, Return: opts.Return, Mode: int(opts.Mode),
	})
}

// KprobeMultiOptions are the options of AttachKprobeMulti.
type KprobeMultiOptions struct {
	// Functions or Addresses, instead of a pattern.
	Functions []string
	Addresses []uint64
	Cookies   []uint64 // one per function or address, or none
	Return    bool     // when the functions return
	Session   bool     // on entry and return, for programs of section kprobe.session
	Unique    bool     // it is an error if the pattern matches several functions
}

// AttachKprobeMulti attaches to all functions of the kernel whose names match pattern,
// with * and ?, or to those in o if it is "". The error is EINVAL if lists differ in
// length. (bpf_program__attach_kprobe_multi_opts)
func (p *Program) AttachKprobeMulti(pattern string, o *KprobeMultiOptions) (*Link, error) {
	opts := optionsOf(o)
	return attachByBackend(p, newRequest(methodKprobeMulti, multiTarget(pattern, opts.Functions, opts.Addresses)), checkNoNUL(opts.Functions...), backend.Program.AttachKprobeMulti, backend.KprobeMulti{
		Pattern: pattern, Targets: backend.Targets{
			Names: opts.Functions, Locations: opts.Addresses, Cookies: opts.Cookies,
			Return: opts.Return, Session: opts.Session, Unique: opts.Unique,
		},
	})
}

// KsyscallOptions are the options of AttachKsyscall.
type KsyscallOptions struct {
	Cookie uint64 // returned by bpf_get_attach_cookie
	Return bool   // when the system call returns
}

// AttachKsyscall attaches to a system call by its name, such as "unlinkat", whatever
// the kernel's function is called. (bpf_program__attach_ksyscall)
func (p *Program) AttachKsyscall(name string, o *KsyscallOptions) (*Link, error) {
	opts := optionsOf(o)
	return attachByBackend(p, newRequest(methodKsyscall, name), nil, backend.Program.AttachKsyscall, backend.Ksyscall{Name: name, Cookie: opts.Cookie, Return: opts.Return})
}

// UprobeOptions are the options of AttachUprobe.
type UprobeOptions struct {
	PID        int    // the process to watch, all its threads; 0 for all processes
	Offset     uint64 // in the function, in bytes; in the file if there is none
	RefCounter uint64 // the offset of a semaphore in the file, which is counted up
	Cookie     uint64 // returned by bpf_get_attach_cookie
	Return     bool   // when the function returns
	Mode       ProbeMode
}

// AttachUprobe attaches to a function of a program or library: path is a path, or the
// name of a file in the usual folders, such as "libc.so.6". function is one of its
// symbols, with or without a version, or "" for Offset alone. Functions of a program
// written in Go are found, by names such as "main.(*server).handle", even if it is
// stripped. The error is ENOENT if the function or file does not exist; it also says if
// the file has no symbols. (bpf_program__attach_uprobe_opts)
func (p *Program) AttachUprobe(path, function string, o *UprobeOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attach(fileRequest(methodUprobe, path, function, formatOffset(opts.Offset)), func(lp backend.Program) (backend.Link, error) {
		if err := firstError(checkPID(opts.PID), checkMode(opts.Mode)); err != nil {
			return nil, err
		}
		target := backend.Uprobe{
			PID: libbpfPID(opts.PID), Path: path, Function: function, Offset: opts.Offset, RefCounter: opts.RefCounter,
			Cookie: opts.Cookie, Return: opts.Return, Mode: int(opts.Mode),
		}
		made, err := lp.AttachUprobe(target)
		finder := p.o.spec.Functions
		if finder == nil || function == "" || !errors.Is(err, syscall.ENOENT) {
			return made, err
		}
		offset, err := finder.FindOne(path, function, err)
		if err != nil {
			return made, err
		}
		target.Function, target.Offset = "", offset+opts.Offset
		return lp.AttachUprobe(target)
	})
}

// multiTarget describes the targets of a multi-probe for errors.
func multiTarget(pattern string, names []string, addresses []uint64) string {
	switch {
	case pattern != "":
		return pattern
	case len(names) == 1:
		return names[0]
	case len(names) > 1:
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	return fmt.Sprintf("%d addresses", len(addresses))
}

// libbpfPID converts a PID: all processes are 0 in our options and -1 in libbpf.
func libbpfPID(pid int) int {
	if pid == 0 {
		return -1
	}
	return pid
}

// UprobeMultiOptions are the options of AttachUprobeMulti.
type UprobeMultiOptions struct {
	PID int // the process to watch, 0 for all
	// Functions, or Offsets in the file, instead of a pattern.
	Functions []string
	Offsets   []uint64
	// RefCounters are offsets of semaphores. Like Cookies, there is one for each
	// function or offset, or none.
	RefCounters, Cookies []uint64
	Return               bool // when the functions return
	Session              bool // on entry and return, for programs of section uprobe.session
}

// AttachUprobeMulti attaches to all functions of a program or library whose names match
// pattern, with * and ?, or to those in o if it is "". The error is EINVAL if lists
// differ in length. It finds functions like AttachUprobe.
// (bpf_program__attach_uprobe_multi)
func (p *Program) AttachUprobeMulti(path, pattern string, o *UprobeMultiOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attach(fileRequest(methodUprobeMulti, path, multiTarget(pattern, opts.Functions, opts.Offsets), ""), func(lp backend.Program) (backend.Link, error) {
		if err := firstError(checkPID(opts.PID), checkNoNUL(opts.Functions...)); err != nil {
			return nil, err
		}
		target := backend.UprobeMulti{PID: libbpfPID(opts.PID), Path: path, Pattern: pattern, Targets: backend.Targets{
			Names: opts.Functions, Locations: opts.Offsets, RefCounters: opts.RefCounters, Cookies: opts.Cookies,
			Return: opts.Return, Session: opts.Session,
		}}
		made, err := lp.AttachUprobeMulti(target)
		finder := p.o.spec.Functions
		if finder == nil || !errors.Is(err, syscall.ENOENT) || pattern == "" && len(opts.Functions) == 0 {
			return made, err
		}
		target.Locations, err = finder.Find(path, pattern, opts.Functions, err)
		if err != nil {
			return made, err
		}
		target.Pattern, target.Names = "", nil
		return lp.AttachUprobeMulti(target)
	})
}

// USDTOptions are the options of AttachUSDT.
type USDTOptions struct {
	PID    int    // the process to watch, 0 for all
	Cookie uint64 // returned by bpf_usdt_cookie
}

// AttachUSDT attaches to a static tracepoint of a program or library. The link has no
// file descriptor: it cannot be pinned, queried or updated. (bpf_program__attach_usdt)
func (p *Program) AttachUSDT(path, provider, name string, o *USDTOptions) (*Link, error) {
	opts := optionsOf(o)
	return attachByBackend(p, fileRequest(methodUSDT, path, provider+":"+name, ""), checkPID(opts.PID), backend.Program.AttachUSDT, backend.USDT{
		PID: libbpfPID(opts.PID), Path: path, Provider: provider, Name: name, Cookie: opts.Cookie,
	})
}
