// Package gotype turns the types of a BPF object into Go types of exactly the
// same layout. It decides everything that the generated code will say, and
// checks it, before a byte of that is written.
package gotype

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Options say what to declare.
type Options struct {
	// Extra are patterns (of path.Match) for names of types that nothing
	// refers to, such as the events in a ring buffer.
	Extra []string
	// Static declares static variables too.
	Static bool
	// GoArch restricts the package to one architecture, "" does not.
	GoArch string
}

// Package is what a generated package declares for the types of an object.
type Package struct {
	GoArch    string
	BigEndian bool
	// Sections are in the order of the object's maps.
	Sections []Section
	// Shadows are the struct_ops maps' own types, in the order of the maps.
	Shadows []Shadow
	// Decls are the declarations in the order in which they are written.
	Decls []Decl
	// Warnings are what the user should know.
	Warnings []string

	obj    *model.Object
	types  model.Types
	static bool
	scope  *ident.Scope
	names  *names

	// typesOnly are sections without data: their variables bring in types.
	typesOnly []*model.Type

	structs  map[model.TypeID]*Struct
	slots    map[model.TypeID]bool // struct_ops structs
	building map[model.TypeID]bool
	depth    int
	slotUsed bool
	views    map[string]string // struct's name to its view's
	wanted   []*Struct         // views to declare
}

// New finds the types that the object's variables, maps and struct_ops have,
// and lays them out. It fails when an option names no type, or a type is larger
// than Go can have everywhere.
func New(obj *model.Object, opts Options) (*Package, error) {
	p := &Package{
		GoArch: opts.GoArch, BigEndian: obj.BigEndian,
		obj: obj, types: obj.Types, static: opts.Static,
		structs:  map[model.TypeID]*Struct{},
		slots:    map[model.TypeID]bool{},
		building: map[model.TypeID]bool{},
		views:    map[string]string{},
	}
	p.sections(obj)
	r := newReached(obj.Types)
	p.roots(r)
	if err := extra(r, opts.Extra); err != nil {
		return nil, err
	}
	p.scope = ident.NewScope(p.reserved(r)...)
	p.names = nameTypes(r, p.scope, p.Sections)
	p.declareSections()
	p.declareShadows()
	for _, id := range p.names.order {
		p.declare(id)
	}
	p.dropUnused()
	p.declareOwn()
	return p, p.check()
}

// reserved are the names that the package declares for itself.
func (p *Package) reserved(r *reached) []string {
	out := slices.Clone(ident.PackageNames)
	if len(p.slots) > 0 {
		out = append(out, "StructOps", "FuncSlot")
	}
	if r.wide != [2]bool{} {
		out = append(out, "Int128", "Uint128")
	}
	return out
}

// roots visits all that a program can hold in its hands.
func (p *Package) roots(r *reached) {
	variables := func(vars []model.SecVar) {
		for _, v := range vars {
			t := p.types.At(v.Type)
			r.variable(t.Elem, hint{c: t.Name})
		}
	}
	for i := range p.Sections {
		variables(p.vars(&p.Sections[i]))
		variables(p.typeVars(p.Sections[i].datasec))
	}
	for _, sec := range p.typesOnly {
		variables(p.typeVars(sec))
	}
	for i := range p.obj.Maps {
		for m := &p.obj.Maps[i]; m != nil; m = m.Inner {
			if m.Type == uapi.MapTypeStructOps || m.Internal {
				continue
			}
			r.visit(m.KeyType, hint{c: m.Name, end: "Key"})
			r.visit(m.ValueType, hint{c: m.Name, end: "Value"})
		}
	}
	p.shadowRoots(r)
	p.recordTypes()
}

// recordTypes warns of rings that declare sizes, which the kernel refuses.
func (p *Package) recordTypes() {
	for i := range p.obj.Maps {
		m := &p.obj.Maps[i]
		if m.HasRecordType() {
			p.warn("map %s: the kernel refuses the sizes that a %s with the type of its records has; Open clears them, C has to (bpf_map__set_value_size)", m.Name, m.Type)
		}
		if in := m.Inner; in != nil && in.HasRecordType() {
			p.warn("map %s: the kernel refuses the sizes that a %s with the type of its records has, and libbpf cannot change those of an inner map: leave out its key and value", in.Name, in.Type)
		}
	}
}

