package cheader

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// field is one member of a struct that describes memory.
type field struct {
	name string
	decl string
}

// minAlign is the alignment in bytes that every host guarantees for a 64-bit
// integer: padding that a 64-bit host would not need is written out, so that
// one header is right for 32-bit hosts too.
const minAlign = 4

// skelSections appends a struct for each section of data, and the pointer to it.
func (h *header) skelSections() {
	var plain []string
	for _, m := range h.sections() {
		plain = append(plain, fmt.Sprintf("\tvoid *%s;", m.section))
	}
	if len(plain) == 0 {
		return
	}
	h.unlessOpaque(plain, func() {
		for _, m := range h.sections() {
			h.section(m)
		}
	})
}

func (h *header) section(m *namedMap) {
	h.line("\tstruct %s__%s {", h.obj.Name, m.section)
	h.fields("\t\t", h.layout(m))
	h.line("\t} *%s;", m.section)
}

// sections are the maps whose memory user space can reach. Without BTF there are
// none.
func (h *header) sections() []*namedMap {
	var list []*namedMap
	for i := range h.maps {
		if m := &h.maps[i]; m.section != "" && h.obj.HasBTF {
			list = append(list, m)
		}
	}
	return list
}

// layout returns a section's variables with the padding between them.
func (h *header) layout(m *namedMap) []field {
	var list []field
	off, pads := 0, 0
	for i, v := range h.globals(m) {
		switch {
		case v.Offset < off:
			h.fail("section %s: variable %d is at offset %d, but the previous one ends at %d", m.vars.Name, i, v.Offset, off)
			return nil
		case v.Align <= 0:
			h.fail("section %s: the alignment of variable %q is unknown", m.vars.Name, h.varName(v))
			return nil
		}
		align := min(v.Align, minAlign)
		if (off+align-1)/align*align != v.Offset {
			name := fmt.Sprintf("__pad%d", pads)
			list = append(list, field{name, fmt.Sprintf("char %s[%d]", name, v.Offset-off)})
			pads++
		}
		list = append(list, field{ident.VarC(h.varName(v)), v.Decl})
		off = v.Offset + v.Size
	}
	return list
}

// globals are a section's variables except the static ones, which a skeleton leaves
// out.
func (h *header) globals(m *namedMap) []*model.SecVar {
	if m.vars == nil {
		return nil
	}
	var list []*model.SecVar
	for i := range m.vars.Vars {
		v := &m.vars.Vars[i]
		if h.obj.Types.At(v.Type).Linkage != model.LinkageStatic {
			list = append(list, v)
		}
	}
	return list
}

func (h *header) varName(v *model.SecVar) string {
	return h.obj.Types.At(v.Type).Name
}

// fields appends the members of a struct. It refuses a variable with the name of our
// padding: the header would not compile.
func (h *header) fields(indent string, list []field) {
	taken := make(map[string]bool, len(list))
	for _, f := range list {
		if taken[f.name] {
			h.fail("skelgen uses the name %q for padding: rename the variable or member", f.name)
		}
		taken[f.name] = true
		h.line("%s%s;", indent, f.decl)
	}
}

// asserts appends a function that checks that each variable has the same size as in
// the BPF program.
func (h *header) asserts() {
	if !h.obj.HasBTF {
		return
	}
	h.text(assertHead, "NAME", h.obj.Name)
	if lines := h.assertLines(); len(lines) > 0 {
		h.unlessOpaque(nil, func() {
			for _, l := range lines {
				h.line("%s", l)
			}
		})
	}
	h.text(assertTail)
}

func (h *header) assertLines() []string {
	var lines []string
	for _, m := range h.sections() {
		for _, v := range h.globals(m) {
			size, ok := h.obj.Types.SizeOf(v.Type)
			if !ok {
				continue
			}
			name := ident.VarC(h.varName(v))
			lines = append(lines, fmt.Sprintf("\t_Static_assert(sizeof(s->%s->%s) == %d, \"unexpected size of '%s'\");", m.section, name, size, name))
		}
	}
	return lines
}

// subSections appends a struct for each section that has variables, and in it
// a pointer to each.
func (h *header) subSections() {
	for _, m := range h.sections() {
		if m.vars == nil {
			continue
		}
		h.line("\tstruct %s__%s {", h.obj.Name, m.section)
		if globals := h.globals(m); len(globals) > 0 {
			h.subFields(globals)
		}
		h.line("\t} %s;", m.section)
	}
}

func (h *header) subFields(globals []*model.SecVar) {
	var plain []string
	for _, v := range globals {
		plain = append(plain, fmt.Sprintf("\t\tvoid *%s;", ident.VarC(h.varName(v))))
	}
	h.unlessOpaque(plain, func() {
		for _, v := range globals {
			h.line("\t\t%s *%s;", h.subType(v), ident.VarC(h.varName(v)))
		}
	})
}

// subType is a variable's type in a form that a "*" and a name can follow.
func (h *header) subType(v *model.SecVar) string {
	types := h.obj.Types
	t := types.At(types.Skip(types.At(v.Type).Elem, true))
	if t.Kind == model.KindArray || t.Kind == model.KindPtr && types.At(t.Elem).Kind == model.KindFuncProto {
		return "__typeof__(" + v.TypeDecl + ")"
	}
	return v.TypeDecl
}
