//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"syscall"
	"unsafe"
)

// Dump prints BTF types as C (struct btf_dump). It remembers which types it has printed
// and which names it has assigned, so the order of calls matters. One goroutine uses it
// at a time, and closes it before its BTF.
type Dump struct {
	dump *C.struct_btf_dump
	// text is in C's memory: libbpf keeps its address between calls.
	text *C.struct_bpfskel_text
}

// NewDump makes a printer for b (btf_dump__new).
func (b *BTF) NewDump() (*Dump, error) {
	// SAFETY: zeroed C memory of the struct's size, freed in Close.
	text := (*C.struct_bpfskel_text)(C.calloc(1, C.sizeof_struct_bpfskel_text))
	if text == nil {
		return nil, &Error{Op: "print BTF", Err: syscall.ENOMEM}
	}
	d := C.bpfskel_dump_new(b.btf, text)
	if d == nil {
		C.free(unsafe.Pointer(text)) // SAFETY: allocated above
		return nil, &Error{Op: "print BTF", Err: syscall.ENOMEM}
	}
	return &Dump{d, text}, nil
}

// Close frees the printer.
func (d *Dump) Close() {
	C.btf_dump__free(d.dump)
	C.bpfskel_text_free(d.text)
	C.free(unsafe.Pointer(d.text)) // SAFETY: allocated in NewDump, no longer used
}

// Decl returns a declaration of a variable or member of the given type and name,
// without a semicolon (btf_dump__emit_type_decl). Continuation lines are indented by
// indent tabs; strip omits const, volatile and restrict.
func (d *Dump) Decl(id uint32, name string, indent int, strip bool) (string, error) {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname)) // SAFETY: our own C memory
	var log C.struct_bpfskel_log
	rc := C.bpfskel_dump_decl(d.dump, C.uint32_t(id), cname, C.int(indent), C.bool(strip), &log)
	return d.takeText(rc, takeLog(&log))
}

// Type returns the definition of a type and of all types that it needs, except those
// that were printed before (btf_dump__dump_type).
func (d *Dump) Type(id uint32) (string, error) {
	var log C.struct_bpfskel_log
	rc := C.bpfskel_dump_type(d.dump, C.uint32_t(id), &log)
	return d.takeText(rc, takeLog(&log))
}

// takeText returns the text that a call has printed, and empties the buffer.
func (d *Dump) takeText(rc C.int, log Log) (string, error) {
	text := C.GoStringN(d.text.text, C.int(d.text.len))
	d.text.len = 0
	if d.text.oom {
		d.text.oom = false
		rc = -C.int(syscall.ENOMEM)
	}
	if err := result("print BTF as C", rc, log); err != nil {
		return "", err
	}
	return text, nil
}
