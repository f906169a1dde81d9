//go:build linux

package light

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// backendName is the name of this back end in errors.
const backendName = "light"

// attachTo attaches the program behind fd to a target: one of package backend, if it is not
// probed, or one of this package.
func attachTo(fd int, p progInfo, target any) (backend.Link, error) {
	a := attempt{progInfo: p, program: fd}
	return a.finish(a.to(target))
}

// attachBySection attaches the program behind fd as its section says (bpf_program__attach).
// The error is EOPNOTSUPP if the section does not name a target.
func attachBySection(fd int, p progInfo) (backend.Link, error) {
	a := attempt{progInfo: p, program: fd}
	l, err := a.bySection()
	if l == nil && err == nil {
		err = unix.EOPNOTSUPP
	}
	return a.finish(l, err)
}

// autoAttach is attachBySection as a skeleton's attach calls it: it returns nil, without an
// error, if the section does not name a target (bpf_object__attach_skeleton).
func autoAttach(fd int, p progInfo) (backend.Link, error) {
	a := attempt{progInfo: p, program: fd}
	l, err := a.bySection()
	if l == nil && err == nil {
		return nil, nil
	}
	if err != nil {
		a.warn("prog '%s': failed to auto-attach: %v", p.name, err)
	}
	return a.finish(l, err)
}

// attempt is one attempt to attach a program. Its methods return a syscall.Errno or
// backend.Code, and leave libbpf's messages in log, because errors and hints are made of
// them.
type attempt struct {
	progInfo
	program int
	log     backend.Log
}

func (a *attempt) warn(format string, args ...any) {
	a.log = append(a.log, backend.Message{Level: backend.LevelWarn, Text: fmt.Sprintf(format, args...)})
}

// finish passes the messages on, and makes an *Error of an error.
func (a *attempt) finish(l *link, err error) (backend.Link, error) {
	backend.Emit(a.log)
	if err == nil {
		return l, nil
	}
	return nil, failed("attach", err, a.log)
}

// failed returns the error of an operation.
func failed(op string, err error, log backend.Log) error {
	var unsupported *backend.UnsupportedError
	if errors.As(err, &unsupported) {
		return err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = backend.Errno(int(errno))
	}
	return &backend.Error{Op: op, Err: err, Log: log}
}

// plain returns the errno in the error of a function of package os, whose path the
// messages name.
func plain(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}

func (a *attempt) bySection() (*link, error) {
	target, err := a.sectionTarget()
	switch {
	case err != nil:
		if why := err.Error(); why != "" {
			a.warn("%s", why)
		}
		return nil, unix.EINVAL
	case target == nil:
		return nil, nil
	}
	return a.to(target)
}

// attempts is how often a call is repeated that a signal interrupted: it has had no effect.
const attempts = 10

// to attaches to a target.
func (a *attempt) to(target any) (l *link, err error) {
	if a.program < 0 {
		a.warn("prog '%s': can't attach BPF program without FD (was it loaded?)", a.name)
		return nil, unix.EINVAL
	}
	before := len(a.log)
	for range attempts {
		a.log = a.log[:before]
		if l, err = a.try(target); err != unix.EINTR {
			break
		}
	}
	return l, err
}

func (a *attempt) try(target any) (*link, error) {
	switch t := target.(type) {
	case traced:
		return a.made("failed to attach", func() (int, error) { return bpf.LinkTracing(a.program, a.attachType, bpf.TraceTarget{}) })
	case iterated:
		return a.made("failed to attach to iterator", func() (int, error) { return bpf.LinkIter(a.program, nil) })
	case rawTracepoint:
		return a.rawTracepoint(t.name)
	case backend.Tracepoint:
		return a.tracepoint(t)
	case probed:
		return t.attachBy(a)
	case backend.USDT:
		if a.kind != uapi.ProgTypeKprobe {
			return nil, unix.EINVAL
		}
		return nil, unsupported("USDT probes: build with cgo")
	case backend.Freplace:
		if a.kind != uapi.ProgTypeExt {
			a.warn("prog '%s': only BPF_PROG_TYPE_EXT can attach as freplace", a.name)
			return nil, unix.EINVAL
		}
		return nil, unsupported("freplace: build with cgo")
	}
	return nil, unsupported(fmt.Sprintf("attaching to a %T", target))
}

func unsupported(option string) error {
	return &backend.UnsupportedError{Backend: backendName, Option: option}
}

// probed is a target that is probed. Each kind has a type, so that the linker leaves out
// the kinds that neither a section names nor a call of the program attaches to.
type probed interface{ attachBy(*attempt) (*link, error) }

// made makes a link by one call. why describes a failure.
func (a *attempt) made(why string, call func() (int, error)) (*link, error) {
	fd, err := call()
	if err != nil {
		a.warn("prog '%s': %s: %v", a.name, why, err)
		return nil, err
	}
	return &link{fd: fd, event: -1}, nil
}

func (a *attempt) rawTracepoint(name string) (*link, error) {
	return a.made("failed to attach to raw tracepoint '"+name+"'", func() (int, error) {
		if name == "" { // the kernel would see no name at all
			return -1, unix.ENOENT
		}
		return bpf.LinkRawTracepoint(a.program, name, 0)
	})
}

// Folders in which libbpf looks for tracefs; the first one that exists.
const (
	debugTracefs = "/sys/kernel/debug/tracing"
	ownTracefs   = "/sys/kernel/tracing"
)

func tracefs() string {
	if _, err := os.Stat(debugTracefs); err == nil {
		return debugTracefs
	}
	return ownTracefs
}

// readNumber returns the number that follows prefix at the start of a file.
func readNumber(path, prefix string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, plain(err)
	}
	text, ok := strings.CutPrefix(string(data), prefix)
	n, _, number := scanInt(text)
	switch {
	case text == "":
		return 0, unix.EIO
	case !ok || !number || n < 0 || n != int64(int32(n)):
		return 0, unix.EINVAL
	}
	return int(n), nil
}
