package lighttest

import (
	"encoding/binary"
	"hash/crc32"
	"reflect"
	"strings"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/internal/lightfile"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/light"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/skelrt"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// object is an object with the parts of its light package, which is not compiled: its
// description is read from the generated source.
type object struct {
	name     string
	model    *model.Object
	spec     skelrt.Spec
	backends []backend.Backend // libbpf, light
}

// readObject makes a light package of the object at path. The error is the generator's.
func readObject(path, name string) (*object, error) {
	obj, err := load.File(path, load.Options{Members: true})
	if err != nil {
		return nil, err
	}
	if err := load.CheckLight(obj); err != nil {
		return nil, err
	}
	loader, err := load.Light(obj)
	if err != nil {
		return nil, err
	}
	types, err := gotype.New(obj, gotype.Options{})
	if err != nil {
		return nil, err
	}
	file := lightfile.Encode(binary.NativeEndian, loader.Insns, loader.Blob)
	source, err := gopkg.Light("x", obj, types, loader, "x.light", file, "")
	if err != nil {
		return nil, err
	}
	desc, err := lightObject(source)
	if err != nil {
		return nil, err
	}
	o := &object{name: name, model: obj, spec: skelrt.Spec{Name: obj.Name, BigEndian: obj.BigEndian}}
	for i := range obj.Maps {
		m := &obj.Maps[i]
		o.spec.Maps = append(o.spec.Maps, skelrt.MapSpec{Name: m.Name, Memory: m.Internal && m.Flags&uapi.MapFlagMmapable != 0})
	}
	for i := range obj.Programs {
		o.spec.Programs = append(o.spec.Programs, obj.Programs[i].Name)
	}
	o.backends = []backend.Backend{
		libbpf.New(libbpf.Version, unsafe.Pointer(&obj.Bytes[0]), uintptr(len(obj.Bytes))), // SAFETY: nobody changes it, and the model keeps it
		light.New(desc, string(file), crc32.ChecksumIEEE(file)),
	}
	return o, nil
}

// opened is an object that one back end has opened.
type opened struct {
	*skel.OpenObject
	maps     []*skel.OpenMap
	programs []*skel.OpenProgram
}

// open opens the object by a back end. Maps that are pinned by name have their pins in pins.
func (o *object) open(b backend.Backend, pins string) (*opened, error) {
	open, err := skelrt.Open(&o.spec, func() (skelrt.Backend, error) { return b, nil }, []skel.OpenOption{skel.WithPinRoot(pins)})
	if err != nil {
		return nil, err
	}
	return &opened{open, filled[skel.OpenMap](open, &o.spec, len(o.spec.Maps)), filled[skel.OpenProgram](open, &o.spec, len(o.spec.Programs))}, nil
}

// filled makes the n values of a generated struct like OpenMaps.
func filled[T any](object any, spec *skelrt.Spec, n int) []*T {
	fields := make([]reflect.StructField, n)
	for i := range fields {
		fields[i] = reflect.StructField{Name: "F" + strings.Repeat("x", i), Type: reflect.TypeFor[*T]()}
	}
	group := reflect.New(reflect.StructOf(fields))
	skelrt.Fill(object, spec, group.Interface())
	out := make([]*T, n)
	for i := range out {
		out[i] = group.Elem().Field(i).Interface().(*T)
	}
	return out
}

// only switches all programs off but one.
func (o *opened) only(name string) error {
	for _, p := range o.programs {
		if err := p.SetAutoload(p.Name() == name); err != nil {
			return err
		}
	}
	return nil
}
