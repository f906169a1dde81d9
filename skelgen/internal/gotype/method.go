package gotype

import (
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// derived are the names that a method needs beside the getter's.
func (m *Method) derived() []ident.Affix {
	switch m.Access {
	case AccessValue, AccessBits:
		return []ident.Affix{{Prefix: "Set"}}
	case AccessElement:
		return []ident.Affix{{Prefix: "Set"}, {Suffix: "Len"}}
	}
	return nil
}

// name takes the getter's name and those of derived.
func (m *Method) name(names []string) {
	m.Name = names[0]
	if len(names) > 1 {
		m.Setter = names[1]
	}
	if len(names) > 2 {
		m.Len = names[2]
	}
}

// methods adds the access to every leaf that is no field.
func (p *Package) methods(s *Struct, stores []span) {
	for _, l := range s.leaves {
		if l.field {
			continue
		}
		m := l.access
		if i := slices.IndexFunc(stores, l.storage().meets); i >= 0 && m.Size > 0 {
			m.Storage = storeName(stores[i], len(stores))
			m.Offset -= stores[i].from
			if l.bits > 0 {
				m.Offset = l.bit - stores[i].from*8
			}
		}
		l.method = len(s.Methods)
		s.Methods = append(s.Methods, m)
	}
}

// innermost is what an array, of however many dimensions, consists of.
func (p *Package) innermost(id model.TypeID) model.TypeID {
	for range len(p.types) {
		id = p.types.Skip(id, true)
		t := p.types.At(id)
		if t.Kind != model.KindArray {
			break
		}
		id = t.Elem
	}
	return id
}

func (p *Package) method(s *Struct, l *leaf) Method {
	m := Method{Access: AccessValue, Member: l.c, C: l.decl, Type: l.gt.expr, Offset: l.bit / 8, Size: l.gt.size}
	resolved := p.types.At(p.types.Skip(l.typ, true))
	switch {
	case l.bits > 0:
		m.Access, m.Bits = AccessBits, l.bits
		m.Bool, m.Signed = resolved.Kind == model.KindInt && resolved.Bool && resolved.Size == 1, resolved.Signed
		m.Size = l.bytes().to - l.bytes().from
		if resolved.Size == 16 {
			m.Type = wideBits(l.bits, resolved.Signed)
		}
	case l.tail:
		m.Access, s.tail = AccessTail, true
		if m.Type = p.elemType(resolved); !l.pointer(s) {
			m.Type = byteArray(p.goType(resolved.Elem).size, "").expr
		}
	case l.gt.size == 0:
		m.Access = AccessEmpty
	case l.pointer(s):
		m.Access = AccessPointer
	case resolved.Kind == model.KindArray && l.gt.note == "":
		m.Access, m.Elements = AccessElement, resolved.Len
		m.Type = p.elemType(resolved)
	}
	return m
}

// wideBits is the type for a bitfield of a 128-bit integer: a plain integer
// where the width allows it.
func wideBits(bits int, signed bool) string {
	switch {
	case bits > 64 && signed:
		return "Int128"
	case bits > 64:
		return "Uint128"
	case signed:
		return "int64"
	}
	return "uint64"
}

// elemType is the Go type of an array's elements.
func (p *Package) elemType(t *model.Type) string {
	if isChar(p.types, t.Elem) {
		return "byte"
	}
	return p.goType(t.Elem).expr
}
