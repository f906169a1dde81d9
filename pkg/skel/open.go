package skel

import (
	"cmp"
	"errors"
	"sync"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
)

// Spec is what a generated package says of its object.
type Spec struct {
	// Name is the skeleton's C name.
	Name string
	// Libbpf is the version of the headers that the package's C code was
	// compiled with, 107 for 1.7.
	Libbpf int
	// Archs are the only GOARCH values that the object is for, nil if it is for all
	// of its byte order. BigEndian is that order.
	Archs     []string
	BigEndian bool
	// ELF returns the object and its size in bytes, in memory that nobody
	// changes or frees.
	ELF func() (unsafe.Pointer, uintptr)
	// Maps and Programs are in the order in which generated code counts them.
	Maps     []MapSpec
	Programs []string
	// Sections are those that have a Go type.
	Sections []Section
}

// MapSpec is a map of the object.
type MapSpec struct {
	Name   string // as libbpf has it
	Memory bool   // its data can be mapped
	Link   bool   // it can be attached: a struct_ops
}

// Section is a data section that has a Go type.
type Section struct {
	Map    int     // the index of its map
	Bytes  int     // the section's size in the object
	Size   uintptr // the Go type's size in bytes, with padding up to the next word
	Frozen bool    // read-only once loaded: seen through a view
}

// OpenObject is a skeleton that is open but not loaded: what is common to the
// OpenSkel types of generated packages.
type OpenObject struct {
	spec *Spec

	mu       sync.Mutex
	sk       *libbpf.Skeleton // nil once consumed
	loaded   bool             // consumed by Load
	bindings []binding
	reused   map[int]bool     // maps whose fd the caller has passed
	inner    map[int]template // inner maps that the caller has passed
	needed   []int            // file descriptors that the load needs open
}

// binding is a pointer to a section's memory, in the generated struct.
type binding struct {
	m   int
	set func(unsafe.Pointer)
}

// Open opens the object of a generated package, for that package's Open. Nothing
// is in the kernel yet. (bpf_object__open_skeleton)
func Open(spec *Spec, opts []OpenOption) (*OpenObject, error) {
	o := &OpenObject{spec: spec, reused: map[int]bool{}, inner: map[int]template{}}
	err := o.checkArch()
	if err == nil {
		err = o.checkVersion()
	}
	if err != nil {
		return nil, o.fail("open", err)
	}
	sk, err := newSkeleton(spec)
	if err != nil {
		return nil, o.fail("open", err)
	}
	var options libbpf.OpenOptions
	for _, opt := range opts {
		if opt != nil {
			opt(&options)
		}
	}
	if err = sk.Open(options); err == nil {
		err = o.checkLayout(sk)
	}
	if err == nil {
		err = clearRecordTypes(sk)
	}
	if err != nil {
		sk.Destroy()
		return nil, o.fail("open", err)
	}
	o.sk = sk
	return o, nil
}

func newSkeleton(spec *Spec) (*libbpf.Skeleton, error) {
	elf, size := spec.ELF()
	maps := make([]libbpf.SkeletonMap, len(spec.Maps))
	for i, m := range spec.Maps {
		maps[i] = libbpf.SkeletonMap(m)
	}
	return libbpf.NewSkeleton(spec.Name, elf, size, maps, spec.Programs)
}

func (o *OpenObject) fail(op string, err error) error {
	return fail(op, o.spec.Name, "", "", err)
}

// BindOpen points field at the initial image of the section in map m, until Load
// or Close. It is for generated packages.
func BindOpen[T any](o *OpenObject, m int, field **T) {
	set := func(p unsafe.Pointer) {
		*field = (*T)(p) // SAFETY: the map has at least a T's size (checkLayout, SetValueSize)
	}
	o.bindings = append(o.bindings, binding{m, set})
	set(mem.Of(o.sk.Map(m).InitialValue()))
}

