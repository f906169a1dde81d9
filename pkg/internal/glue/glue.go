// Package glue is how package skelrt reaches what package skel does not export. skel
// sets the functions; arguments of its types are any, since it imports this package.
package glue

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

var (
	// Open makes a *skel.OpenObject; opts are []skel.OpenOption.
	Open func(spec *backend.Spec, newBackend func() (backend.Backend, error), opts any) (object any, err error)
	// Init makes the map or program with the given index of v, a new one.
	Init func(object, v any, index int)
	// Place is the *skel.Link of a program, or of a struct_ops map.
	Place func(object any, index int, ofMap bool) any
	// Bind has set called with the address of the section in map m.
	Bind func(object any, m int, set func(unsafe.Pointer))
)
