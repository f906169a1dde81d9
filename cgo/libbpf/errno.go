package libbpf

/*
#include <string.h>
#include "shim.h"
*/
import "C"

import (
	"strings"
	"syscall"
)

// Code is one of libbpf's own error codes, which are no errno values.
type Code int

// The codes of enum libbpf_errno.
const (
	ErrLibelf   Code = C.LIBBPF_ERRNO__LIBELF   // something wrong in libelf
	ErrFormat   Code = C.LIBBPF_ERRNO__FORMAT   // not a valid BPF object
	ErrKversion Code = C.LIBBPF_ERRNO__KVERSION // no or a wrong "version" section
	ErrEndian   Code = C.LIBBPF_ERRNO__ENDIAN   // of the other byte order
	ErrInternal Code = C.LIBBPF_ERRNO__INTERNAL // a bug in libbpf
	ErrReloc    Code = C.LIBBPF_ERRNO__RELOC    // a relocation failed
	ErrLoad     Code = C.LIBBPF_ERRNO__LOAD     // a program was not loaded
	ErrVerify   Code = C.LIBBPF_ERRNO__VERIFY   // the verifier refused a program
	ErrProg2Big Code = C.LIBBPF_ERRNO__PROG2BIG // a program is too big
	ErrKver     Code = C.LIBBPF_ERRNO__KVER     // for another kernel version
	ErrProgType Code = C.LIBBPF_ERRNO__PROGTYPE // the kernel lacks the program type
	ErrWrongPID Code = C.LIBBPF_ERRNO__WRNGPID  // netlink: wrong PID
	ErrInvSeq   Code = C.LIBBPF_ERRNO__INVSEQ   // netlink: wrong sequence number
	ErrNetlink  Code = C.LIBBPF_ERRNO__NLPARSE  // netlink: cannot be parsed
	firstCode        = C.__LIBBPF_ERRNO__START
)

// Error is libbpf's text for the code (libbpf_strerror).
func (c Code) Error() string {
	var buf [128]C.char
	C.libbpf_strerror(C.int(c), &buf[0], C.size_t(len(buf)))
	return C.GoString(&buf[0])
}

// Error is a call of libbpf that failed.
type Error struct {
	// Op is what was tried, in libbpf's words: "open", "load", "attach".
	Op string
	// Err is a syscall.Errno or a Code.
	Err error
	// Log is what libbpf printed during the call.
	Log Log
}

// Error gives the operation, the cause, and the first line that libbpf warned with.
func (e *Error) Error() string {
	text := e.Err.Error()
	if e.Op != "" {
		text = e.Op + ": " + text
	}
	if first := e.Log.FirstWarning(); first != "" {
		text += " (" + first + ")"
	}
	return text
}

// Unwrap returns the syscall.Errno or Code, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// result is nil for a shim's result that is not negative, otherwise an *Error.
func result[Int ~int | ~int32](op string, rc Int, log Log) error {
	if rc >= 0 {
		return nil
	}
	var cause error = syscall.Errno(-rc)
	if -rc >= firstCode {
		cause = Code(-rc)
	}
	return &Error{Op: op, Err: cause, Log: log}
}

// trimMessage makes one line of a message of libbpf's.
func trimMessage(s string) string {
	return strings.TrimSpace(strings.TrimPrefix(s, "libbpf: "))
}
