package backend

import "fmt"

// Code is one of libbpf's own error codes, which are not errno values.
type Code int

// The codes of enum libbpf_errno.
const (
	ErrLibelf   Code = 4000 // something wrong in libelf
	ErrFormat   Code = 4001 // not a valid BPF object
	ErrKversion Code = 4002 // the "version" section is missing or wrong
	ErrEndian   Code = 4003 // of the other byte order
	ErrInternal Code = 4004 // a bug in libbpf
	ErrReloc    Code = 4005 // a relocation failed
	ErrLoad     Code = 4006 // a program was not loaded
	ErrVerify   Code = 4007 // the verifier rejected a program
	ErrProg2Big Code = 4008 // a program is too big
	ErrKver     Code = 4009 // for another kernel version
	ErrProgType Code = 4010 // the kernel lacks the program type
	ErrWrongPID Code = 4011 // netlink: wrong PID
	ErrInvSeq   Code = 4012 // netlink: wrong sequence number
	ErrNetlink  Code = 4013 // netlink: cannot be parsed
	firstCode        = 4000
)

// codeTexts are the texts of the codes, from ErrLibelf on.
var codeTexts = [...]string{
	"libelf failed", "the file is not a valid BPF object", "the version section is missing or wrong", "the object has the other byte order",
	"internal error of libbpf", "a relocation failed", "a program was not loaded", "the verifier rejected a program", "a program is too big",
	"the object is for another version of the kernel", "this kernel lacks the type of program", "wrong PID in a netlink message",
	"wrong sequence number in a netlink message", "a netlink message cannot be parsed",
}

// Error returns the meaning of the code.
func (c Code) Error() string {
	if i := int(c) - firstCode; i >= 0 && i < len(codeTexts) {
		return codeTexts[i]
	}
	return fmt.Sprintf("libbpf error %d", int(c))
}

// IsCode reports whether an error number is one of the codes.
func IsCode(n int) bool { return n >= firstCode }

// Error reports a call of a back end that failed.
type Error struct {
	// Op is the operation, in libbpf's words: "open", "load", "attach".
	Op string
	// Err is a syscall.Errno, a KernelCode or a Code.
	Err error
	// Log holds the messages that the back end printed during the call.
	Log Log
}

// Error returns the operation, the cause, and the first line of libbpf's first warning.
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
