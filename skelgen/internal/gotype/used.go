package gotype

import (
	"regexp"
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// identifiers finds the names in a Go type or expression.
var identifiers = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

// dropUnused leaves out the typedefs that no declaration and no map refers to, such
// as those in the middle of a chain. Those that Options.Extra asks for stay.
func (p *Package) dropUnused() {
	used := map[string]bool{}
	use := func(text string) {
		for _, name := range identifiers.FindAllString(text, -1) {
			used[name] = true
		}
	}
	for i := range p.obj.Maps {
		for m := &p.obj.Maps[i]; m != nil; m = m.Inner {
			use(p.Expr(m.KeyType, m.KeySize))
			use(p.Expr(m.ValueType, m.ValueSize))
		}
	}
	named := map[string]*Named{}
	for _, d := range p.Decls {
		switch d := d.(type) {
		case *Struct:
			for _, f := range d.Fields {
				use(f.Type)
			}
			for _, m := range d.Methods {
				use(m.Type)
			}
			if d.Literal != nil {
				for _, m := range d.Literal.Members {
					use(m.Type)
				}
			}
		case *View:
			for _, g := range d.Getters {
				use(g.Type)
			}
		case *Named:
			if named[d.Name] = d; d.asked {
				used[d.Name] = true
			}
		}
	}
	// A typedef of an array may refer to others.
	for again := true; again; {
		again = false
		for name, d := range named {
			if used[name] {
				delete(named, name)
				use(d.Type)
				again = true
			}
		}
	}
	p.Decls = slices.DeleteFunc(p.Decls, func(d Decl) bool {
		n, ok := d.(*Named)
		return ok && named[n.Name] != nil
	})
}

// asked reports whether Options.Extra asks for one of the typedefs.
func (r *reached) asked(typedefs ...model.TypeID) bool {
	return slices.ContainsFunc(typedefs, func(id model.TypeID) bool { return r.extra[r.canonical(id)] })
}
