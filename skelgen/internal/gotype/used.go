package gotype

import (
	"regexp"
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// identifiers finds the names in a Go type or expression.
var identifiers = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

// dropUnused drops the typedefs that no declaration and no map refers to, such as
// those in the middle of a chain. It keeps those that Options.Extra asks for.
func (b *builder) dropUnused() {
	used := b.requestedTypedefs
	use := func(text string) {
		for _, name := range identifiers.FindAllString(text, -1) {
			used[name] = true
		}
	}
	for i := range b.obj.Maps {
		for m := &b.obj.Maps[i]; m != nil; m = m.Inner {
			use(b.mapType(m.KeyType, m.KeySize))
			use(b.mapType(m.ValueType, m.ValueSize))
		}
	}
	named := map[string]*Named{}
	for _, d := range b.out.Decls {
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
			named[d.Name] = d
		}
	}
	// A typedef of an array may refer to other typedefs.
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
	b.out.Decls = slices.DeleteFunc(b.out.Decls, func(d Decl) bool {
		n, ok := d.(*Named)
		return ok && named[n.Name] != nil
	})
}

// requested reports whether Options.Extra asks for one of the typedefs.
func (r *reachedTypes) requested(typedefs ...model.TypeID) bool {
	return slices.ContainsFunc(typedefs, func(id model.TypeID) bool { return r.requestedTypes[r.canonical(id)] })
}
