//go:build linux && cgo

package libbpf

/*
#include "shim_tc.h"
*/
import "C"

import "github.com/bpfskel/bpfskel/pkg/backend"

// tc makes libbpf's calls for filters.
type tc struct{}

func init() { backend.RegisterTC(tc{}) }

// withHook calls f with the hook for C.
func withHook(h backend.TCHook, op string, f func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int) error {
	var a cArguments
	defer a.free()
	hook := C.struct_bpfskel_tc_hook{
		ifindex: C.int32_t(h.Ifindex), point: C.uint32_t(h.Point), parent: C.uint32_t(h.Parent), handle: C.uint32_t(h.Handle), qdisc: a.cStringOrNull(h.Qdisc),
	}
	var log C.struct_bpfskel_log
	rc := f(&hook, &log)
	return result(op, rc, takeLog(&log))
}

func cFilter(handle, priority, program uint32) C.struct_bpfskel_tc_filter {
	return C.struct_bpfskel_tc_filter{handle: C.uint32_t(handle), priority: C.uint32_t(priority), prog_id: C.uint32_t(program)}
}

// Create makes the queueing discipline of the hook (bpf_tc_hook_create).
func (tc) Create(h backend.TCHook) error {
	return withHook(h, "create the hook", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_create(hook, log)
	})
}

// Destroy removes the discipline, or all filters of one side (bpf_tc_hook_destroy).
func (tc) Destroy(h backend.TCHook) error {
	return withHook(h, "destroy the hook", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_destroy(hook, log)
	})
}

// Attach adds a filter (bpf_tc_attach).
func (tc) Attach(h backend.TCHook, f backend.TCFilter) (handle, priority uint32, err error) {
	filter := cFilter(f.Handle, f.Priority, 0)
	var flags C.uint32_t
	if f.Replace {
		flags = C.BPF_TC_F_REPLACE
	}
	err = withHook(h, "attach", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_attach(hook, &filter, C.int(f.Program), flags, log)
	})
	return uint32(filter.handle), uint32(filter.priority), err
}

// Detach removes a filter if it runs the program with the given id, otherwise it
// returns ENOENT. It works in the network namespace behind netns, -1 for the thread's
// (bpf_tc_query, bpf_tc_detach).
func (tc) Detach(h backend.TCHook, handle, priority, program uint32, netns int) error {
	filter := cFilter(handle, priority, program)
	return withHook(h, "detach", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_detach(hook, &filter, C.int(netns), log)
	})
}

// Query returns the id of a filter's program (bpf_tc_query).
func (tc) Query(h backend.TCHook, handle, priority uint32) (program uint32, err error) {
	filter := cFilter(handle, priority, 0)
	err = withHook(h, "query", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_query(hook, &filter, log)
	})
	return uint32(filter.prog_id), err
}
