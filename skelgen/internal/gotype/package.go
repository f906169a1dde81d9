// Package gotype turns the types of a BPF object into Go types of exactly the
// same layout. It decides and checks all content of the generated code before
// the first byte is written.
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

// Options select the declarations.
type Options struct {
	// Extra are patterns (of path.Match) for names of types that nothing
	// refers to, such as the events in a ring buffer.
	Extra []string
	// Static declares static variables too.
	Static bool
	// GoArch restricts the package to one architecture, unless it is "".
	GoArch string
}

// Package holds the declarations of a generated package for an object's types.
type Package struct {
	GoArch    string
	BigEndian bool
	// Sections are in the order of the object's maps.
	Sections []Section
	// Shadows are the struct_ops maps' own types, in the order of the maps.
	Shadows []Shadow
	// Decls are the declarations in the order in which they are written.
	Decls []Decl
	// Maps are the object's maps, in their order.
	Maps []Map
	// Programs are the names of the fields for the object's programs and their links,
	// in their order.
	Programs []string
	// Types maps the C types of variables, members, keys and values, without
	// qualifiers, to their Go types.
	Types map[model.TypeID]string
	// Warnings are messages for the user.
	Warnings []string
}

// New finds the types of the object's variables, maps and struct_ops, and lays
// them out. It fails if an option does not match a type, or if a type is too large
// for Go on 32-bit systems.
func New(obj *model.Object, opts Options) (*Package, error) {
	b := &builder{
		obj: obj, types: obj.Types, static: opts.Static,
		out:               &Package{GoArch: opts.GoArch, BigEndian: obj.BigEndian, Types: map[model.TypeID]string{}},
		structs:           map[model.TypeID]*structLayout{},
		structOps:         map[model.TypeID]bool{},
		building:          map[model.TypeID]bool{},
		requestedTypedefs: map[string]bool{},
		views:             map[string]string{},
	}
	b.sections()
	r := newReachedTypes(obj.Types)
	b.visitRoots(r)
	if err := visitRequested(r, opts.Extra); err != nil {
		return nil, err
	}
	b.scope = ident.NewScope(b.reserved(r)...)
	b.names = nameTypes(r, b.scope, b.out.Sections)
	b.declareSections()
	b.maps()
	b.declareShadows()
	for _, id := range b.names.order {
		b.declare(id)
	}
	b.dropUnused()
	b.declareLayoutTypes()
	return b.out, b.check()
}

// builder makes a Package.
type builder struct {
	out    *Package
	obj    *model.Object
	types  model.Types
	static bool
	scope  *ident.Scope
	names  *typeNames

	// datasecs describe out.Sections.
	datasecs []*model.Type
	// typesOnly are sections without data: their variables only bring in types.
	typesOnly []*model.Type

	structs           map[model.TypeID]*structLayout
	structOps         map[model.TypeID]bool // struct_ops structs
	building          map[model.TypeID]bool
	depth             int
	usesStructOpsFunc bool
	requestedTypedefs map[string]bool   // typedefs that Options.Extra asks for, by their Go names
	views             map[string]string // struct's name to its view's
	pendingViews      []*structLayout   // views to declare
}

// reserved are the names that the package itself declares.
func (b *builder) reserved(r *reachedTypes) []string {
	out := slices.Clone(ident.PackageNames)
	if len(b.structOps) > 0 {
		out = append(out, "StructOps", "StructOpsFunc")
	}
	if r.int128s != [2]bool{} {
		out = append(out, "Int128", "Uint128")
	}
	return out
}

// visitRoots visits the types that a program can use directly.
func (b *builder) visitRoots(r *reachedTypes) {
	variables := func(vars []model.SecVar) {
		for _, v := range vars {
			t := b.types.At(v.Type)
			r.variable(t.Elem, firstUse{c: t.Name})
		}
	}
	for _, sec := range b.datasecs {
		variables(b.vars(sec))
		variables(b.typeVars(sec))
	}
	for _, sec := range b.typesOnly {
		variables(b.typeVars(sec))
	}
	for i := range b.obj.Maps {
		for m := &b.obj.Maps[i]; m != nil; m = m.Inner {
			if m.Type == uapi.MapTypeStructOps || m.Internal {
				continue
			}
			r.visit(m.KeyType, firstUse{c: m.Name, suffix: "Key"})
			r.visit(m.ValueType, firstUse{c: m.Name, suffix: "Value"})
		}
	}
	b.shadowRoots(r)
	b.warnRecordTypes()
}

