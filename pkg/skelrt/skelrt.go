// Package skelrt is what generated packages call to make the values of package skel,
// and nothing else. Indices are those of the Spec.
package skelrt

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/glue"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// What a generated package says of its object.
type (
	Spec    = backend.Spec
	MapSpec = backend.MapSpec
	Section = backend.Section
	Backend = backend.Backend
)

// Open opens the object by the back end that newBackend returns.
func Open(spec *Spec, newBackend func() (Backend, error), opts []skel.OpenOption) (*skel.OpenObject, error) {
	o, err := glue.Open(spec, newBackend, opts)
	if err != nil {
		return nil, err
	}
	return o.(*skel.OpenObject), nil
}

// ErrNoLibbpf is why a build has no back end.
var ErrNoLibbpf = fmt.Errorf("%w: this program was built without libbpf, which needs linux and cgo", syscall.ENOSYS)

// made initializes a new value.
func made[T any](o any, i int) *T {
	v := new(T)
	glue.Init(o, v, i)
	return v
}

// OpenMap and OpenProgram are those before load.
func OpenMap(o *skel.OpenObject, i int) *skel.OpenMap         { return made[skel.OpenMap](o, i) }
func OpenProgram(o *skel.OpenObject, i int) *skel.OpenProgram { return made[skel.OpenProgram](o, i) }

// Program returns a program that is loaded.
func Program(o *skel.Object, i int) *skel.Program { return made[skel.Program](o, i) }

// The maps, by the kinds that they can be.

func Map[K, V any](o *skel.Object, i int) *skel.Map[K, V] { return made[skel.Map[K, V]](o, i) }

func PerCPUMap[K, V any](o *skel.Object, i int) *skel.PerCPUMap[K, V] {
	return made[skel.PerCPUMap[K, V]](o, i)
}

func Queue[V any](o *skel.Object, i int) *skel.Queue[V] { return made[skel.Queue[V]](o, i) }

func Bloom[V any](o *skel.Object, i int) *skel.Bloom[V] { return made[skel.Bloom[V]](o, i) }

func MapOfMaps[K any](o *skel.Object, i int) *skel.MapOfMaps[K] {
	return made[skel.MapOfMaps[K]](o, i)
}

func ProgArray(o *skel.Object, i int) *skel.ProgArray { return made[skel.ProgArray](o, i) }
func PerfEventArray(o *skel.Object, i int) *skel.PerfEventArray {
	return made[skel.PerfEventArray](o, i)
}
func RingBuf(o *skel.Object, i int) *skel.RingBuf         { return made[skel.RingBuf](o, i) }
func UserRingBuf(o *skel.Object, i int) *skel.UserRingBuf { return made[skel.UserRingBuf](o, i) }
func StructOps(o *skel.Object, i int) *skel.StructOps     { return made[skel.StructOps](o, i) }
func RawMap(o *skel.Object, i int) *skel.RawMap           { return made[skel.RawMap](o, i) }

// Link is the place of a program's link, MapLink that of a struct_ops map's.
func Link(o *skel.Object, program int) *skel.Link { return glue.Place(o, program, false).(*skel.Link) }
func MapLink(o *skel.Object, m int) *skel.Link    { return glue.Place(o, m, true).(*skel.Link) }

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
