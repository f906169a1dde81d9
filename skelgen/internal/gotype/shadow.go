package gotype

import (
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Shadow is the memory of a struct_ops map, as it can be set before load. Its
// type is that of the C struct, in which function pointers are FuncSlots.
type Shadow struct {
	// Map is its index in the object's maps.
	Map int
	// Field is its name in StructOps, Type that of its Go type.
	Field, Type string
}

// shadowRoots visits the structs of struct_ops maps.
func (p *Package) shadowRoots(r *reached) {
	for i := range p.obj.Maps {
		m := &p.obj.Maps[i]
		if id, ok := p.shadowType(m); ok {
			r.visit(id, hint{c: m.Name})
			p.slots[r.canonical(id)] = true
		}
	}
}

func (p *Package) shadowType(m *model.Map) (model.TypeID, bool) {
	id := p.types.Skip(m.ValueType, true)
	return id, m.Type == uapi.MapTypeStructOps && p.types.At(id).Kind == model.KindStruct
}

// declareShadows names the struct_ops maps' fields.
func (p *Package) declareShadows() {
	fields := p.MapFields()
	for i := range p.obj.Maps {
		if id, ok := p.shadowType(&p.obj.Maps[i]); ok {
			p.Shadows = append(p.Shadows, Shadow{Map: i, Field: fields[i], Type: p.goType(id).expr})
		}
	}
}

// isFunction tells pointers to functions from others.
func isFunction(types model.Types, id model.TypeID) bool {
	t := types.At(types.Skip(id, true))
	return t.Kind == model.KindPtr && types.At(types.Skip(t.Elem, true)).Kind == model.KindFuncProto
}
