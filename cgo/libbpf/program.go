//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim_prog.h"
*/
import "C"

import (
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Program is one program of a skeleton; it lives as long as the skeleton.
type Program struct {
	skel *Skeleton
	i    int
	p    *C.struct_bpf_program
}

// Name is the program's name, Section its SEC() as written.
func (p Program) Name() string    { return C.GoString(C.bpf_program__name(p.p)) }
func (p Program) Section() string { return C.GoString(C.bpf_program__section_name(p.p)) }

// FD is the program's file descriptor, negative before load and if it was not loaded
// (bpf_program__fd). The object owns it.
func (p Program) FD() int { return int(C.bpf_program__fd(p.p)) }

// Type and the rest are libbpf's view of the program.
func (p Program) Type() uapi.ProgType { return uapi.ProgType(C.bpf_program__type(p.p)) }
func (p Program) AttachType() uapi.AttachType {
	return uapi.AttachType(C.bpf_program__expected_attach_type(p.p))
}
func (p Program) Flags() uapi.ProgFlags   { return uapi.ProgFlags(C.bpf_program__flags(p.p)) }
func (p Program) LogLevel() uapi.LogLevel { return uapi.LogLevel(C.bpf_program__log_level(p.p)) }
func (p Program) Autoload() bool          { return bool(C.bpf_program__autoload(p.p)) }
func (p Program) Autoattach() bool        { return bool(C.bpf_program__autoattach(p.p)) }

// Setters, before load (bpf_program__set_*).

func (p Program) SetAutoload(on bool) error {
	return result("set autoload", C.bpf_program__set_autoload(p.p, C.bool(on)), nil)
}

func (p Program) SetAutoattach(on bool) error {
	C.bpf_program__set_autoattach(p.p, C.bool(on))
	return nil
}

func (p Program) SetType(t uapi.ProgType) error {
	return result("set the type", C.bpf_program__set_type(p.p, uint32(t)), nil)
}

func (p Program) SetAttachType(t uapi.AttachType) error {
	return result("set the attach type", C.bpf_program__set_expected_attach_type(p.p, uint32(t)), nil)
}

func (p Program) SetFlags(f uapi.ProgFlags) error {
	return result("set the flags", C.bpf_program__set_flags(p.p, C.__u32(f)), nil)
}

func (p Program) SetLogLevel(level uapi.LogLevel) error {
	return result("set the log level", C.bpf_program__set_log_level(p.p, C.__u32(level)), nil)
}

// SetLogBuffer sets a buffer of size bytes for the verifier's log of the program, which
// the skeleton owns; 0 removes it. With a buffer, libbpf does not print a log.
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

// LogBuffer returns the verifier's log from the buffer of SetLogBuffer, and that
// buffer's size in bytes, 0 if there is none.
func (p Program) LogBuffer() (log string, size int) { return p.skel.progLogs[p.i].text() }

// SetAttachTarget sets the target of a program of type tracing, lsm or ext: a function
// of the program behind target, which is open until load, or of the kernel for 0
// (bpf_program__set_attach_target).
func (p Program) SetAttachTarget(target int, function string) error {
	cfunction := cStringOrNull(function)
	defer C.free(unsafe.Pointer(cfunction)) // SAFETY: our own C memory
	var log C.struct_bpfskel_log
	rc := C.bpfskel_program_set_target(p.p, C.int(target), cfunction, &log)
	return result("set the attach target", rc, takeLog(&log))
}

// Native is the struct bpf_program beneath.
func (p Program) Native() unsafe.Pointer { return unsafe.Pointer(p.p) }
