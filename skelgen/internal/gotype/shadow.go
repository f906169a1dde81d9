package gotype

import (
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Shadow is the memory of a struct_ops map, which can be set before load. Its
// type is the C struct, in which function pointers are StructOpsFuncs.
type Shadow struct {
	// Map is its index in the object's maps.
	Map int
	// Field is its name in StructOps, Type the name of its Go type.
	Field, Type string
}

// shadowRoots visits the structs of struct_ops maps.
func (b *builder) shadowRoots(r *reachedTypes) {
	for i := range b.obj.Maps {
		m := &b.obj.Maps[i]
		if id, ok := b.shadowType(m); ok {
			r.visit(id, firstUse{c: m.Name})
			b.structOps[r.canonical(id)] = true
		}
	}
}

func (b *builder) shadowType(m *model.Map) (model.TypeID, bool) {
	id := b.types.Skip(m.ValueType, true)
	return id, m.Type == uapi.MapTypeStructOps && b.types.At(id).Kind == model.KindStruct
}

// declareShadows names the struct_ops maps' fields.
func (b *builder) declareShadows() {
	for i := range b.obj.Maps {
		if id, ok := b.shadowType(&b.obj.Maps[i]); ok {
			b.out.Shadows = append(b.out.Shadows, Shadow{Map: i, Field: b.out.Maps[i].Field, Type: b.goType(id).expr})
		}
	}
}

// isFunction reports whether a type is a pointer to a function.
func isFunction(types model.Types, id model.TypeID) bool {
	t := types.At(types.Skip(id, true))
	return t.Kind == model.KindPtr && types.At(types.Skip(t.Elem, true)).Kind == model.KindFuncProto
}
