package skel

import (
	"cmp"
	"errors"
	"sync"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/mem"
)

// OpenObject is an open skeleton that is not loaded yet: the part that the OpenSkel types
// of all generated packages share.
type OpenObject struct {
	spec *backend.Spec

	mu       sync.Mutex
	sk       backend.Object // nil once consumed
	loaded   bool           // consumed by Load
	bindings []binding
	reused   map[int]bool     // maps whose fd the caller has passed
	inner    map[int]template // inner maps that the caller has passed
	loadFDs  []int            // file descriptors that the load needs open
}

// binding is a pointer to a section's memory, in the generated struct.
type binding struct {
	m   int
	set func(unsafe.Pointer)
}

// open opens the object of a generated package. It does not load anything into the
// kernel. (bpf_object__open_skeleton)
func open(spec *backend.Spec, newBackend func() (backend.Backend, error), opts []OpenOption) (*OpenObject, error) {
	o := &OpenObject{spec: spec, reused: map[int]bool{}, inner: map[int]template{}}
	if err := o.checkArch(); err != nil {
		return nil, o.fail("open", err)
	}
	b, err := newBackend()
	if err != nil {
		return nil, o.fail("open", err)
	}
	var options backend.OpenOptions
	for _, opt := range opts {
		if opt != nil {
			opt(&options)
		}
	}
	sk, err := b.Open(spec, options)
	if err != nil {
		return nil, o.fail("open", err)
	}
	if err := firstError(o.checkLayout(sk), o.clearRecordTypes(sk)); err != nil {
		sk.Close()
		return nil, o.fail("open", err)
	}
	o.sk = sk
	return o, nil
}

func (o *OpenObject) fail(op string, err error) error {
	return fail(op, o.spec.Name, "", "", err)
}

// bindOpen makes set be called with the address of the initial image of the section in
// map m, now and whenever it changes, until Load or Close.
func (o *OpenObject) bindOpen(m int, set func(unsafe.Pointer)) {
	o.bindings = append(o.bindings, binding{m, set})
	set(mem.Of(o.sk.Map(m).InitialValue()))
}

// rebind points the bindings of the section in map m to its memory, which has moved.
func (o *OpenObject) rebind(m int) {
	p := mem.Of(o.sk.Map(m).InitialValue())
	for _, b := range o.bindings {
		if b.m == m {
			b.set(p)
		}
	}
}

// goSize is the size of the Go type of the section in map m, 0 if it has none.
func (o *OpenObject) goSize(m int) uintptr {
	for _, s := range o.spec.Sections {
		if s.Map == m {
			return s.Size
		}
	}
	return 0
}

func (o *OpenObject) unbind() {
	for _, b := range o.bindings {
		b.set(nil)
	}
	o.bindings = nil
}

// closeLoadFDs closes the descriptors that only the load needed.
func (o *OpenObject) closeLoadFDs() {
	for _, fd := range o.loadFDs {
		closeFD(fd)
	}
	o.loadFDs = nil
}

// withObject calls f with the open object, one call at a time, before Load and Close.
func (o *OpenObject) withObject(f func(sk backend.Object) error) error {
	if o == nil {
		return ErrClosed
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sk == nil {
		return o.closedError()
	}
	return f(o.sk)
}

// closedError returns the error of calls after Load or Close.
func (o *OpenObject) closedError() error {
	if o.loaded {
		return errLoaded
	}
	return ErrClosed
}

// Load creates the maps and loads the programs. It consumes the open object, whether it
// succeeds or fails: section pointers become nil, and another attempt starts with Open.
// The error is a *VerifierError if the verifier rejected a program; EAGAIN, EINTR and
// ENOMEM never come from the verifier. Signals to this process are deferred on the
// loading thread, because the kernel aborts a load that a signal interrupts. (bpf_object__load_skeleton)
func (o *OpenObject) Load() (*Object, error) {
	if o == nil {
		return nil, ErrClosed
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sk == nil {
		return nil, o.closedError()
	}
	o.loaded = true
	o.unbind()
	defer o.closeLoadFDs()
	sk := o.sk
	o.sk = nil
	state := readOpenState(o, sk)
	if err := sk.Load(); err != nil {
		err = o.loadError(sk, err)
		o.addTemplateHint(err, sk, state)
		sk.Close()
		return nil, err
	}
	loaded, err := newObject(o, sk, state)
	if err != nil {
		sk.Close()
		return nil, err
	}
	return loaded, nil
}

// Close frees the object and sets the section pointers to nil. It does nothing after Load
// and when called again. (bpf_object__destroy_skeleton)
func (o *OpenObject) Close() error {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sk != nil {
		o.unbind()
		o.closeLoadFDs()
		o.sk.Close()
		o.sk = nil
	}
	return nil
}

// ELF returns a copy of the object file that the skeleton was generated from; nil after
// Load and Close.
func (o *OpenObject) ELF() (data []byte) {
	_ = o.withObject(func(sk backend.Object) error {
		data = sk.ELF()
		return nil
	})
	return data
}

// loadError adds to an error which map or program failed, and the verifier's log.
func (o *OpenObject) loadError(sk backend.Object, err error) error {
	var lib *backend.Error
	if !errors.As(err, &lib) {
		return o.fail("load", err)
	}
	program := lib.Log.Refused()
	if program == "" || failedBeforeVerifier(lib.Err) {
		return o.addMapHint(sk, o.fail("load", err))
	}
	v := &VerifierError{Object: o.spec.Name, Program: program, Err: lib.Err}
	if v.Log = lib.Log.VerifierLog(program); v.Log == "" {
		var size int
		v.Log, size = o.logBuffer(sk, program)
		v.Truncated = v.Log != "" && (errors.Is(lib.Err, syscall.ENOSPC) || len(v.Log)+1 >= size)
	}
	if v.Log == "" {
		return fail("load", o.spec.Name, "", program, err)
	}
	return v
}

// addMapHint adds a hint why a pinned map was not reused, or a new one not created.
func (o *OpenObject) addMapHint(sk backend.Object, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Map == "" {
		return err
	}
	for i := range o.spec.Maps {
		if m := sk.Map(i); m.Name() == e.Map {
			e.Hint = cmp.Or(reuseHint(m, e.log), e.Hint, shapeHint(m, e.Err))
		}
	}
	return err
}

// logBuffer reads the buffer that the caller has set for the program, or else for
// the object.
func (o *OpenObject) logBuffer(sk backend.Object, program string) (log string, size int) {
	for i := range o.spec.Programs {
		p := sk.Program(i)
		if p.Name() != program {
			continue
		}
		if log, size = p.LogBuffer(); size != 0 {
			return log, size
		}
	}
	return sk.KernelLog()
}
