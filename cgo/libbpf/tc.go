//go:build linux

package libbpf

/*
#include "shim_attach.h"
*/
import "C"

// TCHook is a struct bpf_tc_hook.
type TCHook struct {
	Ifindex               int
	Point, Parent, Handle uint32
	Qdisc                 string
}

func (h TCHook) with(op string, f func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int) error {
	var a arguments
	defer a.free()
	hook := C.struct_bpfskel_tc_hook{
		ifindex: C.int32_t(h.Ifindex), point: C.uint32_t(h.Point), parent: C.uint32_t(h.Parent), handle: C.uint32_t(h.Handle), qdisc: a.optional(h.Qdisc),
	}
	var log C.struct_bpfskel_log
	rc := f(&hook, &log)
	return result(op, rc, takeLog(&log))
}

// Create makes the queueing discipline of the hook (bpf_tc_hook_create).
func (h TCHook) Create() error {
	return h.with("create the hook", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_create(hook, log)
	})
}

// Destroy removes it, or all filters of one side (bpf_tc_hook_destroy).
func (h TCHook) Destroy() error {
	return h.with("destroy the hook", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_destroy(hook, log)
	})
}

// Attach adds a filter that is the program behind fd (bpf_tc_attach). handle and
// priority may be 0; those that the filter got come back.
func (h TCHook) Attach(fd int, flags, handle, priority uint32) (uint32, uint32, error) {
	gotHandle, gotPriority := C.uint32_t(handle), C.uint32_t(priority)
	err := h.with("attach", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_attach(hook, C.int(fd), C.uint32_t(flags), &gotHandle, &gotPriority, log)
	})
	return uint32(gotHandle), uint32(gotPriority), err
}

// Detach removes a filter if it is the program with the given id, else it is ENOENT;
// in the network namespace behind netns, -1 for that of the thread (bpf_tc_query,
// bpf_tc_detach).
func (h TCHook) Detach(handle, priority, program uint32, netns int) error {
	return h.with("detach", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_detach(hook, C.uint32_t(handle), C.uint32_t(priority), C.uint32_t(program), C.int(netns), log)
	})
}

// Query returns the id of a filter's program (bpf_tc_query).
func (h TCHook) Query(handle, priority uint32) (program uint32, err error) {
	var id C.uint32_t
	err = h.with("query", func(hook *C.struct_bpfskel_tc_hook, log *C.struct_bpfskel_log) C.int {
		return C.bpfskel_tc_query(hook, C.uint32_t(handle), C.uint32_t(priority), &id, log)
	})
	return uint32(id), err
}
