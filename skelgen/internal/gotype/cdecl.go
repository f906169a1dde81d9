package gotype

import (
	"fmt"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// maxDecl limits the nesting of a declaration: only a damaged BTF exceeds it.
const maxDecl = 64

// cDecl returns the C declaration of a name of the given type, on one line, for
// comments: "int (*cb)(void *, int)". Without a name it is the type's spelling.
func cDecl(types model.Types, id model.TypeID, name string) string {
	d := declarator{types: types}
	return strings.TrimSpace(d.declare(id, name))
}

type declarator struct {
	types model.Types
	depth int
}

// declare wraps inner, the declarator so far, from the inside out as C reads it.
func (d *declarator) declare(id model.TypeID, inner string) string {
	d.depth++
	defer func() { d.depth-- }()
	t := d.types.At(id)
	if d.depth > maxDecl {
		return "... " + inner
	}
	switch t.Kind {
	case model.KindPtr:
		switch d.types.At(d.types.Skip(t.Elem, false)).Kind {
		case model.KindArray, model.KindFuncProto:
			return d.declare(t.Elem, "(*"+inner+")")
		}
		return d.declare(t.Elem, "*"+inner)
	case model.KindArray:
		if t.Len == 0 {
			return d.declare(t.Elem, inner+"[]")
		}
		return d.declare(t.Elem, fmt.Sprintf("%s[%d]", inner, t.Len))
	case model.KindFuncProto:
		return d.declare(t.Elem, inner+"("+d.params(t)+")")
	case model.KindConst, model.KindVolatile, model.KindRestrict:
		return d.qualified(t, inner)
	case model.KindTypeTag:
		return d.declare(t.Elem, joinWords("__"+t.Name, inner))
	case model.KindVar, model.KindFunc:
		return d.declare(t.Elem, inner)
	}
	return joinWords(baseName(t), inner)
}

// qualified puts a pointer's qualifier after its star, any other in front.
func (d *declarator) qualified(t *model.Type, inner string) string {
	word := map[model.Kind]string{
		model.KindConst: "const", model.KindVolatile: "volatile", model.KindRestrict: "restrict",
	}[t.Kind]
	if d.types.At(d.types.Skip(t.Elem, false)).Kind == model.KindPtr {
		return d.declare(t.Elem, joinWords(word, inner))
	}
	return word + " " + d.declare(t.Elem, inner)
}

func (d *declarator) params(t *model.Type) string {
	if len(t.Params) == 0 {
		return "void"
	}
	out := make([]string, len(t.Params))
	for i, p := range t.Params {
		if out[i] = strings.TrimSpace(d.declare(p.Type, p.Name)); p.Type == 0 {
			out[i] = "..."
		}
	}
	return strings.Join(out, ", ")
}

// baseName is the C spelling of a type that does not contain other types.
func baseName(t *model.Type) string {
	tag := ""
	switch t.Kind {
	case model.KindVoid:
		return "void"
	case model.KindStruct:
		tag = "struct"
	case model.KindUnion:
		tag = "union"
	case model.KindEnum, model.KindEnum64:
		tag = "enum"
	case model.KindFwd:
		if tag = "struct"; t.Union {
			tag = "union"
		}
	default:
		return t.Name
	}
	if t.Name == "" {
		return tag + " { ... }"
	}
	return tag + " " + t.Name
}

func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
