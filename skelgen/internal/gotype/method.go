package gotype

import (
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// derivedNames are the names that a method needs in addition to the getter's.
func (m *Method) derivedNames() []ident.Affix {
	switch m.Access {
	case AccessValue, AccessBits:
		return []ident.Affix{{Prefix: "Set"}}
	case AccessElement:
		return []ident.Affix{{Prefix: "Set"}, {Suffix: "Len"}}
	}
	return nil
}

// setNames sets the getter's name and the names that derivedNames requests.
func (m *Method) setNames(names []string) {
	m.Name = names[0]
	if len(names) > 1 {
		m.Setter = names[1]
	}
	if len(names) > 2 {
		m.Len = names[2]
	}
}

// methods adds the access to every member that is not a field.
func (b *builder) methods(s *structLayout, storages []span) {
	for _, l := range s.members {
		if l.field {
			continue
		}
		m := l.access
		if i := slices.IndexFunc(storages, l.storage().overlaps); i >= 0 && m.Size > 0 {
			m.Storage = storageName(storages[i], len(storages))
			m.Offset -= storages[i].from
			if l.bits > 0 {
				m.Offset = l.bit - storages[i].from*8
			}
		}
		l.method = len(s.Methods)
		s.Methods = append(s.Methods, m)
	}
}

// innermost is the type of the elements of an array of any number of dimensions.
func (b *builder) innermost(id model.TypeID) model.TypeID {
	for range len(b.types) {
		id = b.types.Skip(id, true)
		t := b.types.At(id)
		if t.Kind != model.KindArray {
			break
		}
		id = t.Elem
	}
	return id
}

func (b *builder) method(s *structLayout, l *member) Method {
	m := Method{Access: AccessValue, Member: l.cName, C: l.decl, Type: l.gt.expr, Offset: l.bit / 8, Size: l.gt.size}
	resolved := b.types.At(b.types.Skip(l.typ, true))
	switch {
	case l.bits > 0:
		m.Access, m.Bits = AccessBits, l.bits
		m.Bool, m.Signed = resolved.Kind == model.KindInt && resolved.Bool && resolved.Size == 1, resolved.Signed
		m.Size = l.bytes().to - l.bytes().from
		if resolved.Size == 16 {
			m.Type = wideBits(l.bits, resolved.Signed)
		}
	case l.flexible:
		m.Access = AccessTail
		if m.Type = b.elemType(resolved); !l.pointer(s) {
			m.Type = byteArray(b.goType(resolved.Elem).size, "").expr
		}
	case l.gt.size == 0:
		m.Access = AccessEmpty
	case l.pointer(s):
		m.Access = AccessPointer
	case resolved.Kind == model.KindArray && l.gt.note == "":
		m.Access, m.Elements = AccessElement, resolved.Len
		m.Type = b.elemType(resolved)
	}
	return m
}

// wideBits is the type for a bitfield of a 128-bit integer: a plain integer
// if the width allows it.
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
func (b *builder) elemType(t *model.Type) string {
	if isChar(b.types, t.Elem) {
		return "byte"
	}
	return b.goType(t.Elem).expr
}
