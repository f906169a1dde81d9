package gotype

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Section is a data section that user space can map, or .kconfig.
type Section struct {
	// Map is its index in the object's maps.
	Map int
	// Field is its name in OpenSkel and Skel, Type that of its Go type. View is
	// that of the view of a frozen section, "" for one that stays writable.
	Field, Type, View string
	// Frozen sections cannot be written to after load.
	Frozen bool
	// Kconfig is filled in by libbpf during load: there is only the view.
	Kconfig bool
	// Arena is moved by load.
	Arena bool
	// CName is its name in a C skeleton, Name that in the object.
	CName, Name string

	datasec *model.Type
}

// sections finds the sections and names their fields.
func (p *Package) sections(obj *model.Object) {
	for i := range obj.Maps {
		m := &obj.Maps[i]
		c, ok := ident.SectionC(m)
		if !ok {
			continue
		}
		sec := obj.Types.At(m.ValueType)
		if sec.Kind != model.KindDatasec {
			if sec, ok = ident.Datasec(obj.Types, c); !ok {
				continue
			}
		}
		if len(sec.Vars) > 0 && !slices.ContainsFunc(sec.Vars, func(v model.SecVar) bool { return !p.types.OnlyType(v.Type) }) {
			p.typesOnly = append(p.typesOnly, sec)
			continue
		}
		kconfig := strings.HasPrefix(sec.Name, ".kconfig")
		p.Sections = append(p.Sections, Section{
			Map: i, CName: c, Name: sec.Name, datasec: sec,
			Frozen:  kconfig || m.Flags&uapi.MapFlagReadOnlyProg != 0,
			Kconfig: kconfig,
			Arena:   m.Type == uapi.MapTypeArena,
		})
	}
	c := make([]string, len(p.Sections))
	for i, s := range p.Sections {
		c[i] = s.CName
	}
	fields := ident.NewScope("Maps", "Progs", "Links", "StructOps")
	for i, name := range fields.Add(c...) {
		p.Sections[i].Field = name
	}
}

// vars are the variables of a section that get a field, in order of their
// offsets. Static ones are left out unless they were asked for.
func (p *Package) vars(s *Section) []model.SecVar {
	var out []model.SecVar
	for _, v := range s.datasec.Vars {
		t := p.types.At(v.Type)
		if t.Kind == model.KindVar && (t.Linkage != model.LinkageStatic || p.static) && !p.types.OnlyType(v.Type) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b model.SecVar) int { return cmp.Compare(a.Offset, b.Offset) })
	return out
}

// private are the variables that vars leaves out because they are static or hidden.
func (p *Package) private(s *Section) []Private {
	var out []Private
	for _, v := range s.datasec.Vars {
		t := p.types.At(v.Type)
		if t.Kind == model.KindVar && t.Linkage == model.LinkageStatic && !p.static && !printkFormat.MatchString(t.Name) {
			out = append(out, Private{t.Name, v.Size})
		}
	}
	return out
}

// printkFormat matches the variables of libbpf's bpf_printk, one for each call of it.
var printkFormat = regexp.MustCompile(`(^|\.)____fmt(\.[0-9]+)?$`)

// typeVars are the variables that are there for their types only.
func (p *Package) typeVars(sec *model.Type) []model.SecVar {
	return slices.DeleteFunc(slices.Clone(sec.Vars), func(v model.SecVar) bool { return !p.types.OnlyType(v.Type) })
}

// section builds a section's type. What BTF places outside the section's data
// is left out with a warning: there is no memory behind it.
func (p *Package) section(obj *model.Object, s *Section) *Struct {
	size := s.datasec.Size
	if m := &obj.Maps[s.Map]; m.HasData {
		size = m.DataSize
	}
	out := &Struct{Name: s.Type, C: "the " + s.Name + " section", Size: size, Section: s, Private: p.private(s)}
	var leaves []*leaf
	for _, v := range p.vars(s) {
		t := p.types.At(v.Type)
		decl := cDecl(p.types, t.Elem, t.Name)
		if v.Offset < 0 || v.Size < 0 || v.Offset+v.Size > size {
			p.Warnings = append(p.Warnings, fmt.Sprintf("section %s: no memory for %s", s.Name, decl))
			continue
		}
		l := &leaf{c: t.Name, decl: decl, typ: t.Elem, bit: v.Offset * 8, extent: v.Size}
		elem := p.types.At(p.types.Skip(t.Elem, true))
		l.tail = elem.Kind == model.KindArray && elem.Len == 0
		leaves = append(leaves, l)
	}
	p.lay(out, leaves)
	return out
}
