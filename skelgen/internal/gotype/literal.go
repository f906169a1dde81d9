package gotype

import (
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// hasValueMethod reports whether only methods reach the member, and one of them returns a
// copy of its value.
func (l *member) hasValueMethod() bool {
	return !l.field && l.access.Access != AccessTail && l.access.Access != AccessEmpty
}

// literal adds the struct that has a field for every member.
func (b *builder) literal(s *structLayout) {
	s.Literal = &Literal{Name: b.scope.Derive(s.Name+"Fields", s.tagName())}
	for _, l := range s.members {
		m := LiteralMember{Name: l.name, Type: l.gt.expr, C: l.decl, Shared: l.group != nil}
		switch {
		case l.hasValueMethod():
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

// findTexts finds the char arrays, of any number of dimensions.
func (b *builder) findTexts(s *structLayout) {
	for _, l := range s.members {
		t := b.types.At(b.types.Skip(l.typ, true))
		if (l.field || l.hasValueMethod()) && l.bits == 0 && l.gt.note == "" &&
			t.Kind == model.KindArray && isChar(b.types, b.innermost(l.typ)) {
			s.Texts = append(s.Texts, l.name)
		}
	}
}
