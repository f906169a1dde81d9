// Package cside does the work of the comparisons in C, over the same libbpf, in the
// same process. Loops run in C, so that calls from Go do not count.
package cside

/*
#cgo pkg-config: --static libbpf
#cgo CFLAGS: -O2
#include "cside.h"
*/
import "C"

import (
	"syscall"
	"time"
	"unsafe"
)

func result(ns C.int64_t) (time.Duration, error) {
	if ns < 0 {
		return 0, syscall.Errno(-ns)
	}
	return time.Duration(ns), nil
}

// Ring is a ring_buffer.
type Ring struct{ rb *C.struct_ring_buffer }

// NewRing maps the ring buffer behind fd.
func NewRing(fd int) (*Ring, error) {
	rb := C.cside_ring(C.int(fd))
	if rb == nil {
		return nil, syscall.EINVAL
	}
	return &Ring{rb}, nil
}

// Drain reads the records that are there.
func (r *Ring) Drain(records int) (time.Duration, error) {
	return result(C.cside_drain(r.rb, C.uint64_t(records)))
}

// Poll reads records as they come.
func (r *Ring) Poll(records int) (time.Duration, error) {
	return result(C.cside_poll(r.rb, C.uint64_t(records)))
}

// Close frees it.
func (r *Ring) Close() { C.cside_ring_free(r.rb) }

// Perf is a perf_buffer.
type Perf struct{ pb *C.struct_perf_buffer }

// NewPerf makes a perf buffer of the map behind fd.
func NewPerf(fd, pages int) (*Perf, error) {
	pb := C.cside_perf(C.int(fd), C.int(pages))
	if pb == nil {
		return nil, syscall.EINVAL
	}
	return &Perf{pb}, nil
}

// Drain reads the records that are there.
func (p *Perf) Drain(records int) (time.Duration, error) {
	return result(C.cside_drain_perf(p.pb, C.uint64_t(records)))
}

// Close frees it.
func (p *Perf) Close() { C.cside_perf_free(p.pb) }

// Fill sends up to count records of size bytes (0: mixed) and returns how many fitted.
func Fill(prog, count, size int, flags uint64) (int, error) {
	rc := C.cside_fill(C.int(prog), C.uint32_t(count), C.uint32_t(size), C.uint64_t(flags))
	if rc < 0 {
		return 0, syscall.Errno(-rc)
	}
	return int(rc), nil
}

// Produce has a thread send records one by one, until join.
func Produce(prog, records int) (join func(), err error) {
	var thread unsafe.Pointer
	if rc := C.cside_produce(C.int(prog), C.uint64_t(records), &thread); rc < 0 {
		return nil, syscall.Errno(-rc)
	}
	return func() { C.cside_join(thread) }, nil
}

// Lookup looks a key up n times, and Update sets it.
func Lookup(fd int, key unsafe.Pointer, value *uint64, n int) (time.Duration, error) {
	return result(C.cside_lookup(C.int(fd), (*C.uint8_t)(key), (*C.uint64_t)(value), C.uint64_t(n)))
}

func Update(fd int, key unsafe.Pointer, value *uint64, n int) (time.Duration, error) {
	return result(C.cside_update(C.int(fd), (*C.uint8_t)(key), (*C.uint64_t)(value), C.uint64_t(n)))
}

// LookupBatch reads the first len(keys) elements n times.
func LookupBatch(fd int, keys, values []uint64, n int) (time.Duration, error) {
	return result(C.cside_lookup_batch(C.int(fd), (*C.uint64_t)(&keys[0]), (*C.uint64_t)(&values[0]), C.uint32_t(len(keys)), C.uint64_t(n)))
}

// GlobalRead, GlobalWrite and GlobalAdd touch a mapped variable n times.
func GlobalRead(p *uint64, n int) (time.Duration, error) {
	return result(C.cside_global_read((*C.uint64_t)(p), C.uint64_t(n)))
}

func GlobalWrite(p *uint64, n int) (time.Duration, error) {
	return result(C.cside_global_write((*C.uint64_t)(p), C.uint64_t(n)))
}

func GlobalAdd(p *uint64, n int) (time.Duration, error) {
	return result(C.cside_global_add((*C.uint64_t)(p), C.uint64_t(n)))
}

// Small and Hundred open, load, attach and close the object n times.
func Small(n int) (time.Duration, error)   { return result(C.cside_small(C.uint64_t(n))) }
func Hundred(n int) (time.Duration, error) { return result(C.cside_hundred(C.uint64_t(n))) }

// LoadSmall, LoadCore and LoadHundred open and load the object n times. The time does not
// include closing it.
func LoadSmall(n int) (time.Duration, error)   { return result(C.cside_load_small(C.uint64_t(n))) }
func LoadCore(n int) (time.Duration, error)    { return result(C.cside_load_core(C.uint64_t(n))) }
func LoadHundred(n int) (time.Duration, error) { return result(C.cside_load_hundred(C.uint64_t(n))) }
