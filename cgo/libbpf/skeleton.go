//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim_skel.h"
*/
import "C"

import (
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Skeleton is a struct bpf_object_skeleton and everything that belongs to it: the
// object, its maps and programs, and the variables that libbpf fills in. Maps and
// programs are identified by their index in the skeleton, never by name. Methods that
// change it are called by one goroutine at a time; its creator calls Close, once.
type Skeleton struct {
	s     *C.struct_bpf_object_skeleton
	owner unsafe.Pointer // the variables that libbpf fills in
	names []*C.char
	// logBuf is the buffer of OpenOptions.LogSize. libbpf keeps the address, so it is
	// freed after the object.
	logBuf logBuffer
	// progLogs are the buffers of Program.SetLogBuffer, kept for the same reason.
	progLogs map[int]logBuffer
	borrowed *backend.Borrowed // nil for the embedded object
	embedded *embedded         // nil for an object in a C header
	// neverClose is set if closing the object would unmap memory that belongs to others.
	neverClose bool
}

type logBuffer struct {
	p    unsafe.Pointer
	size int
}

// newSkeleton makes a skeleton whose maps and programs have the order of spec. The
// error is ENOMEM.
func newSkeleton(elf unsafe.Pointer, size uintptr, spec *backend.Spec) (*Skeleton, error) {
	owner := C.bpfskel_skeleton_new(elf, C.size_t(size), C.int(len(spec.Maps)), C.int(len(spec.Programs)))
	if owner == nil {
		return nil, &Error{Op: "open", Err: syscall.ENOMEM}
	}
	s := &Skeleton{s: owner.skeleton, owner: unsafe.Pointer(owner)}
	s.s.name = s.cString(spec.Name)
	for i, m := range spec.Maps {
		C.bpfskel_skeleton_set_map(owner, C.int(i), s.cString(m.Name), C.bool(m.Memory), C.bool(m.Link))
	}
	for i, p := range spec.Programs {
		C.bpfskel_skeleton_set_program(owner, C.int(i), s.cString(p))
	}
	return s, nil
}

// cString returns a C string that lives as long as the skeleton.
func (s *Skeleton) cString(text string) *C.char {
	c := C.CString(text)
	s.names = append(s.names, c)
	return c
}

// open reads the embedded object (bpf_object__open_skeleton), without loading it into
// the kernel.
func (s *Skeleton) open(o backend.OpenOptions) error {
	if o.Err != nil || o.Borrowed != nil {
		return s.borrow(o)
	}
	var opts C.struct_bpfskel_open_opts
	for _, str := range []struct {
		to   **C.char
		from string
		set  bool
	}{
		{&opts.btf_custom_path, o.KernelBTF, o.KernelBTF != ""},
		{&opts.kconfig, o.Kconfig, o.Kconfig != ""},
		{&opts.pin_root_path, o.PinRoot, o.PinRoot != ""},
		{&opts.bpf_token_path, deref(o.TokenPath), o.TokenPath != nil},
	} {
		if str.set {
			*str.to = C.CString(str.from)
			defer C.free(unsafe.Pointer(*str.to)) // SAFETY: our own C memory; libbpf copied it
		}
	}
	if o.LogSize > 0 {
		s.logBuf = logBuffer{C.calloc(1, C.size_t(o.LogSize)), o.LogSize}
		if s.logBuf.p == nil {
			return &Error{Op: "open", Err: syscall.ENOMEM}
		}
		opts.log_buf, opts.log_size = (*C.char)(s.logBuf.p), C.size_t(o.LogSize)
	}
	opts.log_level = C.uint32_t(o.LogLevel)
	opts.relaxed_maps = C.bool(o.RelaxedMaps)
	var log C.struct_bpfskel_log
	rc := C.bpfskel_skeleton_open(s.s, &opts, &log)
	return result("open", rc, takeLog(&log))
}

// borrow fills in maps and programs of an object that is open already, by their
// names (bpf_object__find_map_by_name, bpf_object__find_program_by_name).
func (s *Skeleton) borrow(o backend.OpenOptions) error {
	b, err := o.Borrowed, o.Err
	if o.Borrowed, o.Err = nil, nil; err == nil && o != (backend.OpenOptions{}) {
		err = &Error{Op: "open", Err: syscall.EINVAL, Log: Log{{Text: "libbpfgo has already opened the object: pass no options other than interop.On"}}}
	}
	if err != nil {
		return err
	}
	s.borrowed = b
	var log C.struct_bpfskel_log
	rc := C.bpfskel_skeleton_borrow(s.s, (*C.struct_bpf_object)(b.Object), &log)
	return result("open", rc, append(takeLog(&log), s.missingLog()...))
}

// missingLog returns a message about the first map or program that the object does not
// have.
func (s *Skeleton) missingLog() Log {
	for i := range int(s.s.map_cnt) {
		if m := s.mapSkel(i); *m._map == nil {
			return Log{{Text: "the object has no map " + C.GoString(m.name)}}
		}
	}
	for i := range int(s.s.prog_cnt) {
		if p := s.progSkel(i); *p.prog == nil {
			return Log{{Text: "the object has no program " + C.GoString(p.name)}}
		}
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Load creates the maps and loads the programs (bpf_object__load_skeleton).
// After a failure only Close may be called.
func (s *Skeleton) Load() error {
	if s.borrowed != nil && s.borrowed.Loaded {
		return nil
	}
	var log C.struct_bpfskel_log
	var neverClose C.bool
	rc := C.bpfskel_skeleton_load(s.s, &neverClose, &log)
	s.neverClose = bool(neverClose)
	err := result("load", rc, takeLog(&log))
	if err == nil && s.borrowed != nil {
		s.borrowed.OnLoad()
	}
	return err
}

// Close closes the object, unless it is borrowed, and frees all memory
// (bpf_object__destroy_skeleton).
func (s *Skeleton) Close() {
	if s.s == nil {
		return
	}
	if s.borrowed != nil {
		s.removeLogBuffers()
	}
	if s.borrowed != nil || s.neverClose {
		*s.s.obj = nil // its owner closes it, or it must not be closed
	}
	var log C.struct_bpfskel_log
	C.bpfskel_skeleton_destroy(s.s, &log)
	takeLog(&log)
	// SAFETY: C memory that this skeleton owns and no longer uses.
	C.free(s.owner)
	C.free(s.logBuf.p)
	for _, name := range s.names {
		C.free(unsafe.Pointer(name))
	}
	for _, buf := range s.progLogs {
		C.free(buf.p)
	}
	*s = Skeleton{}
}

// removeLogBuffers removes the buffers of SetLogBuffer from an object that may be loaded
// after they are freed.
func (s *Skeleton) removeLogBuffers() {
	for i := range s.progLogs {
		C.bpf_program__set_log_buf(*s.progSkel(i).prog, nil, 0) // fails after load, when the buffers are not used
	}
}

func (s *Skeleton) mapSkel(i int) *C.struct_bpf_map_skeleton {
	// SAFETY: callers pass 0 <= i < map_cnt, and the array's step is map_skel_sz.
	return (*C.struct_bpf_map_skeleton)(unsafe.Add(unsafe.Pointer(s.s.maps), i*int(s.s.map_skel_sz)))
}

func (s *Skeleton) progSkel(i int) *C.struct_bpf_prog_skeleton {
	// SAFETY: callers pass 0 <= i < prog_cnt, and the array's step is prog_skel_sz.
	return (*C.struct_bpf_prog_skeleton)(unsafe.Add(unsafe.Pointer(s.s.progs), i*int(s.s.prog_skel_sz)))
}

// mapLink returns the variable for a struct_ops map's link, nil if there is none.
func (s *Skeleton) mapLink(i int) **C.struct_bpf_link {
	m := s.mapSkel(i)
	if uintptr(s.s.map_skel_sz) < unsafe.Offsetof(m.link)+unsafe.Sizeof(m.link) {
		return nil
	}
	return m.link
}

// Map returns the map with the given index, after open.
func (s *Skeleton) Map(i int) backend.Map { return Map{*s.mapSkel(i)._map, s, i} }

// Program returns the program with the given index, after open.
func (s *Skeleton) Program(i int) backend.Program { return Program{s, i, *s.progSkel(i).prog} }

// BTFFD is the file descriptor of the object's BTF, 0 if it has none in the kernel.
// The object owns it (bpf_object__btf_fd).
func (s *Skeleton) BTFFD() int { return max(int(C.bpf_object__btf_fd(*s.s.obj)), 0) }

// KernelLog returns the kernel's log from the buffer of OpenOptions.LogSize, and the
// size of the buffer, 0 if there is none.
func (s *Skeleton) KernelLog() (log string, size int) { return s.logBuf.text() }

func (b logBuffer) text() (string, int) {
	if b.size == 0 {
		return "", 0
	}
	// SAFETY: size bytes of ours, which the kernel ends with a NUL.
	return C.GoString((*C.char)(b.p)), b.size
}

// ELF is a copy of the embedded object.
func (s *Skeleton) ELF() []byte {
	if s.embedded != nil {
		return []byte(s.embedded.object)
	}
	return C.GoBytes(s.s.data, C.int(s.s.data_sz)) // SAFETY: data_sz bytes at data
}

// Native is the struct bpf_object beneath, for other bindings of libbpf. It is valid
// until Close, which closes it.
func (s *Skeleton) Native() unsafe.Pointer { return unsafe.Pointer(*s.s.obj) }
