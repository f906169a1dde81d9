//go:build linux && cgo

package libbpf

/*
#cgo noescape bpfskel_perf_fill
#cgo nocallback bpfskel_perf_fill
#cgo noescape bpfskel_user_ring_write
#cgo nocallback bpfskel_user_ring_write
#include "shim_ring.h"
*/
import "C"

import (
	"math"
	"os"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

// PerfBuffer is a perf buffer whose records are taken out of libbpf in batches.
// One goroutine uses it at a time.
type PerfBuffer struct {
	p *C.struct_bpfskel_perf
}

// NewPerfBuffer makes a ring of the given number of pages, a power of two, for each
// of cpus, and puts them into the map behind fd, which it does not keep. A wake-up
// comes with every period-th record. ENODEV says that one of cpus is not online.
// (perf_buffer__new_raw)
func NewPerfBuffer(fd, pages int, period uint32, cpus []int) (*PerfBuffer, error) {
	if pages <= 0 || pages > math.MaxInt32/os.Getpagesize() || len(cpus) == 0 || len(cpus) > math.MaxInt32 {
		return nil, &Error{Op: "make a perf buffer", Err: syscall.EINVAL}
	}
	if err := CheckFD(fd, MapFD); err != nil {
		return nil, err
	}
	list := make([]C.int, len(cpus))
	for i, cpu := range cpus {
		list[i] = C.int(cpu)
	}
	var p *C.struct_bpfskel_perf
	var log C.struct_bpfskel_log
	rc := C.bpfskel_perf_new(C.int(fd), C.size_t(pages), C.uint32_t(period), (*C.int)(mem.Of(list)), C.int(len(list)), &p, &log)
	if err := result("make a perf buffer", rc, takeLog(&log)); err != nil {
		return nil, err
	}
	return &PerfBuffer{p}, nil
}

// Add makes the ring of a CPU that has come up and returns its file descriptor, for
// an epoll. Records that an earlier ring of it still has come first.
// (perf_buffer__new_raw)
func (b *PerfBuffer) Add(cpu int) (fd int, err error) {
	var made C.int
	var log C.struct_bpfskel_log
	rc := C.bpfskel_perf_add(b.p, C.int(cpu), &made, &log)
	return int(made), result("make a perf buffer", rc, takeLog(&log))
}

// Rings is the number of CPUs that have, or had, a ring.
func (b *PerfBuffer) Rings() int { return int(b.p.count) }

// CPU is whose ring it is, of 0 <= ring < Rings().
func (b *PerfBuffer) CPU(ring int) int { return int(C.bpfskel_perf_cpu(b.p, C.int(ring))) }

// FD is the ring's file descriptor, for an epoll. It belongs to the buffer
// (perf_buffer__buffer_fd).
func (b *PerfBuffer) FD(ring int) int { return int(C.bpfskel_perf_fd(b.p, C.int(ring))) }

// Fill reads count rings from the given one on, cyclically, until one has records.
// It returns those, for PerfBatch, how many rings it has looked at, and whether the
// last of them may have more. The records are good until the next call.
// (perf_buffer__consume_buffer)
func (b *PerfBuffer) Fill(first, count int) (batch PerfBatch, tried int, more bool, err error) {
	rc := C.bpfskel_perf_fill(b.p, C.int(first), C.int(count))
	if rc < 0 {
		return nil, 0, false, result("read a perf buffer", rc, takeLog(&b.p.log))
	}
	// SAFETY: C memory of the buffer's own, of which len bytes are filled.
	return unsafe.Slice((*byte)(b.p.batch), int(b.p.len)), int(rc), bool(b.p.more), nil
}

// Free frees the buffer and takes its rings out of the map (perf_buffer__free).
func (b *PerfBuffer) Free() {
	C.bpfskel_perf_free(b.p)
	b.p = nil
}

// UserRing is a ring buffer that programs read. One goroutine uses it at a time.
type UserRing struct {
	rb *C.struct_user_ring_buffer
}

// NewUserRing maps the user ring buffer behind fd, which it does not keep
// (user_ring_buffer__new).
func NewUserRing(fd int) (*UserRing, error) {
	if err := CheckFD(fd, MapFD); err != nil {
		return nil, err
	}
	var rb *C.struct_user_ring_buffer
	var log C.struct_bpfskel_log
	rc := C.bpfskel_user_ring_new(C.int(fd), &rb, &log)
	if err := result("map a user ring buffer", rc, takeLog(&log)); err != nil {
		return nil, err
	}
	return &UserRing{rb}, nil
}

// Write sends one record: ENOSPC where there is no room, E2BIG where there never
// will be (user_ring_buffer__reserve, user_ring_buffer__submit).
func (u *UserRing) Write(data []byte) syscall.Errno {
	if len(data) > math.MaxInt32 {
		return syscall.E2BIG
	}
	if uint64(len(data)) > math.MaxUint32 {
		return syscall.E2BIG
	}
	return syscall.Errno(-C.bpfskel_user_ring_write(u.rb, bytesPtr(data), C.uint32_t(len(data))))
}

// Free unmaps the ring (user_ring_buffer__free).
func (u *UserRing) Free() {
	C.user_ring_buffer__free(u.rb)
	u.rb = nil
}