func (p *Package) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// extra visits the types whose names match; each pattern has to match one.
func extra(r *reached, patterns []string) error {
	for _, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("type pattern %q: %w", pattern, err)
		}
		found := false
		for i := range r.types {
			t := &r.types[i]
			switch t.Kind {
			case model.KindStruct, model.KindUnion, model.KindEnum, model.KindEnum64, model.KindTypedef:
				if ok, _ := path.Match(pattern, t.Name); ok && t.Name != "" {
					r.visit(model.TypeID(i), hint{})
					r.extra[r.canonical(model.TypeID(i))] = true
					found = true
				}
			}
		}
		if !found {
			return missingType(r.types, pattern)
		}
	}
	return nil
}

// missingType says why nothing matches a pattern, and what brings the type in.
func missingType(types model.Types, pattern string) error {
	name, what := pattern, "is not in the object"
	for i := range types {
		if ok, _ := path.Match(pattern, types[i].Name); ok && types[i].Kind == model.KindFwd {
			name, what = types[i].Name, "is only declared in the object, without its members"
			break
		}
	}
	if strings.ContainsAny(name, "*?[\\") {
		return fmt.Errorf("no type of the object matches %q: the compiler leaves out types that no variable, map or function has; a global variable \"struct NAME *unused_NAME;\" brings one in", pattern)
	}
	return fmt.Errorf("type %q %s: the compiler leaves out types that no variable, map or function has; a global variable \"struct %[1]s *unused_%[1]s;\" brings it in", name, what)
}

func (p *Package) declareSections() {
	for i := range p.Sections {
		s := &p.Sections[i]
		t := p.section(p.obj, s)
		p.Decls = append(p.Decls, t)
		if s.View != "" {
			p.Decls = append(p.Decls, p.view(s.View, t))
			p.declareViews()
		}
	}
}

// declareViews declares the views that others returned.
func (p *Package) declareViews() {
	for len(p.wanted) > 0 {
		s := p.wanted[0]
		p.wanted = p.wanted[1:]
		p.Decls = append(p.Decls, p.view(p.views[s.Name], s))
	}
}

func (p *Package) declare(id model.TypeID) {
	switch t := p.types.At(id); t.Kind {
	case model.KindStruct, model.KindUnion:
		p.Decls = append(p.Decls, p.structOf(id))
	case model.KindEnum, model.KindEnum64:
		p.Decls = append(p.Decls, p.enum(id, t))
	case model.KindTypedef:
		if n := p.named(id); n != nil {
			p.Decls = append(p.Decls, n)
		}
	}
}

// named returns the declaration of a typedef that needs one: an alias of what is
// behind all typedefs, so that no chain of them can be a cycle in Go. An array's
// typedef is a type of its own, of which those behind it are aliases.
func (p *Package) named(id model.TypeID) *Named {
	group := p.names.typedefs[id]
	if group == nil {
		return nil
	}
	n := &Named{Name: p.names.of[id], asked: p.names.asked(group...)}
	target := p.types.Skip(id, true)
	n.Type = p.goType(target).expr
	if p.types.At(target).Kind == model.KindArray {
		last := p.nearest(id)
		name := p.names.of[p.names.canonical(last)]
		if n.Defined = name == n.Name || name == ""; !n.Defined {
			n.Type = name
		}
	}
	for _, id := range group {
		td := p.types.At(id)
		n.C = append(n.C, "typedef "+cDecl(p.types, td.Elem, td.Name))
	}
	return n
}

// nearest is the typedef at the end of a chain of them.
func (p *Package) nearest(id model.TypeID) model.TypeID {
	for range len(p.types) {
		next := p.types.Skip(p.types.At(id).Elem, false)
		if p.types.At(next).Kind != model.KindTypedef {
			break
		}
		id = next
	}
	return id
}

// declareOwn declares the types that the package layout has for C's.
func (p *Package) declareOwn() {
	for _, own := range []struct {
		name, c string
		used    bool
	}{
		{"Int128", "__int128", p.names.wide[0]},
		{"Uint128", "unsigned __int128", p.names.wide[1]},
		{"FuncSlot", "a function of a struct_ops", p.slotUsed},
	} {
		if own.used {
			p.Decls = append(p.Decls, &Named{Name: own.name, Type: "layout." + own.name, C: []string{own.c}})
		}
	}
}
