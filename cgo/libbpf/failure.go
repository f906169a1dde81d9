package libbpf

import "strings"

// Code is one of libbpf's own error codes, which are no errno values.
type Code int

// The codes of enum libbpf_errno.
const (
	ErrLibelf   Code = 4000 // something wrong in libelf
	ErrFormat   Code = 4001 // not a valid BPF object
	ErrKversion Code = 4002 // no or a wrong "version" section
	ErrEndian   Code = 4003 // of the other byte order
	ErrInternal Code = 4004 // a bug in libbpf
	ErrReloc    Code = 4005 // a relocation failed
	ErrLoad     Code = 4006 // a program was not loaded
	ErrVerify   Code = 4007 // the verifier refused a program
	ErrProg2Big Code = 4008 // a program is too big
	ErrKver     Code = 4009 // for another kernel version
	ErrProgType Code = 4010 // the kernel lacks the program type
	ErrWrongPID Code = 4011 // netlink: wrong PID
	ErrInvSeq   Code = 4012 // netlink: wrong sequence number
	ErrNetlink  Code = 4013 // netlink: cannot be parsed
	firstCode        = 4000
)

// Error is libbpf's text for the code (libbpf_strerror).
func (c Code) Error() string { return c.text() }

// Error is a call of libbpf that failed.
type Error struct {
	// Op is what was tried, in libbpf's words: "open", "load", "attach".
	Op string
	// Err is a syscall.Errno, a KernelCode or a Code.
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

// Unwrap returns the syscall.Errno, KernelCode or Code, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// result is nil for a shim's result that is not negative, otherwise an *Error.
func result[Int ~int | ~int32](op string, rc Int, log Log) error {
	if rc >= 0 {
		return nil
	}
	cause := Errno(int(-rc))
	if -rc >= firstCode {
		cause = Code(-rc)
	}
	return &Error{Op: op, Err: cause, Log: log}
}

// trimMessage makes one line of a message of libbpf's.
func trimMessage(s string) string {
	return strings.TrimSpace(strings.TrimPrefix(s, "libbpf: "))
}
