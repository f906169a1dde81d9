//go:build linux && cgo

package interop

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"syscall"
	"unsafe"

	"github.com/aquasecurity/libbpfgo"
)

// Skeleton is the Skel of a generated package.
type Skeleton interface {
	OnClose(f func()) (stop func())
	WithPointer(f func(object unsafe.Pointer) error) error
}

// ErrLayout is returned if this package does not know this version of libbpfgo.
var ErrLayout = errors.New("this package does not know the layout of this version of libbpfgo's Module")

// Module makes a libbpfgo Module of a loaded skeleton, for libbpfgo's own features:
// perf buffers, TC hooks, iterators, legacy links. Objects, maps and programs belong to
// the skeleton; libbpfgo neither opens nor loads them.
//
// release closes the buffers and links that were made with the module. The skeleton's
// Close calls it if nobody has called it yet; further calls do nothing. Do not use the
// module afterwards. Do not call m.Close while the module is in use: it would close the
// skeleton's object under it.
//
// The error is ErrLayout if libbpfgo is not the version that this package was
// written for, and skel.ErrClosed after Close.
func Module(s Skeleton) (m *libbpfgo.Module, release func(), err error) {
	if err := checkLayout(); err != nil {
		return nil, nil, err
	}
	if s == nil {
		return nil, nil, fmt.Errorf("%w: the skeleton is nil", syscall.EINVAL)
	}
	m = &libbpfgo.Module{}
	err = s.WithPointer(func(object unsafe.Pointer) error {
		// SAFETY: checkLayout has compared the fields' types.
		*(*unsafe.Pointer)(fieldOf(m, "obj")) = object
		*(*bool)(fieldOf(m, "loaded")) = true
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var once sync.Once
	free := func() { once.Do(func() { freeModule(m) }) }
	stop := s.OnClose(free)
	return m, func() {
		free()
		stop()
	}, nil
}

// freeModule does the work of Module.Close, except that it does not close the object.
func freeModule(m *libbpfgo.Module) {
	for _, p := range elements(m, "perfBufs") {
		(*libbpfgo.PerfBuffer)(p).Close()
	}
	for _, p := range elements(m, "ringBufs") {
		(*libbpfgo.RingBuffer)(p).Close()
	}
	for _, p := range elements(m, "userRingBufs") {
		(*libbpfgo.UserRingBuffer)(p).Close()
	}
	for _, p := range elements(m, "links") {
		link := (*libbpfgo.BPFLink)(p)
		if !reflect.ValueOf(link).Elem().FieldByName("link").IsNil() {
			_ = link.Destroy() // as libbpfgo does
		}
	}
	*m = libbpfgo.Module{} // m.Close is harmless from now on
}

// fieldOf returns the address of a field of m.
func fieldOf(m *libbpfgo.Module, name string) unsafe.Pointer {
	f, _ := reflect.TypeOf(*m).FieldByName(name)
	return unsafe.Add(unsafe.Pointer(m), f.Offset)
}

// elements returns the pointers in a slice of m.
func elements(m *libbpfgo.Module, name string) (out []unsafe.Pointer) {
	v := reflect.ValueOf(m).Elem().FieldByName(name)
	for i := range v.Len() {
		out = append(out, v.Index(i).UnsafePointer())
	}
	return out
}

// moduleFields are the fields of the Module that this package knows.
var moduleFields = []struct{ name, typ string }{
	{"obj", "*libbpfgo._Ctype_struct_bpf_object"},
	{"links", "[]*libbpfgo.BPFLink"},
	{"perfBufs", "[]*libbpfgo.PerfBuffer"},
	{"ringBufs", "[]*libbpfgo.RingBuffer"},
	{"userRingBufs", "[]*libbpfgo.UserRingBuffer"},
	{"elf", "*elf.File"},
	{"loaded", "bool"},
}

var checkLayout = sync.OnceValue(func() error {
	return compareLayout(reflect.TypeFor[libbpfgo.Module](), reflect.TypeFor[libbpfgo.BPFLink]())
})

func compareLayout(module, link reflect.Type) error {
	if module.NumField() != len(moduleFields) {
		return fmt.Errorf("%w: %d fields instead of %d", ErrLayout, module.NumField(), len(moduleFields))
	}
	for i, want := range moduleFields {
		if f := module.Field(i); f.Name != want.name || f.Type.String() != want.typ {
			return fmt.Errorf("%w: field %d is %s %s instead of %s %s", ErrLayout, i, f.Name, f.Type, want.name, want.typ)
		}
	}
	f, ok := link.FieldByName("link")
	if !ok || f.Type.String() != "*libbpfgo._Ctype_struct_bpf_link" {
		return fmt.Errorf("%w: BPFLink does not have the field link", ErrLayout)
	}
	return nil
}
