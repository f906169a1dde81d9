package skel

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// Errors that a caller may want to tell apart, with errors.Is.
var (
	// ErrClosed is returned by what is used after Close, and by what is used
	// before load after Load.
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

// Code is one of libbpf's own error codes (LIBBPF_ERRNO__*), which are no errno
// values; package cgo/libbpf names them.
type Code = libbpf.Code

// Error is an operation that failed.
type Error struct {
	Op      string // what was tried: "open", "load", "attach", "look up"
	Object  string // the skeleton's C name
	Map     string // the map's name, where it is about one
	Program string // the program's name, where it is about one
	// Err is the cause: a syscall.Errno, a Code, or one of this package's.
	Err error
	// Hint is what to do about it, where that is known.
	Hint string
	// Log is what libbpf printed during the call, a line or more a message.
	Log string

	first string // the warning that explains it best
}

// Error is one line: operation, object, map or program, cause and advice.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", e.Object)
	switch {
	case e.Map != "":
		fmt.Fprintf(&b, "map %s: ", e.Map)
	case e.Program != "":
		fmt.Fprintf(&b, "program %s: ", e.Program)
	}
	fmt.Fprintf(&b, "%s: %v", e.Op, e.Err)
	if e.first != "" {
		fmt.Fprintf(&b, " (%s)", e.first)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "; %s", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// VerifierError is a program that the kernel's verifier refused.
type VerifierError struct {
	Object  string
	Program string
	// Log is the verifier's log: all of it, unless Truncated.
	Log string
	// Truncated says that the buffer that the caller has set was too small.
	Truncated bool
	// Err is the errno of the load, ENOSPC where the buffer was too small.
	Err error
}

// Error is one line: the program, the errno, and the line of the log that says
// what was wrong. The whole log is in Log.
func (e *VerifierError) Error() string {
	text := fmt.Sprintf("%s: program %s: load: the verifier refused it: %v", e.Object, e.Program, e.Err)
	if reason := e.reason(); reason != "" {
		text += ": " + reason
	}
	if e.Truncated {
		text += " (log truncated)"
	}
	return text
}

// reason is the log's last line before its statistics.
func (e *VerifierError) reason() string {
	lines := strings.Split(strings.TrimSpace(e.Log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "", strings.HasPrefix(line, "processed "), strings.HasPrefix(line, "max_states"),
			strings.HasPrefix(line, "verification time "), strings.HasPrefix(line, "stack depth "):
		default:
			return line
		}
	}
	return ""
}

// Unwrap returns the errno.
func (e *VerifierError) Unwrap() error { return e.Err }

// notVerifiers reports whether a load failed before the verifier came to a result,
// whatever it had logged by then.
func notVerifiers(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.ENOMEM)
}

// fail makes an Error of what cgo/libbpf returned, nil of nil.
func fail(op, object, mapName, program string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Object: object, Map: mapName, Program: program, Err: err}
	var lib *libbpf.Error
	if errors.As(err, &lib) {
		e.Err, e.Log, e.first = lib.Err, lib.Log.String(), lib.Log.FirstWarning()
	}
	e.Hint = cmp.Or(capabilityHint(e.Err), interruptedHint(op, e.Err))
	return e
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
	return fmt.Sprintf("%s: map %s: %v", e.object, e.name, ErrNotExist)
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
