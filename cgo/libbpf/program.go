//go:build linux

package libbpf

/*
#include <stdlib.h>
#include "shim_skel.h"
*/
import "C"

import (
	"syscall"
	"unsafe"
)

// Program is one program of a skeleton; it lives as long as that.
type Program struct {
	skel *Skeleton
	i    int
	p    *C.struct_bpf_program
}

// Name is the program's name, Section its SEC() as written.
func (p Program) Name() string    { return C.GoString(C.bpf_program__name(p.p)) }
func (p Program) Section() string { return C.GoString(C.bpf_program__section_name(p.p)) }

// FD is the program's file descriptor, negative before load and where it was
// not loaded (bpf_program__fd). The object owns it.
func (p Program) FD() int { return int(C.bpf_program__fd(p.p)) }

// Type and the rest are libbpf's view of the program.
func (p Program) Type() uint32       { return uint32(C.bpf_program__type(p.p)) }
func (p Program) AttachType() uint32 { return uint32(C.bpf_program__expected_attach_type(p.p)) }
func (p Program) Flags() uint32      { return uint32(C.bpf_program__flags(p.p)) }
func (p Program) LogLevel() uint32   { return uint32(C.bpf_program__log_level(p.p)) }
func (p Program) Autoload() bool     { return bool(C.bpf_program__autoload(p.p)) }
func (p Program) Autoattach() bool   { return bool(C.bpf_program__autoattach(p.p)) }

// Setters, before load (bpf_program__set_*).

func (p Program) SetAutoload(on bool) error {
	return result("set autoload", C.bpf_program__set_autoload(p.p, C.bool(on)), nil)
}

func (p Program) SetAutoattach(on bool) { C.bpf_program__set_autoattach(p.p, C.bool(on)) }

func (p Program) SetType(t uint32) error {
	return result("set the type", C.bpf_program__set_type(p.p, t), nil)
}

func (p Program) SetAttachType(t uint32) error {
	return result("set the attach type", C.bpf_program__set_expected_attach_type(p.p, t), nil)
}

func (p Program) SetFlags(f uint32) error {
	return result("set the flags", C.bpf_program__set_flags(p.p, C.__u32(f)), nil)
}

func (p Program) SetLogLevel(level uint32) error {
	return result("set the log level", C.bpf_program__set_log_level(p.p, C.__u32(level)), nil)
}

// SetLogBuffer gives the program a buffer of size bytes for the verifier's log,
// which the skeleton owns; 0 takes it away. With one, libbpf prints no log.
func (p Program) SetLogBuffer(size int) error {
	var buf unsafe.Pointer
	if size > 0 {
		if buf = C.calloc(1, C.size_t(size)); buf == nil {
			return &Error{Op: "set the log buffer", Err: syscall.ENOMEM}
		}
	}
	rc := C.bpf_program__set_log_buf(p.p, (*C.char)(buf), C.size_t(size))
	if err := result("set the log buffer", rc, nil); err != nil {
		C.free(buf)
		return err
	}
	C.free(p.skel.progLogs[p.i].p)
	if p.skel.progLogs == nil {
		p.skel.progLogs = map[int]logBuffer{}
	}
	p.skel.progLogs[p.i] = logBuffer{buf, size}
	return nil
}

// LogBuffer is what the verifier wrote into the buffer of SetLogBuffer, and
// that buffer's size in bytes, 0 where there is none.
func (p Program) LogBuffer() (log string, size int) { return p.skel.progLogs[p.i].text() }

// Attach attaches the program to what its section names (bpf_program__attach).
func (p Program) Attach() (Link, error) {
	var log C.struct_bpfskel_log
	var l Link
	rc := C.bpfskel_program_attach(p.p, &l.l, &log)
	return l, result("attach", rc, takeLog(&log))
}

// RunOptions are those of bpf_test_run_opts, RunResult what comes back.
type RunOptions struct {
	Data, Context       []byte // input
	DataOut, ContextOut []byte // room for output
	Repeat              int
	Flags, CPU          uint32
	BatchSize           int
}

// RunResult is what a run gave. Data and Context are parts of the room for them.
type RunResult struct {
	Return        uint32
	Nanoseconds   uint32 // on average
	Data, Context []byte
}

// Run runs the program behind fd (bpf_prog_test_run_opts).
func Run(fd int, o RunOptions) (RunResult, error) {
	run := C.struct_bpfskel_run{
		data_size: C.uint32_t(len(o.Data)), data_out_size: C.uint32_t(len(o.DataOut)),
		ctx_size: C.uint32_t(len(o.Context)), ctx_out_size: C.uint32_t(len(o.ContextOut)),
		repeat: C.int32_t(o.Repeat), flags: C.uint32_t(o.Flags), cpu: C.uint32_t(o.CPU), batch_size: C.uint32_t(o.BatchSize),
	}
	rc := C.bpfskel_prog_run(C.int(fd), &run, bytesPtr(o.Data), bytesPtr(o.DataOut), bytesPtr(o.Context), bytesPtr(o.ContextOut))
	return RunResult{
		Return: uint32(run.retval), Nanoseconds: uint32(run.duration),
		Data:    o.DataOut[:min(int(run.data_out_size), len(o.DataOut))],
		Context: o.ContextOut[:min(int(run.ctx_out_size), len(o.ContextOut))],
	}, result("run", rc, nil)
}
