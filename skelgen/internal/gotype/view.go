package gotype

import (
	"fmt"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// A view has one getter per member, which costs the same for any size:
//
//	scalar, enum, pointer        its value
//	char[N]                      a string, up to the first NUL
//	array                        by index, its length, and an iterator
//	struct, union                a view of itself
//	flexible array               by index, unchecked
//
// It also has String, and Value, which returns a copy of the struct.
func (b *builder) view(name string, s *structLayout) *View {
	v := &View{Name: name, Of: s.Name, C: s.C, Section: s.Section}
	items := make([]ident.Item, len(s.members))
	for i, l := range s.members {
		items[i] = ident.Item{C: l.cName, Method: true}
		if t := b.types.At(b.types.Skip(l.typ, true)); t.Kind == model.KindArray && l.gt.size > 0 && l.gt.note == "" && !isChar(b.types, t.Elem) {
			items[i].Derived = []ident.Affix{{Suffix: "Len"}, {Suffix: "All"}}
		}
	}
	for i, names := range ident.NewScope("Value").AddItems(items) {
		l := s.members[i]
		g := b.getter(s, l)
		g.Name = names[0]
		v.Getters = append(v.Getters, g)
		if len(names) > 1 {
			v.Getters = append(v.Getters, Getter{Name: names[1], Type: "int", Expr: lengthOf(s, l), Of: l.decl})
			v.Iterators = append(v.Iterators, Iterator{Name: names[2], Getter: g})
		}
	}
	return v
}

// expr is the Go expression for a member, and whether it can be addressed.
func (l *member) expr(s *structLayout) (string, bool) {
	if l.field {
		return "v.at()." + l.name, true
	}
	return "v.at()." + l.name + "()", s.Methods[l.method].Access == AccessPointer
}

func lengthOf(s *structLayout, l *member) string {
	if !l.field && s.Methods[l.method].Access == AccessElement {
		return "v.at()." + s.Methods[l.method].Len + "()"
	}
	expr, _ := l.expr(s)
	return "len(" + expr + ")"
}

func (b *builder) getter(s *structLayout, l *member) Getter {
	g := Getter{Member: l.cName, C: l.decl}
	expr, addressable := l.expr(s)
	pointer := !l.field && addressable
	if l.bits > 0 || !l.flexible && (l.gt.note != "" || l.gt.size == 0) {
		g.Type, g.Expr = l.gt.expr, expr
		if l.bits > 0 {
			g.Type = s.Methods[l.method].Type
		}
		if pointer {
			g.Expr = "*" + expr
		}
		return g
	}
	id := l.typ
	if m := s.Methods; !l.field && m[l.method].Access == AccessElement {
		g.Params, g.Elements = []string{"i"}, m[l.method].Elements
		expr, id = "v.at()."+l.name+"(i)", b.elemTypeID(id)
	} else if l.flexible {
		g.Params, g.Unchecked = []string{"i"}, true
		expr, addressable, id = "v.at()."+l.name+"(i + 1)[i]", true, b.elemTypeID(id)
		pointer = false
		if elem := m[l.method].Type; elem != b.goType(id).expr { // text, or only bytes
			g.Type, g.Expr = elem, expr
			return g
		}
	}
	return b.indexedGetter(g, id, expr, addressable, pointer)
}

// indexedGetter descends through the dimensions of an array to the type that a getter
// returns.
func (b *builder) indexedGetter(g Getter, id model.TypeID, expr string, addressable, pointer bool) Getter {
	t := b.types.At(b.types.Skip(id, true))
	for t.Kind == model.KindArray && !isChar(b.types, t.Elem) {
		g.Params, g.Elements = append(g.Params, indexParam(len(g.Params))), t.Len
		expr += "[" + g.Params[len(g.Params)-1] + "]"
		pointer = false
		id = t.Elem
		t = b.types.At(b.types.Skip(id, true))
	}
	switch {
	case t.Kind == model.KindArray:
		g.Type, g.Expr = "string", "layout.CString("+expr+"[:])"
	case t.Kind == model.KindStruct || t.Kind == model.KindUnion:
		return b.structGetter(g, id, expr, addressable, pointer)
	default:
		g.Type, g.Expr = b.goType(id).expr, expr
		if pointer {
			g.Expr = "*" + expr
		}
	}
	return g
}

// structGetter returns a view of a struct of any size: a getter keeps its signature when
// the struct grows. A struct that is not aligned is copied first.
func (b *builder) structGetter(g Getter, id model.TypeID, expr string, addressable, pointer bool) Getter {
	gt := b.goType(id)
	s := b.structs[b.names.canonical(b.types.Skip(id, true))]
	if s == nil {
		g.Type, g.Expr = gt.expr, expr
		if pointer {
			g.Expr = "*" + expr
		}
		return g
	}
	switch {
	case !addressable:
		expr = "layout.Copy(" + expr + ")"
	case !pointer:
		expr = "&" + expr
	}
	g.Type = b.viewOf(s)
	g.Expr = fmt.Sprintf("%s{%s}", g.Type, expr)
	return g
}

// elemTypeID is the type of an array's elements.
func (b *builder) elemTypeID(id model.TypeID) model.TypeID {
	return b.types.At(b.types.Skip(id, true)).Elem
}

// viewOf returns the name of a struct's view, and marks the view to be declared.
func (b *builder) viewOf(s *structLayout) string {
	if name, ok := b.views[s.Name]; ok {
		return name
	}
	name := b.scope.Derive(s.Name+"View", s.tagName())
	b.views[s.Name] = name
	b.pendingViews = append(b.pendingViews, s)
	return name
}

// tagName is the C name without "struct".
func (s *structLayout) tagName() string { return strings.TrimPrefix(s.C, "struct ") }

// indexParam names the parameter of an array's n-th dimension.
func indexParam(n int) string {
	if n < 3 {
		return string(rune('i' + n))
	}
	return fmt.Sprintf("i%d", n)
}