// warnRecordTypes warns of rings that declare a record type, which the kernel refuses.
func (b *builder) warnRecordTypes() {
	for i := range b.obj.Maps {
		m := &b.obj.Maps[i]
		if m.HasRecordType() {
			b.warn("map %s: the kernel refuses a %s that declares the type of its records: Go's Open clears the key and value sizes, C code must do it with bpf_map__set_value_size", m.Name, m.Type)
		}
		if in := m.Inner; in != nil && in.HasRecordType() {
			b.warn("map %s: the kernel refuses a %s that declares the type of its records, and libbpf cannot change an inner map: remove its key and value", in.Name, in.Type)
		}
	}
}

func (b *builder) warn(format string, args ...any) {
	b.out.Warnings = append(b.out.Warnings, fmt.Sprintf(format, args...))
}

// visitRequested visits the types whose names match; each pattern must match at least one.
func visitRequested(r *reachedTypes, patterns []string) error {
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
					r.visit(model.TypeID(i), firstUse{})
					r.requestedTypes[r.canonical(model.TypeID(i))] = true
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

// missingType explains why no type matches a pattern, and how to include the type.
func missingType(types model.Types, pattern string) error {
	name, what := pattern, "is not in the object"
	for i := range types {
		if ok, _ := path.Match(pattern, types[i].Name); ok && types[i].Kind == model.KindFwd {
			name, what = types[i].Name, "is only declared in the object, without its members"
			break
		}
	}
	if strings.ContainsAny(name, "*?[\\") {
		return fmt.Errorf("no type of the object matches %q: the compiler omits types that no variable, map or function uses; to include one, add a global variable \"struct NAME *unused_NAME;\"", pattern)
	}
	return fmt.Errorf("type %q %s: the compiler omits types that no variable, map or function uses; to include it, add a global variable \"struct %[1]s *unused_%[1]s;\"", name, what)
}

func (b *builder) declareSections() {
	for i := range b.out.Sections {
		s := &b.out.Sections[i]
		t := b.section(s, b.datasecs[i])
		b.out.Decls = append(b.out.Decls, t.Struct)
		if s.View != "" {
			b.out.Decls = append(b.out.Decls, b.view(s.View, t))
			b.declareViews()
		}
	}
}

// declareViews declares the views that getters of other views return.
func (b *builder) declareViews() {
	for len(b.pendingViews) > 0 {
		s := b.pendingViews[0]
		b.pendingViews = b.pendingViews[1:]
		b.out.Decls = append(b.out.Decls, b.view(b.views[s.Name], s))
	}
}

func (b *builder) declare(id model.TypeID) {
	switch t := b.types.At(id); t.Kind {
	case model.KindStruct, model.KindUnion:
		b.out.Decls = append(b.out.Decls, b.structOf(id).Struct)
	case model.KindEnum, model.KindEnum64:
		b.out.Decls = append(b.out.Decls, b.enum(id, t))
	case model.KindTypedef:
		if n := b.typedefDecl(id); n != nil {
			b.out.Decls = append(b.out.Decls, n)
		}
	}
}

// typedefDecl returns the declaration of a typedef, nil if it does not need one. It is an
// alias of the type behind all typedefs, so that no chain of them can be a cycle in Go. A
// typedef of an array becomes a defined type, and typedefs of that typedef are aliases of
// it.
func (b *builder) typedefDecl(id model.TypeID) *Named {
	group := b.names.typedefs[id]
	if group == nil {
		return nil
	}
	n := &Named{Name: b.names.goNames[id]}
	b.requestedTypedefs[n.Name] = b.names.requested(group...)
	target := b.types.Skip(id, true)
	n.Type = b.goType(target).expr
	if b.types.At(target).Kind == model.KindArray {
		last := b.lastTypedef(id)
		name := b.names.goNames[b.names.canonical(last)]
		if n.Defined = name == n.Name || name == ""; !n.Defined {
			n.Type = name
		}
	}
	for _, id := range group {
		td := b.types.At(id)
		n.C = append(n.C, "typedef "+cDecl(b.types, td.Elem, td.Name))
	}
	return n
}

// lastTypedef is the typedef at the end of a chain of them.
func (b *builder) lastTypedef(id model.TypeID) model.TypeID {
	for range len(b.types) {
		next := b.types.Skip(b.types.At(id).Elem, false)
		if b.types.At(next).Kind != model.KindTypedef {
			break
		}
		id = next
	}
	return id
}

// declareLayoutTypes declares the types that come from package layout.
func (b *builder) declareLayoutTypes() {
	for _, t := range []struct {
		name, c string
		used    bool
	}{
		{"Int128", "__int128", b.names.int128s[0]},
		{"Uint128", "unsigned __int128", b.names.int128s[1]},
		{"StructOpsFunc", "a function of a struct_ops", b.usesStructOpsFunc},
	} {
		if t.used {
			b.out.Decls = append(b.out.Decls, &Named{Name: t.name, Type: "layout." + t.name, C: []string{t.c}})
		}
	}
}
