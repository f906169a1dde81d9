package skel

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Errors that a caller may want to tell apart, with errors.Is.
var (
	// ErrClosed is returned by what is used after Close, by what is used before
	// load after Load, and by nil and zero values of this package's types.
	ErrClosed = errors.New("skeleton is closed")
	// ErrNotExist is a key that is not in the map. It comes wrapped in one
	// value for each map, without an allocation.
	ErrNotExist = errors.New("key does not exist")
	// ErrNotAttached is a link's place that holds no link.
	ErrNotAttached = errors.New("link is not attached")
	// ErrIterAborted ends an iteration over a map that lost its place,
	// because the map was changed meanwhile.
	ErrIterAborted = errors.New("iteration lost its place: the map has changed")
)

// errLoaded is ErrClosed for who uses the open object after Load.
var errLoaded = fmt.Errorf("%w: Load has consumed the open skeleton: use the one that it returned", ErrClosed)

// Code is one of libbpf's own error codes (LIBBPF_ERRNO__*), which are no errno
// values; package backend names them.
type Code = backend.Code

// Error is an operation that failed.
type Error struct {
	// Op is what was called: "open", "load", "attach", "attach kprobe", "look up".
	Op     string
	Object string // the skeleton's C name; "" of an OwnMap
	// Map or Program is the one that it is about, as far as that is known: what
	// was called, or what libbpf named before it gave up a load.
	Map, Program string
	// Target is what the program was to be attached to: a function, a
	// tracepoint, FILE:FUNCTION, "interface 3", as Op takes them. When a load
	// fails because the kernel does not have the target, it is that.
	Target string
	// Extern is the external symbol, a kernel function or a variable, that was
	// not resolved.
	Extern string
	// Err is the cause: a syscall.Errno, a Code, or one of this package's.
	// errors.Is(err, errors.ErrUnsupported) holds for what this kernel lacks.
	Err error
	// Hint is what to do about it, if that is known.
	Hint string
	// Log is what libbpf printed during the call, one line or more per message.
	Log string

	reason string      // the warning that explains it best
	log    backend.Log // Log, message by message
}

// Error is one line: operation, object, map or program, target, cause and advice.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	if e.Object == "" {
		return e.inObject()
	}
	return e.Object + ": " + e.inObject()
}

// inObject is the text without the object.
func (e *Error) inObject() string {
	var b strings.Builder
	switch {
	case e.Map != "":
		fmt.Fprintf(&b, "map %s: ", e.Map)
	case e.Program != "":
		fmt.Fprintf(&b, "program %s: ", e.Program)
	}
	b.WriteString(e.Op)
	if e.Target != "" && strings.HasPrefix(e.Op, wayAny.op) {
		fmt.Fprintf(&b, " to %s", e.Target)
	}
	cause := fmt.Sprint(e.Err)
	if inner, ok := e.Err.(*Error); ok && inner.Object == e.Object {
		cause = inner.inObject()
	}
	b.WriteString(": " + cause)
	if e.reason != "" {
		fmt.Fprintf(&b, " (%s)", e.reason)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "; %s", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// fail makes an Error of what a back end or the kernel returned, nil of nil. What it is about is
// taken from libbpf's messages if the caller does not say. An error about the
// same only gets another operation.
func fail(op, object, mapName, program string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*Error); ok && inner.Object == object && inner.Map == mapName && inner.Program == program {
		again := *inner
		again.Op = op
		return &again
	}
	e := &Error{Op: op, Object: object, Map: mapName, Program: program, Err: err}
	var log backend.Log
	var lib *backend.Error
	if errors.As(err, &lib) {
		e.Err, log = lib.Err, lib.Log
		e.takeLog(log)
	} else if errno, ok := err.(syscall.Errno); ok {
		e.Err = backend.Errno(int(errno))
	}
	e.Hint = cmp.Or(logHint(log), pinHint(err), capabilityHint(e.Err), interruptedHint(op, e.Err))
	return e
}

// takeLog fills in what libbpf's messages say.
func (e *Error) takeLog(log backend.Log) {
	about := log.Subject()
	if e.Map == "" && e.Program == "" {
		e.Map, e.Program = about.Map, about.Program
	}
	e.Extern = about.Extern
	e.Target, _ = log.Find(backend.NoBTFTarget)
	e.log, e.Log = log, log.String()
	e.reason = withoutErrno(log.Reason(backend.Subject{Map: e.Map, Program: e.Program}), e.Err)
}

// withoutErrno cuts the number of err off the end of a message, which the error says
// in words.
func withoutErrno(message string, err error) string {
	var errno syscall.Errno
	i := strings.LastIndex(message, ": ")
	if i < 0 || !errors.As(err, &errno) {
		return message
	}
	end := message[i+2:]
	number := fmt.Sprintf("-%d", int(errno))
	if strings.HasPrefix(end, "-E") || end == number || strings.HasSuffix(end, "("+number+")") || strings.EqualFold(end, errno.Error()) {
		return message[:i]
	}
	return message
}

// notExist is the one error value that a map has for a missing key.
type notExist struct {
	object, name string
	causes       []error
}

func newNotExist(object, name string) *notExist {
	return &notExist{object, name, []error{ErrNotExist, syscall.ENOENT}}
}

func (e *notExist) Error() string {
	text := fmt.Sprintf("map %s: %v", e.name, ErrNotExist)
	if e.object == "" {
		return text
	}
	return e.object + ": " + text
}

// Unwrap makes errors.Is find both ErrNotExist and ENOENT.
func (e *notExist) Unwrap() []error { return e.causes }

// sizeError is a map whose keys or values have not the size of their Go type.
type sizeError struct {
	what       string
	goes, kern int
}

func (e *sizeError) Error() string {
	return fmt.Sprintf("a %s has %d bytes in Go but %d in the kernel's map", e.what, e.goes, e.kern)
}

// Unwrap gives it an errno, as libbpf's own check has one.
func (e *sizeError) Unwrap() error { return syscall.EINVAL }

// Causes of the errors that the package finds by itself.
const (
	errInvalid = syscall.EINVAL
	errExist   = syscall.EEXIST
)
