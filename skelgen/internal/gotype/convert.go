package gotype

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// maxSize is the largest Go type on 32-bit systems, in bytes.
const maxSize = 1<<31 - 1

// goType is the Go form of a C type.
type goType struct {
	expr string
	// size is C's, align Go's on 64-bit systems (on 32-bit ones it may be 4).
	size  int
	align int
	// note is the reason why it is only bytes, or "".
	note string
	// sizeless: it does not have a size in C, so it cannot be the type of a member.
	sizeless bool
	// cyclic: only a damaged BTF has a type that contains itself.
	cyclic bool
}

func byteArray(size int, note string) goType {
	return goType{expr: fmt.Sprintf("[%d]byte", size), size: size, align: 1, note: note}
}

// maxDepth limits the nesting of types: only a damaged BTF, in which a type
// contains itself, exceeds it.
const maxDepth = 1000

// goType returns the Go type for id.
func (b *builder) goType(id model.TypeID) goType {
	b.depth++
	defer func() { b.depth-- }()
	id = b.types.Skip(id, false)
	t := b.types.At(id)
	if b.depth > maxDepth {
		return goType{expr: "struct{}", align: 1, sizeless: true}
	}
	switch t.Kind {
	case model.KindInt:
		return b.integer(t)
	case model.KindFloat:
		if t.Size == 4 || t.Size == 8 {
			return goType{expr: fmt.Sprintf("float%d", t.Size*8), size: t.Size, align: t.Size}
		}
		return byteArray(t.Size, fmt.Sprintf("Go has no floating-point number of %d bytes", t.Size))
	case model.KindPtr:
		return goType{expr: "uint64", size: 8, align: 8}
	case model.KindArray:
		return b.array(t)
	case model.KindTypedef:
		return b.typedef(id)
	case model.KindEnum, model.KindEnum64:
		return b.enumType(id, t)
	case model.KindStruct, model.KindUnion:
		return b.structType(id, t)
	case model.KindVar:
		return b.goType(t.Elem)
	}
	return goType{expr: "struct{}", align: 1, sizeless: true}
}

func (b *builder) integer(t *model.Type) goType {
	prefix := "u"
	if t.Signed {
		prefix = ""
	}
	switch {
	case t.Bool && t.Size == 1:
		return goType{expr: "bool", size: 1, align: 1}
	case t.Size == 1 || t.Size == 2 || t.Size == 4 || t.Size == 8:
		return goType{expr: fmt.Sprintf("%sint%d", prefix, t.Size*8), size: t.Size, align: t.Size}
	case t.Size == 16 && t.Signed:
		return goType{expr: "Int128", size: 16, align: 8}
	case t.Size == 16:
		return goType{expr: "Uint128", size: 16, align: 8}
	}
	return byteArray(t.Size, fmt.Sprintf("Go has no integer of %d bytes", t.Size))
}

func (b *builder) array(t *model.Type) goType {
	elem := b.goType(t.Elem)
	if isChar(b.types, t.Elem) {
		elem.expr = "byte"
	}
	switch {
	case elem.sizeless:
		return elem
	case elem.size > 0 && t.Len > maxSize/elem.size:
		return goType{sizeless: true, expr: "struct{}", align: 1}
	}
	elem.expr = fmt.Sprintf("[%d]%s", t.Len, elem.expr)
	elem.size *= t.Len
	return elem
}

// isChar reports whether a type is char, whose arrays are text, rather than another
// integer of one byte. Neither clang nor gcc sets BTF's flag for it.
func isChar(types model.Types, id model.TypeID) bool {
	t := types.At(types.Skip(id, true))
	return t.Kind == model.KindInt && t.Size == 1 && (t.Char || t.Name == "char")
}

// typedef returns a type by its typedef's name, except integers that Go itself
// names ("__u32" is uint32). A chain of typedefs of any length is one step.
func (b *builder) typedef(id model.TypeID) goType {
	target := b.goType(b.types.Skip(id, true))
	if target.sizeless || target.cyclic {
		return target
	}
	for ; b.types.At(id).Kind == model.KindTypedef; id = b.types.Skip(b.types.At(id).Elem, false) {
		name := b.names.goNames[b.names.canonical(id)]
		if name != "" && !predeclaredInt.MatchString(b.types.At(id).Name) {
			target.expr = name
			break
		}
	}
	return target
}

func (b *builder) enumType(id model.TypeID, t *model.Type) goType {
	name := b.names.goNames[b.names.canonical(id)]
	if _, ok := enumInteger(t); !ok || name == "" {
		return byteArray(t.Size, fmt.Sprintf("Go has no integer of %d bytes", t.Size))
	}
	return goType{expr: name, size: t.Size, align: t.Size}
}

func (b *builder) structType(id model.TypeID, t *model.Type) goType {
	used := id
	id = b.names.canonical(id)
	switch {
	case b.names.goNames[id] == "":
		return byteArray(t.Size, "its type is not declared")
	case b.building[id]:
		gt := byteArray(t.Size, "its type contains itself")
		gt.cyclic = true
		return gt
	}
	s := b.structOf(id)
	b.out.Types[used] = s.Name
	return goType{expr: s.Name, size: s.Size, align: s.Align}
}
