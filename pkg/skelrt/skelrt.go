// Package skelrt holds the functions that generated packages call to make the values of
// package skel. Nothing else calls them. Indices are indices in the Spec.
package skelrt

import (
	"fmt"
	"reflect"
	"slices"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/glue"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// This run time works with generated code of these versions. When generated code calls
// it in a new way, raise NewestGenerated, and RunTime in the generator; when it can no
// longer serve old code, raise OldestGenerated.
const (
	OldestGenerated = 1
	NewestGenerated = 1
)

// Generated code converts the differences between its version and these two to these
// types: a negative difference does not compile, and the compiler's message contains
// the name of the type, which states the remedy.
type (
	RunSkelgenAgain uint
	UpdateBpfskel   uint
)

// The types with which a generated package describes its object.
type (
	Spec    = backend.Spec
	MapSpec = backend.MapSpec
	Section = backend.Section
	Backend = backend.Backend
)

// Open opens the object with the back end that newBackend returns.
func Open(spec *Spec, newBackend func() (Backend, error), opts []skel.OpenOption) (*skel.OpenObject, error) {
	o, err := glue.Open(spec, newBackend, opts)
	if err != nil {
		return nil, err
	}
	return o.(*skel.OpenObject), nil
}

// ErrNoLibbpf is the error of Open in builds without a back end.
var ErrNoLibbpf = fmt.Errorf("%w: this program was built without libbpf: build it for Linux with cgo", syscall.ENOSYS)

// ErrNotLinux is the error of Open in builds of a light package without a back end.
var ErrNotLinux = fmt.Errorf("%w: this program was not built for linux", syscall.ENOSYS)

// Fill makes the values of groups: pointers to generated structs whose fields are maps,
// programs or links, in the order of spec. o is the *skel.OpenObject or *skel.Object.
func Fill(o any, spec *Spec, groups ...any) {
	for _, group := range groups {
		fields := reflect.ValueOf(group).Elem()
		for i := range fields.NumField() {
			field := fields.Field(i)
			if link, ok := field.Addr().Interface().(**skel.Link); ok {
				*link = linkOf(o, spec, i)
				continue
			}
			made := reflect.New(field.Type().Elem())
			glue.Init(o, made.Interface(), i)
			// SAFETY: a pointer of the same type; reflect's own assignment is much larger
			*(*unsafe.Pointer)(field.Addr().UnsafePointer()) = made.UnsafePointer()
		}
	}
}

// linkOf returns link i: the links of programs come first, then the links of struct_ops
// maps.
func linkOf(o any, spec *Spec, i int) *skel.Link {
	if i < len(spec.Programs) {
		return glue.Link(o, i, false).(*skel.Link)
	}
	i -= len(spec.Programs)
	m := slices.IndexFunc(spec.Maps, func(m MapSpec) bool {
		if m.Link {
			i--
		}
		return i < 0
	})
	return glue.Link(o, m, true).(*skel.Link)
}

// Load loads the object that Open returned, if Open did not fail.
func Load[S any, O interface{ Load() (S, error) }](o O, err error) (s S, _ error) {
	if err != nil {
		return s, err
	}
	return o.Load()
}

// OrZero returns s, or an empty S if it is nil: methods of a nil skeleton return errors.
func OrZero[S any](s *S) *S {
	if s == nil {
		return new(S)
	}
	return s
}

// BindOpen points field at the initial image of the section in map m, until Load or
// Close.
func BindOpen[T any](o *skel.OpenObject, m int, field **T) { bind(o, m, field) }

// Bind points field at the memory of the section in map m until Close: nil if the
// section is writable and the kernel cannot map it.
func Bind[T any](o *skel.Object, m int, field **T) { bind(o, m, field) }

func bind[T any](o any, m int, field **T) {
	glue.Bind(o, m, func(p unsafe.Pointer) {
		*field = (*T)(p) // SAFETY: it holds at least a T: skel has compared the sizes
	})
}
