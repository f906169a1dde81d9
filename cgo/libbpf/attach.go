//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim_attach.h"
*/
import "C"

import (
	"fmt"
	"strings"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/mem"
)

// arguments are what one call of C borrows from Go.
type arguments struct {
	texts []*C.char
}

// text is s for C, until free.
func (a *arguments) text(s string) *C.char {
	p := C.CString(s)
	a.texts = append(a.texts, p)
	return p
}

// optional is text, NULL for "".
func (a *arguments) optional(s string) *C.char {
	if s == "" {
		return nil
	}
	return a.text(s)
}

func (a *arguments) free() {
	for _, p := range a.texts {
		C.free(unsafe.Pointer(p)) // SAFETY: C memory of our own
	}
}

// names are s one after the other, each with its NUL, as the shims take them.
func names(s []string) *C.uint8_t {
	if len(s) == 0 {
		return nil
	}
	return bytesPtr([]byte(strings.Join(s, "\x00") + "\x00"))
}

func words(s []uint64) *C.uint64_t {
	return (*C.uint64_t)(mem.Of(s))
}

func longs(s []uint64) *C.ulong {
	if len(s) == 0 {
		return nil
	}
	out := make([]C.ulong, len(s))
	for i, v := range s {
		out[i] = C.ulong(v)
	}
	return (*C.ulong)(mem.Of(out))
}

// attach makes one call that attaches.
func attach(noFD bool, call func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int) (backend.Link, error) {
	var a arguments
	defer a.free()
	var log C.struct_bpfskel_log
	var l *C.struct_bpf_link
	rc := call(&a, &l, &log)
	return newLink(l, noFD), result("attach", rc, takeLog(&log))
}

// Attach attaches the program to what its section names (bpf_program__attach).
func (p Program) Attach() (backend.Link, error) {
	return attach(p.manyLinks(), func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_program_attach(p.p, l, log)
	})
}

// check is that C will find as many of each as it is told.
func check(t *backend.Targets) error {
	for _, n := range []int{len(t.Names), len(t.Where), len(t.RefCounters), len(t.Cookies)} {
		if n != 0 && n != count(t) {
			return &Error{Op: "attach", Err: syscall.EINVAL, Log: Log{{Text: "lists of different lengths"}}}
		}
	}
	return nil
}

func count(t *backend.Targets) int { return max(len(t.Names), len(t.Where)) }

// AttachTo attaches the program to a target (bpf_program__attach_tracepoint_opts and
// its sisters).
func (p Program) AttachTo(target any) (backend.Link, error) {
	switch t := target.(type) {
	case backend.KprobeMulti:
		if err := check(&t.Targets); err != nil {
			return nil, err
		}
	case backend.UprobeMulti:
		if err := check(&t.Targets); err != nil {
			return nil, err
		}
	case backend.Tracepoint, backend.Kprobe, backend.Ksyscall, backend.Uprobe, backend.USDT, backend.Freplace:
	default:
		return nil, &backend.UnsupportedError{Backend: "libbpf", Option: fmt.Sprintf("attaching to a %T", target)}
	}
	_, many := target.(backend.USDT)
	return attach(many, func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return p.call(target, a, l, log)
	})
}

// call is the function of libbpf for the target.
func (p Program) call(target any, a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
	switch t := target.(type) {
	case backend.Tracepoint:
		return C.bpfskel_attach_tracepoint(p.p, a.text(t.Category), a.text(t.Name), C.uint64_t(t.Cookie), l, log)
	case backend.Kprobe:
		return C.bpfskel_attach_kprobe(p.p, a.optional(t.Function), C.uint64_t(t.Offset), C.uint64_t(t.Cookie), C.bool(t.Return), C.int(t.Mode), l, log)
	case backend.KprobeMulti:
		return C.bpfskel_attach_kprobe_multi(p.p, a.optional(t.Pattern), names(t.Names), longs(t.Where), words(t.Cookies),
			C.size_t(count(&t.Targets)), C.bool(t.Return), C.bool(t.Session), C.bool(t.Unique), l, log)
	case backend.Ksyscall:
		return C.bpfskel_attach_ksyscall(p.p, a.text(t.Name), C.uint64_t(t.Cookie), C.bool(t.Return), l, log)
	case backend.Uprobe:
		return C.bpfskel_attach_uprobe(p.p, C.int(t.PID), a.text(t.Path), a.optional(t.Function), C.uint64_t(t.Offset), C.uint64_t(t.RefCounter),
			C.uint64_t(t.Cookie), C.bool(t.Return), C.int(t.Mode), l, log)
	case backend.UprobeMulti:
		return C.bpfskel_attach_uprobe_multi(p.p, C.int(t.PID), a.text(t.Path), a.optional(t.Pattern), names(t.Names), longs(t.Where),
			longs(t.RefCounters), words(t.Cookies), C.size_t(count(&t.Targets)), C.bool(t.Return), C.bool(t.Session), l, log)
	case backend.USDT:
		return C.bpfskel_attach_usdt(p.p, C.int(t.PID), a.text(t.Path), a.text(t.Provider), a.text(t.Name), C.uint64_t(t.Cookie), l, log)
	case backend.Freplace:
		return C.bpfskel_attach_freplace(p.p, C.int(t.Program), a.optional(t.Function), l, log)
	}
	return -C.int(syscall.EINVAL)
}
