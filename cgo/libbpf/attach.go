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
)

// cArguments holds the C memory that one call of C needs, until free.
type cArguments struct {
	memory []unsafe.Pointer
}

func (a *cArguments) keep(p unsafe.Pointer) unsafe.Pointer {
	a.memory = append(a.memory, p)
	return p
}

// cString returns a copy of s.
func (a *cArguments) cString(s string) *C.char {
	return (*C.char)(a.keep(unsafe.Pointer(C.CString(s)))) // SAFETY: our own C memory
}

// cStringOrNull returns a copy of s, NULL for "".
func (a *cArguments) cStringOrNull(s string) *C.char {
	if s == "" {
		return nil
	}
	return a.cString(s)
}

// cArray returns C memory for n elements; nil and NULL if n is 0.
func cArray[T any](a *cArguments, n int) (elements []T, first *T) {
	if n == 0 {
		return nil, nil
	}
	p := (*T)(a.keep(C.calloc(C.size_t(n), C.size_t(unsafe.Sizeof(*new(T)))))) // SAFETY: cgo's calloc never fails
	return unsafe.Slice(p, n), p                                               // SAFETY: of that size
}

// cStrings returns copies of s.
func (a *cArguments) cStrings(s []string) **C.char {
	list, first := cArray[*C.char](a, len(s))
	if len(s) > 0 {
		all := a.cString(strings.Join(s, "\x00"))
		for i, name := range s {
			list[i] = all
			all = (*C.char)(unsafe.Add(unsafe.Pointer(all), len(name)+1)) // SAFETY: behind the NUL that Join or C.CString put
		}
	}
	return first
}

// cNumbers returns a copy of s.
func cNumbers[T ~uint32 | ~uint64](a *cArguments, s []uint64) *T {
	list, first := cArray[T](a, len(s))
	for i, v := range s {
		list[i] = T(v)
	}
	return first
}

// targets converts t for C. All lists that are not empty must have the same length.
func (a *cArguments) targets(t *backend.Targets) (C.struct_bpfskel_targets, error) {
	count := max(len(t.Names), len(t.Locations))
	for _, n := range []int{len(t.Names), len(t.Locations), len(t.RefCounters), len(t.Cookies)} {
		if n != 0 && n != count {
			return C.struct_bpfskel_targets{}, &Error{Op: "attach", Err: syscall.EINVAL, Log: Log{{Text: "the lists have different lengths"}}}
		}
	}
	return C.struct_bpfskel_targets{
		names: a.cStrings(t.Names), locations: cNumbers[C.ulong](a, t.Locations), ref_counters: cNumbers[C.ulong](a, t.RefCounters),
		cookies: cNumbers[C.uint64_t](a, t.Cookies), count: C.size_t(count),
		ret: C.bool(t.Return), session: C.bool(t.Session), unique: C.bool(t.Unique),
	}, nil
}

func (a *cArguments) free() {
	for _, p := range a.memory {
		C.free(p)
	}
}

// Attach attaches the program to the target that its section names
// (bpf_program__attach).
func (p Program) Attach() (backend.Link, error) { return p.AttachTo(sectionTarget{}) }

// sectionTarget is the target that the program's section names.
type sectionTarget struct{}

// AttachTo attaches the program to one of the targets of package backend
// (bpf_program__attach_tracepoint_opts and its sisters). A new kind of target is a case here, and a function in shim_attach.h.
func (p Program) AttachTo(target any) (backend.Link, error) {
	var (
		a    cArguments
		l    *C.struct_bpf_link
		noFD bool
		log  C.struct_bpfskel_log
		rc   C.int
	)
	defer a.free()
	switch t := target.(type) {
	case sectionTarget:
		noFD = p.isUSDT()
		rc = C.bpfskel_attach_section(p.p, &C.struct_bpfskel_section{}, &l, &log)
	case backend.Tracepoint:
		rc = C.bpfskel_attach_tracepoint(p.p, &C.struct_bpfskel_tracepoint{
			category: a.cString(t.Category), name: a.cString(t.Name), cookie: C.uint64_t(t.Cookie),
		}, &l, &log)
	case backend.Kprobe:
		rc = C.bpfskel_attach_kprobe(p.p, &C.struct_bpfskel_kprobe{
			function: a.cStringOrNull(t.Function), offset: C.uint64_t(t.Offset), cookie: C.uint64_t(t.Cookie),
			ret: C.bool(t.Return), mode: C.int(t.Mode),
		}, &l, &log)
	case backend.KprobeMulti:
		targets, err := a.targets(&t.Targets)
		if err != nil {
			return nil, err
		}
		rc = C.bpfskel_attach_kprobe_multi(p.p, &C.struct_bpfskel_kprobe_multi{pattern: a.cStringOrNull(t.Pattern), targets: targets}, &l, &log)
	case backend.Ksyscall:
		rc = C.bpfskel_attach_ksyscall(p.p, &C.struct_bpfskel_ksyscall{name: a.cString(t.Name), cookie: C.uint64_t(t.Cookie), ret: C.bool(t.Return)}, &l, &log)
	case backend.Uprobe:
		rc = C.bpfskel_attach_uprobe(p.p, &C.struct_bpfskel_uprobe{
			pid: C.int(t.PID), path: a.cString(t.Path), function: a.cStringOrNull(t.Function), offset: C.uint64_t(t.Offset),
			ref_counter: C.uint64_t(t.RefCounter), cookie: C.uint64_t(t.Cookie), ret: C.bool(t.Return), mode: C.int(t.Mode),
		}, &l, &log)
	case backend.UprobeMulti:
		targets, err := a.targets(&t.Targets)
		if err != nil {
			return nil, err
		}
		rc = C.bpfskel_attach_uprobe_multi(p.p, &C.struct_bpfskel_uprobe_multi{
			pid: C.int(t.PID), path: a.cString(t.Path), pattern: a.cStringOrNull(t.Pattern), targets: targets,
		}, &l, &log)
	case backend.USDT:
		noFD = true
		rc = C.bpfskel_attach_usdt(p.p, &C.struct_bpfskel_usdt{
			pid: C.int(t.PID), path: a.cString(t.Path), provider: a.cString(t.Provider), name: a.cString(t.Name), cookie: C.uint64_t(t.Cookie),
		}, &l, &log)
	case backend.Freplace:
		rc = C.bpfskel_attach_freplace(p.p, &C.struct_bpfskel_freplace{program: C.int(t.Program), function: a.cStringOrNull(t.Function)}, &l, &log)
	default:
		return nil, &backend.UnsupportedError{Backend: "libbpf", Option: fmt.Sprintf("attaching to a %T", target)}
	}
	return newLink(l, noFD), result("attach", rc, takeLog(&log))
}
