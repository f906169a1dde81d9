package gotype

import (
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// copied reports whether only methods reach the leaf, and its value can be copied.
func (l *leaf) copied() bool {
	return !l.field && l.access.Access != AccessTail && l.access.Access != AccessEmpty
}

// literal adds the struct that has a field for every member.
func (p *Package) literal(s *Struct) {
	s.Literal = &Literal{Name: p.scope.Derive(s.Name+"Fields", s.tag())}
	for _, l := range s.leaves {
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

// texts finds the char arrays, of however many dimensions.
func (p *Package) texts(s *Struct) {
	for _, l := range s.leaves {
		t := p.types.At(p.types.Skip(l.typ, true))
		if (l.field || l.copied()) && l.bits == 0 && l.gt.note == "" &&
			t.Kind == model.KindArray && isChar(p.types, p.innermost(l.typ)) {
			s.Texts = append(s.Texts, l.name)
		}
	}
}