// moved notes that the memory of the section in map m has another address.
func (o *OpenObject) moved(m int) {
	p := mem.Of(o.sk.Map(m).InitialValue())
	o.sk.SetMemory(m, p)
	for _, b := range o.bindings {
		if b.m == m {
			b.set(p)
		}
	}
}

// goSize is the size of the Go type of the section in map m, 0 where it has none.
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

// closeNeeded closes what only the load needed.
func (o *OpenObject) closeNeeded() {
	for _, fd := range o.needed {
		closeFD(fd)
	}
	o.needed = nil
}

// with calls f with the skeleton, alone and before Load and Close.
func (o *OpenObject) with(f func(sk *libbpf.Skeleton) error) error {
	if o == nil {
		return ErrClosed
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sk == nil {
		return o.gone()
	}
	return f(o.sk)
}

// gone is why there is no skeleton any more.
func (o *OpenObject) gone() error {
	if o.loaded {
		return errLoaded
	}
	return ErrClosed
}

// Load creates the maps and loads the programs. It consumes the open object,
// whether it succeeds or fails: section pointers become nil, and another try
// starts with Open. The error is a *VerifierError if the verifier refused a program;
// EAGAIN, EINTR and ENOMEM are never the verifier's. Signals of this process are
// deferred on the loading thread, because the kernel gives up a load that a signal
// interrupts. (bpf_object__load_skeleton)
func (o *OpenObject) Load() (*Object, error) {
	if o == nil {
		return nil, ErrClosed
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sk == nil {
		return nil, o.gone()
	}
	o.loaded = true
	o.unbind()
	defer o.closeNeeded()
	sk := o.sk
	o.sk = nil
	before := beforeLoad(o, sk)
	if err := sk.Load(); err != nil {
		err = o.loadError(sk, err)
		templateHint(err, sk, before)
		sk.Destroy()
		return nil, err
	}
	loaded, err := newObject(o.spec, sk, before)
	if err != nil {
		sk.Destroy()
		return nil, err
	}
	return loaded, nil
}

// Close frees the object and makes the section pointers nil. After Load, and
// the second time, it does nothing. (bpf_object__destroy_skeleton)
func (o *OpenObject) Close() error {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sk != nil {
		o.unbind()
		o.closeNeeded()
		o.sk.Destroy()
		o.sk = nil
	}
	return nil
}

// ELF is a copy of the object file that the skeleton was generated from, nil after
// Load and Close.
func (o *OpenObject) ELF() (data []byte) {
	_ = o.with(func(sk *libbpf.Skeleton) error {
		data = sk.ELF()
		return nil
	})
	return data
}

// loadError finds out which map or program failed, and what the verifier said.
func (o *OpenObject) loadError(sk *libbpf.Skeleton, err error) error {
	var lib *libbpf.Error
	if !errors.As(err, &lib) {
		return o.fail("load", err)
	}
	program := lib.Log.Refused()
	if program == "" || notVerifiers(lib.Err) {
		return o.hintReuse(sk, o.fail("load", err))
	}
	v := &VerifierError{Object: o.spec.Name, Program: program, Err: lib.Err}
	if v.Log = lib.Log.VerifierLog(program); v.Log == "" {
		var size int
		v.Log, size = ownLog(sk, program)
		v.Truncated = v.Log != "" && (errors.Is(lib.Err, syscall.ENOSPC) || len(v.Log)+1 >= size)
	}
	if v.Log == "" {
		return fail("load", o.spec.Name, "", program, err)
	}
	return v
}

// hintReuse says why a pinned map was not reused.
func (o *OpenObject) hintReuse(sk *libbpf.Skeleton, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Map == "" {
		return err
	}
	for i := range sk.NumMaps() {
		if m := sk.Map(i); m.Name() == e.Map {
			e.Hint = cmp.Or(reuseHint(m, e.log), e.Hint)
		}
	}
	return err
}

// ownLog reads the buffer that the caller has set for the program, or else for
// the object.
func ownLog(sk *libbpf.Skeleton, program string) (log string, size int) {
	for i := range sk.NumPrograms() {
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
