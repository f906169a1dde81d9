package gotype

import (
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// copied reports whether only methods reach the member and its value can be copied.
func (l *member) copied() bool {
	return !l.field && l.access.Access != AccessTail && l.access.Access != AccessEmpty
}

// literal adds the struct that has a field for every member.
func (b *builder) literal(s *structLayout) {
	s.Literal = &Literal{Name: b.scope.Derive(s.Name+"Fields", s.tag())}
	for _, l := range s.members {
		m := LiteralMember{Name: l.name, Type: l.gt.expr, C: l.decl, Shared: l.group != nil}
		switch {
		case l.copied():
			m.Method = &s.Methods[l.method]
			if l.bits > 0 {
				m.Type = m.Method.Type
			}
		case !l.field:
			continue
		}
		s.Literal.Members = append(s.Literal.Members, m)
	}
}

// texts finds the char arrays, of any number of dimensions.
func (b *builder) texts(s *structLayout) {
	for _, l := range s.members {
		t := b.types.At(b.types.Skip(l.typ, true))
		if (l.field || l.copied()) && l.bits == 0 && l.gt.note == "" &&
			t.Kind == model.KindArray && isChar(b.types, b.innermost(l.typ)) {
			s.Texts = append(s.Texts, l.name)
		}
	}
}
