package skel

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Errors that a caller may want to distinguish, with errors.Is.
var (
	// ErrClosed is returned after Close, by the types of an open object after Load,
	// and by nil and zero values of this package's types.
	ErrClosed = errors.New("skeleton is closed")
	// ErrNotExist reports that a key is not in the map. It is wrapped in one value
	// per map, so that it costs no allocation.
	ErrNotExist = errors.New("key does not exist")
	// ErrNotAttached is returned by methods of a Link of Links that is not attached.
	ErrNotAttached = errors.New("link is not attached")
	// ErrIterAborted ends an iteration that cannot continue, because the map was
	// changed too often during it.
	ErrIterAborted = errors.New("map modified during iteration")
)

// errLoaded is ErrClosed for callers that use the open object after Load.
var errLoaded = fmt.Errorf("%w: Load has consumed the open skeleton: use the skeleton that Load returned", ErrClosed)

// Code is one of libbpf's own error codes (LIBBPF_ERRNO__*), which are not errno values.
// Package backend names them.
type Code = backend.Code

// Error describes an operation that failed.
type Error struct {
	// Op is the operation: "open", "load", "attach", "attach kprobe", "look up".
	Op     string
	Object string // the skeleton's C name; "" for a MapHandle
	// Map or Program is the one that failed, if that is known: the one whose method
	// was called, or the one that libbpf named before it aborted a load.
	Map, Program string
	// Target is the attach target: a function, a tracepoint, FILE:FUNCTION,
	// "interface 3". It is also set if a load fails because the kernel does not have
	// the target.
	Target string
	// Extern is the kernel function or variable that could not be resolved.
	Extern string
	// Err is the cause: a syscall.Errno, a Code, or one of this package's.
	// errors.Is(err, errors.ErrUnsupported) is true if this kernel lacks a feature.
	Err error
	// Hint says what to do, if that is known.
	Hint string
	// Log holds libbpf's messages during the call.
	Log string

	reason string      // the warning that explains it best
	log    backend.Log // Log, message by message
}

// Error returns one line: object, map or program, operation, target, cause and hint.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	if e.Object == "" {
		return e.messageInObject()
	}
	return e.Object + ": " + e.messageInObject()
}

// messageInObject is the message without the object.
func (e *Error) messageInObject() string {
	var b strings.Builder
	switch {
	case e.Map != "":
		fmt.Fprintf(&b, "map %s: ", e.Map)
	case e.Program != "":
		fmt.Fprintf(&b, "program %s: ", e.Program)
	}
	b.WriteString(e.Op)
	if e.Target != "" && strings.HasPrefix(e.Op, methodAny.op) {
		fmt.Fprintf(&b, " to %s", e.Target)
	}
	cause := fmt.Sprint(e.Err)
	if inner, ok := e.Err.(*Error); ok && inner.Object == e.Object {
		cause = inner.messageInObject()
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

// fail wraps an error of a back end or of the kernel in an Error; nil stays nil. If the
// caller names neither map nor program, libbpf's messages may. An Error of the same object,
// map and program is copied with another Op.
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
		e.applyLog(log)
	} else if errno, ok := err.(syscall.Errno); ok {
		e.Err = backend.Errno(int(errno))
	}
	e.Hint = cmp.Or(logHint(log), pinHint(err), capabilityHint(e.Err), interruptedHint(op, e.Err))
	return e
}

// applyLog fills in the fields that libbpf's messages determine.
func (e *Error) applyLog(log backend.Log) {
	about := log.Subject()
	if e.Map == "" && e.Program == "" {
		e.Map, e.Program = about.Map, about.Program
	}
	e.Extern = about.Extern
	e.Target, _ = log.Find(backend.NoBTFTarget)
	e.log, e.Log = log, log.String()
	e.reason = withoutErrno(log.Reason(backend.Subject{Map: e.Map, Program: e.Program}), e.Err)
}

// withoutErrno removes the number of err from the end of a message: the error states it
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

// sizeError is a map whose keys or values do not have the size of their Go type.
type sizeError struct {
	part               string // "key" or "value"
	goSize, kernelSize int
}

func (e *sizeError) Error() string {
	return fmt.Sprintf("a %s has %d bytes in Go but %d in the kernel's map", e.part, e.goSize, e.kernelSize)
}

// Unwrap returns the errno of libbpf's own check.
func (e *sizeError) Unwrap() error { return syscall.EINVAL }

// Causes of the errors that the package reports without a failed call.
const (
	errInvalid = syscall.EINVAL
	errExist   = syscall.EEXIST
)
