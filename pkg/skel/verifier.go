package skel

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// VerifierError reports that the kernel's verifier rejected a program. Error and the verb
// %v print one line, %+v also the whole log.
type VerifierError struct {
	Object  string
	Program string
	// Log is the verifier's log: all of it, unless Truncated.
	Log string
	// Truncated reports that the caller's log buffer was too small.
	Truncated bool
	// Err is the errno of the load, ENOSPC if the buffer was too small. It is never
	// EAGAIN, EINTR or ENOMEM: these are an *Error.
	Err error
}

// failedBeforeVerifier reports whether a load failed before the verifier came to a result.
// The verifier may have logged messages nevertheless.
func failedBeforeVerifier(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.ENOMEM)
}

// Error returns one line: the program, the errno, the line of the log with the reason,
// and the line of source to which it refers, if the log names it. The whole log is in
// Log.
func (e *VerifierError) Error() string {
	if e == nil {
		return "<nil>"
	}
	text := fmt.Sprintf("%s: program %s: load: the verifier rejected it: %v", e.Object, e.Program, e.Err)
	reason, source := e.reason()
	if reason != "" {
		text += ": " + reason
	}
	if source != "" {
		text += " (at " + source + ")"
	}
	if e.Truncated {
		text += " (log truncated)"
	}
	return text
}

// Format prints Error for %v and %s, and for %+v the log too.
func (e *VerifierError) Format(f fmt.State, verb rune) {
	type noMethods VerifierError // which has no Format
	switch {
	case f == nil:
	case e == nil:
		fmt.Fprint(f, "<nil>")
	case verb == 'v' && f.Flag('#'):
		fmt.Fprintf(f, "&skel.VerifierError%s", strings.TrimPrefix(fmt.Sprintf("%#v", noMethods(*e)), "skel.noMethods"))
	case verb == 'v' && f.Flag('+'):
		fmt.Fprintf(f, "%s\n%s", e.Error(), strings.TrimRight(e.Log, "\n"))
	case verb == 'v':
		fmt.Fprint(f, e.Error())
	default:
		fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
	}
}

// statisticsPrefixes begin the lines that end the verifier's log after the reason.
var statisticsPrefixes = []string{"processed ", "max_states", "verification time ", "stack depth "}

// reason is the log's last line before its statistics, and the last line of source
// before that: "; text @ FILE:LINE", or text alone before Linux 6.9.
func (e *VerifierError) reason() (reason, source string) {
	lines := strings.Split(strings.TrimSpace(e.Log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if text, ok := strings.CutPrefix(line, "; "); ok && reason != "" {
			return reason, strings.TrimSpace(text)
		}
		if reason == "" && line != "" && !hasPrefix(line, statisticsPrefixes) {
			reason = line
		}
	}
	return reason, ""
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// Unwrap returns the errno.
func (e *VerifierError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}
