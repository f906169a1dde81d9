package skel

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/glue"
)

// Generated packages make values of this package's types through package skelrt, which
// calls these functions: so the API of this package does not show them.
func init() {
	glue.Open = func(spec *backend.Spec, newBackend func() (backend.Backend, error), opts any) (any, error) {
		return open(spec, newBackend, opts.([]OpenOption))
	}
	glue.Link = func(o any, index int, ofMap bool) any {
		if ofMap {
			return o.(*Object).mapLinks[index]
		}
		return o.(*Object).programLinks[index]
	}
	glue.Init = func(o, v any, index int) {
		if open, ok := o.(*OpenObject); ok {
			v.(interface{ bind(*OpenObject, int) }).bind(open, index)
			return
		}
		v.(interface{ bind(*Object, int) }).bind(o.(*Object), index)
	}
	glue.Bind = func(o any, m int, set func(unsafe.Pointer)) {
		if open, ok := o.(*OpenObject); ok {
			open.bindOpen(m, set)
			return
		}
		o.(*Object).bind(m, set)
	}
}
