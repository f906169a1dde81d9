package lighttest

import (
	"encoding/binary"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/internal/lightfile"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/light"
	"github.com/bpfskel/bpfskel/pkg/light/kernelconfig"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/skelrt"
	"github.com/bpfskel/bpfskel/pkg/skelrt/functions"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// object is an object with the parts of its light package, which are not compiled but made
// in memory.
type object struct {
	name     string
	model    *model.Object
	spec     skelrt.Spec
	backends []backend.Backend // libbpf, light
}

// readObject makes a light package of the object at path. The error is the generator's.
func readObject(path, name string) (*object, error) {
	obj, err := load.File(path, load.Options{})
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
	o := &object{name: name, model: obj, spec: skelrt.Spec{Name: obj.Name, BigEndian: obj.BigEndian, Functions: functions.Finder{}}}
	for i := range obj.Maps {
		m := &obj.Maps[i]
		o.spec.Maps = append(o.spec.Maps, skelrt.MapSpec{Name: m.Name, Memory: m.Internal && m.Flags&uapi.MapFlagMmapable != 0})
	}
	for i := range obj.Programs {
		o.spec.Programs = append(o.spec.Programs, obj.Programs[i].Name)
	}
	file := string(lightfile.Encode(binary.NativeEndian, loader.Insns, loader.Blob))
	o.backends = []backend.Backend{
		libbpf.New(libbpf.Version, unsafe.Pointer(&obj.Bytes[0]), uintptr(len(obj.Bytes))), // SAFETY: nobody changes it, and the model keeps it
		light.New(lightObject(obj, loader), file, crc32.ChecksumIEEE([]byte(file))),
	}
	return o, nil
}

// lightObject is the description that the generator prints as Go.
func lightObject(obj *model.Object, loader *model.Light) *light.Object {
	out := &light.Object{
		StrongSymbols: loader.StrongSymbols,
		Kprobes:       light.Kprobes, Uprobes: light.Uprobes, Types: light.FindType, Symbols: light.FindSymbol,
	}
	for i := range obj.Maps {
		m, l := &obj.Maps[i], &loader.Maps[i]
		desc := lightMap(m, l.MaxEntries)
		desc.PinByName, desc.Image, desc.ImageSize = m.PinPath != "", l.Image, l.ImageSize
		switch {
		case !m.Internal:
		case obj.Types.At(m.ValueType).Name == ".kconfig":
			desc.Section = light.SectionKconfig
		case m.Flags&uapi.MapFlagReadOnlyProg != 0:
			desc.Section = light.SectionRodata
		default:
			desc.Section = light.SectionData
		}
		if m.Inner != nil {
			inner := lightMap(m.Inner, l.InnerEntries)
			desc.Inner = &inner
		}
		for _, s := range l.Slots {
			desc.Slots = append(desc.Slots, light.Slot{Key: s.Key, Program: s.Program})
		}
		out.Maps = append(out.Maps, desc)
	}
	for i := range obj.Programs {
		p, l := &obj.Programs[i], &loader.Programs[i]
		out.Programs = append(out.Programs, light.Program{
			Name: p.Name, Section: strings.TrimPrefix(p.Section, "?"), Type: p.Type, AttachType: p.AttachType, Flags: p.Flags,
			NoAutoload: !p.Autoload, NotInLoader: l.NotInLoader, Target: l.Target,
		})
	}
	var kconfig []light.Kconfig
	for _, k := range loader.Kconfig {
		kconfig = append(kconfig, light.Kconfig{
			Name: k.Name, Kind: light.KconfigKind(k.Kind), Offset: uint32(k.Offset), Size: uint32(k.Size), Signed: k.Signed, Weak: k.Weak,
		})
	}
	if kconfig != nil {
		out.Kconfig = &light.KconfigVariables{List: kconfig, Open: kernelconfig.Open}
	}
	return out
}

func lightMap(m *model.Map, entries uint32) light.Map {
	return light.Map{
		Name: m.Name, Type: m.Type, KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: entries, Flags: m.Flags,
		NUMANode: m.NUMANode, Extra: m.Extra, KeyType: uint32(m.KeyType), ValueType: uint32(m.ValueType),
	}
}

// opened is an object that one back end has opened.
type opened struct {
	*skel.OpenObject
	maps     []*skel.OpenMap
	programs []*skel.OpenProgram
}

func (o *object) open(b backend.Backend) (*opened, error) {
	open, err := skelrt.Open(&o.spec, func() (skelrt.Backend, error) { return b, nil }, nil)
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
func (o *opened) only(t *testing.T, name string) {
	t.Helper()
	for _, p := range o.programs {
		if err := p.SetAutoload(p.Name() == name); err != nil {
			t.Fatal(err)
		}
	}
}
