package gotype

import (
	"cmp"
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
	// Field is its name in OpenSkel and Skel, Type the name of its Go type. View is the
	// name of the view of a frozen section, "" for one that stays writable.
	Field, Type, View string
	// Frozen sections cannot be written to after load.
	Frozen bool
	// Kconfig is filled in by libbpf during load: it has only a view.
	Kconfig bool
	// Arena is moved by load.
	Arena bool
	// CName is its name in a C skeleton, Name its name in the object.
	CName, Name string
}

// sections finds the sections and names their fields.
func (b *builder) sections() {
	for i := range b.obj.Maps {
		m := &b.obj.Maps[i]
		c, ok := ident.SectionC(m)
		if !ok {
			continue
		}
		sec := b.types.At(m.ValueType)
		if sec.Kind != model.KindDatasec {
			if sec, ok = ident.Datasec(b.types, c); !ok {
				continue
			}
		}
		if len(sec.Vars) > 0 && !slices.ContainsFunc(sec.Vars, func(v model.SecVar) bool { return !b.types.OnlyType(v.Type) }) {
			b.typesOnly = append(b.typesOnly, sec)
			continue
		}
		kconfig := strings.HasPrefix(sec.Name, ".kconfig")
		b.out.Sections = append(b.out.Sections, Section{
			Map: i, CName: c, Name: sec.Name,
			Frozen:  kconfig || m.Flags&uapi.MapFlagReadOnlyProg != 0,
			Kconfig: kconfig,
			Arena:   m.Type == uapi.MapTypeArena,
		})
		b.datasecs = append(b.datasecs, sec)
	}
	c := make([]string, len(b.out.Sections))
	for i, s := range b.out.Sections {
		c[i] = s.CName
	}
	fields := ident.NewScope("Maps", "Progs", "Links", "StructOps")
	for i, name := range fields.Add(c...) {
		b.out.Sections[i].Field = name
	}
}

// vars are the variables of a section that get a field, in order of their
// offsets. Static ones are left out unless they were asked for.
func (b *builder) vars(sec *model.Type) []model.SecVar {
	var out []model.SecVar
	for _, v := range sec.Vars {
		t := b.types.At(v.Type)
		if t.Kind == model.KindVar && (t.Linkage != model.LinkageStatic || b.static) && !b.types.OnlyType(v.Type) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b model.SecVar) int { return cmp.Compare(a.Offset, b.Offset) })
	return out
}

// hiddenVars are the variables that vars leaves out because they are static or hidden in C.
func (b *builder) hiddenVars(sec *model.Type) []Private {
	var out []Private
	for _, v := range sec.Vars {
		t := b.types.At(v.Type)
		if t.Kind == model.KindVar && t.Linkage == model.LinkageStatic && !b.static && !printkFormat.MatchString(t.Name) {
			out = append(out, Private{t.Name, v.Size})
		}
	}
	return out
}

// printkFormat matches the variables of libbpf's bpf_printk, one for each call of it.
var printkFormat = regexp.MustCompile(`(^|\.)____fmt(\.[0-9]+)?$`)

// typeVars are the variables that only keep a type in the object.
func (b *builder) typeVars(sec *model.Type) []model.SecVar {
	return slices.DeleteFunc(slices.Clone(sec.Vars), func(v model.SecVar) bool { return !b.types.OnlyType(v.Type) })
}

// section builds a section's type. It leaves out variables that BTF places outside the
// section's data, with a warning: there is no memory behind them.
func (b *builder) section(s *Section, sec *model.Type) *structLayout {
	size := sec.Size
	if m := &b.obj.Maps[s.Map]; m.HasData {
		size = m.DataSize
	}
	out := &structLayout{Struct: &Struct{Name: s.Type, C: "the " + s.Name + " section", Size: size, Section: s, Private: b.hiddenVars(sec)}}
	var members []*member
	for _, v := range b.vars(sec) {
		t := b.types.At(v.Type)
		decl := cDecl(b.types, t.Elem, t.Name)
		if v.Offset < 0 || v.Size < 0 || v.Offset+v.Size > size {
			b.warn("section %s: leaving out %s, which BTF places outside the section's data", s.Name, decl)
			continue
		}
		l := &member{cName: t.Name, decl: decl, typ: t.Elem, bit: v.Offset * 8, extent: v.Size}
		elem := b.types.At(b.types.Skip(t.Elem, true))
		l.flexible = elem.Kind == model.KindArray && elem.Len == 0
		members = append(members, l)
	}
	b.layOut(out, members)
	return out
}
