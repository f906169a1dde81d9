// Package glue lets package skelrt call functions that package skel does not export.
// skel sets them. It imports this package, so arguments of its types are any.
package glue

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

var (
	// Open makes a *skel.OpenObject. The type of opts is []skel.OpenOption.
	Open func(spec *backend.Spec, newBackend func() (backend.Backend, error), opts any) (object any, err error)
	// Init makes v, a new value, the map or program with the given index.
	Init func(object, v any, index int)
	// Link returns the *skel.Link of a program, or of a struct_ops map.
	Link func(object any, index int, ofMap bool) any
	// Bind calls set with the address of the section in map m, and again if it moves.
	Bind func(object any, m int, set func(unsafe.Pointer))
)
