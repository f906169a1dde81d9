//go:build linux

package libbpf

/*
#include <stdlib.h>
#include "shim_attach.h"
*/
import "C"

import (
	"strings"
	"syscall"
	"unsafe"

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
func attach(call func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int) (Link, error) {
	var a arguments
	defer a.free()
	var log C.struct_bpfskel_log
	var l Link
	rc := call(&a, &l.l, &log)
	return l, result("attach", rc, takeLog(&log))
}

// Attach attaches the program to what its section names (bpf_program__attach).
func (p Program) Attach() (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_program_attach(p.p, l, log)
	})
}

// AttachPerfEvent attaches to the perf event behind fd, which the link then owns
// (bpf_program__attach_perf_event_opts).
func (p Program) AttachPerfEvent(fd int, cookie uint64, ioctl, disabled bool) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_perf_event(p.p, C.int(fd), C.uint64_t(cookie), C.bool(ioctl), C.bool(disabled), l, log)
	})
}

// AttachKprobe attaches to a function of the kernel
// (bpf_program__attach_kprobe_opts).
func (p Program) AttachKprobe(function string, offset, cookie uint64, ret bool, mode int) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_kprobe(p.p, a.optional(function), C.uint64_t(offset), C.uint64_t(cookie), C.bool(ret), C.int(mode), l, log)
	})
}

// Targets are those of a multi-probe: as many of each as there are, or none.
type Targets struct {
	Names []string
	Where []uint64 // addresses in the kernel, or offsets in a file
	// RefCounters and Cookies go with Names or Where.
	RefCounters, Cookies []uint64
	Return, Session      bool
	Unique               bool // the pattern may match one function only
}

func (t *Targets) count() int { return max(len(t.Names), len(t.Where)) }

// check is that C will find as many of each as it is told.
func (t *Targets) check() error {
	for _, n := range []int{len(t.Names), len(t.Where), len(t.RefCounters), len(t.Cookies)} {
		if n != 0 && n != t.count() {
			return &Error{Op: "attach", Err: syscall.EINVAL, Log: Log{{Text: "lists of different lengths"}}}
		}
	}
	return nil
}

// AttachKprobeMulti attaches to all functions that match, or to Targets
// (bpf_program__attach_kprobe_multi_opts).
func (p Program) AttachKprobeMulti(pattern string, t Targets) (Link, error) {
	if err := t.check(); err != nil {
		return Link{}, err
	}
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_kprobe_multi(p.p, a.optional(pattern), names(t.Names), longs(t.Where), words(t.Cookies),
			C.size_t(t.count()), C.bool(t.Return), C.bool(t.Session), C.bool(t.Unique), l, log)
	})
}

// AttachKsyscall attaches to a system call (bpf_program__attach_ksyscall).
func (p Program) AttachKsyscall(name string, cookie uint64, ret bool) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_ksyscall(p.p, a.text(name), C.uint64_t(cookie), C.bool(ret), l, log)
	})
}

// AttachUprobe attaches to a function of a file, or to an offset in one
// (bpf_program__attach_uprobe_opts). pid is libbpf's: -1 for all, 0 for this one.
func (p Program) AttachUprobe(pid int, path, function string, offset, refCounter, cookie uint64, ret bool, mode int) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_uprobe(p.p, C.int(pid), a.text(path), a.optional(function), C.uint64_t(offset), C.uint64_t(refCounter), C.uint64_t(cookie), C.bool(ret), C.int(mode), l, log)
	})
}

// AttachUprobeMulti attaches to all functions of a file that match, or to Targets
// (bpf_program__attach_uprobe_multi).
func (p Program) AttachUprobeMulti(pid int, path, pattern string, t Targets) (Link, error) {
	if err := t.check(); err != nil {
		return Link{}, err
	}
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_uprobe_multi(p.p, C.int(pid), a.text(path), a.optional(pattern), names(t.Names), longs(t.Where),
			longs(t.RefCounters), words(t.Cookies), C.size_t(t.count()), C.bool(t.Return), C.bool(t.Session), l, log)
	})
}

// AttachUSDT attaches to a USDT of a file (bpf_program__attach_usdt). The link has
// no fd, and is destroyed before the object.
func (p Program) AttachUSDT(pid int, path, provider, name string, cookie uint64) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_usdt(p.p, C.int(pid), a.text(path), a.text(provider), a.text(name), C.uint64_t(cookie), l, log)
	})
}

// AttachTracepoint attaches to a tracepoint (bpf_program__attach_tracepoint_opts).
func (p Program) AttachTracepoint(category, name string, cookie uint64) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_tracepoint(p.p, a.text(category), a.text(name), C.uint64_t(cookie), l, log)
	})
}

// AttachRawTracepoint attaches to a raw tracepoint
// (bpf_program__attach_raw_tracepoint_opts).
func (p Program) AttachRawTracepoint(name string, cookie uint64) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_raw_tracepoint(p.p, a.text(name), C.uint64_t(cookie), l, log)
	})
}

// AttachTrace attaches a program of type tracing to what it was loaded for
// (bpf_program__attach_trace_opts).
func (p Program) AttachTrace(cookie uint64) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_trace(p.p, C.uint64_t(cookie), l, log)
	})
}

// AttachLSM attaches to the security hook that it was loaded for
// (bpf_program__attach_lsm).
func (p Program) AttachLSM() (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_lsm(p.p, l, log)
	})
}

// AttachFreplace replaces a function of the program behind target; with 0 and ""
// that which it was loaded for (bpf_program__attach_freplace).
func (p Program) AttachFreplace(target int, function string) (Link, error) {
	return attach(func(a *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_freplace(p.p, C.int(target), a.optional(function), l, log)
	})
}

// AttachIter makes the program an iterator (bpf_program__attach_iter). info is a
// union bpf_iter_link_info, nil for none.
func (p Program) AttachIter(info []byte) (Link, error) {
	return attach(func(_ *arguments, l **C.struct_bpf_link, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_attach_iter(p.p, bytesPtr(info), C.uint32_t(len(info)), l, log)
	})
}
