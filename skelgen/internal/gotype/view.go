package gotype

import (
	"fmt"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// A view has one getter per member, which costs the same whatever the size:
//
//	scalar, enum, pointer        its value
//	char[N]                      a string, up to the first NUL
//	array                        by index, its length, and an iterator
//	struct, union                a view of itself
//	flexible array               by index, unchecked
//
// Beside them it has String, and Value, which returns a copy of the struct.
func (p *Package) view(name string, s *Struct) *View {
	v := &View{Name: name, Of: s.Name, C: s.C, Section: s.Section}
	items := make([]ident.Item, len(s.leaves))
	for i, l := range s.leaves {
		items[i] = ident.Item{C: l.c, Method: true}
		if t := p.types.At(p.types.Skip(l.typ, true)); t.Kind == model.KindArray && l.gt.size > 0 && l.gt.note == "" && !isChar(p.types, t.Elem) {
			items[i].Derived = []ident.Affix{{Suffix: "Len"}, {Suffix: "All"}}
		}
	}
	for i, names := range ident.NewScope("Value").AddItems(items) {
		l := s.leaves[i]
		g := p.getter(s, l)
		g.Name = names[0]
		v.Getters = append(v.Getters, g)
		if len(names) > 1 {
			v.Getters = append(v.Getters, Getter{Name: names[1], Type: "int", Expr: lengthOf(s, l), Of: l.decl})
			v.Iterators = append(v.Iterators, Iterator{Name: names[2], Getter: g})
		}
	}
	return v
}

// place is the Go expression for a leaf, and whether it can be addressed.
func (l *leaf) place(s *Struct) (string, bool) {
	if l.field {
		return "v.at()." + l.name, true
	}
	return "v.at()." + l.name + "()", s.Methods[l.method].Access == AccessPointer
}

func lengthOf(s *Struct, l *leaf) string {
	if !l.field && s.Methods[l.method].Access == AccessElement {
		return "v.at()." + s.Methods[l.method].Len + "()"
	}
	place, _ := l.place(s)
	return "len(" + place + ")"
}

func (p *Package) getter(s *Struct, l *leaf) Getter {
	g := Getter{Member: l.c, C: l.decl}
	place, addressable := l.place(s)
	pointer := !l.field && addressable
	if l.bits > 0 || !l.tail && (l.gt.note != "" || l.gt.size == 0) {
		g.Type, g.Expr = l.gt.expr, place
		if l.bits > 0 {
			g.Type = s.Methods[l.method].Type
		}
		if pointer {
			g.Expr = "*" + place
		}
		return g
	}
	id := l.typ
	if m := s.Methods; !l.field && m[l.method].Access == AccessElement {
		g.Params, g.Elements = []string{"i"}, m[l.method].Elements
		place, id = "v.at()."+l.name+"(i)", p.elem(id)
	} else if l.tail {
		g.Params, g.Unchecked = []string{"i"}, true
		place, addressable, id = "v.at()."+l.name+"(i + 1)[i]", true, p.elem(id)
		pointer = false
		if elem := m[l.method].Type; elem != p.goType(id).expr { // text, or only bytes
			g.Type, g.Expr = elem, place
			return g
		}
	}
	return p.indexed(g, id, place, addressable, pointer)
}

// indexed goes through the dimensions of an array, down to what a getter returns.
func (p *Package) indexed(g Getter, id model.TypeID, place string, addressable, pointer bool) Getter {
	t := p.types.At(p.types.Skip(id, true))
	for t.Kind == model.KindArray && !isChar(p.types, t.Elem) {
		g.Params, g.Elements = append(g.Params, index(len(g.Params))), t.Len
		place += "[" + g.Params[len(g.Params)-1] + "]"
		pointer = false
		id = t.Elem
		t = p.types.At(p.types.Skip(id, true))
	}
	switch {
	case t.Kind == model.KindArray:
		g.Type, g.Expr = "string", "layout.CString("+place+"[:])"
	case t.Kind == model.KindStruct || t.Kind == model.KindUnion:
		return p.inner(g, id, place, addressable, pointer)
	default:
		g.Type, g.Expr = p.goType(id).expr, place
		if pointer {
			g.Expr = "*" + place
		}
	}
	return g
}

// inner returns a view of a struct, whatever its size: a getter keeps its form when the
// struct grows. What is not aligned is copied first.
func (p *Package) inner(g Getter, id model.TypeID, place string, addressable, pointer bool) Getter {
	gt := p.goType(id)
	s := p.structs[p.names.canonical(p.types.Skip(id, true))]
	if s == nil {
		g.Type, g.Expr = gt.expr, place
		if pointer {
			g.Expr = "*" + place
		}
		return g
	}
	switch {
	case !addressable:
		place = "layout.Copy(" + place + ")"
	case !pointer:
		place = "&" + place
	}
	g.Type = p.viewOf(s)
	g.Expr = fmt.Sprintf("%s{%s}", g.Type, place)
	return g
}

// elem is the type of an array's elements.
func (p *Package) elem(id model.TypeID) model.TypeID {
	return p.types.At(p.types.Skip(id, true)).Elem
}

// viewOf returns the name of a struct's view, and has it declared.
func (p *Package) viewOf(s *Struct) string {
	if name, ok := p.views[s.Name]; ok {
		return name
	}
	name := p.scope.Derive(s.Name+"View", s.tag())
	p.views[s.Name] = name
	p.wanted = append(p.wanted, s)
	return name
}

// tag is the C name without "struct".
func (s *Struct) tag() string { return strings.TrimPrefix(s.C, "struct ") }

// index names the parameter of an array's n-th dimension.
func index(n int) string {
	if n < 3 {
		return string(rune('i' + n))
	}
	return fmt.Sprintf("i%d", n)
}
