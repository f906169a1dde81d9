package cheader

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// shadows appends, for each struct_ops map, a struct of the members that may
// be set before load, and the pointer to it.
func (h *header) shadows() {
	maps := h.structOps()
	if len(maps) == 0 {
		return
	}
	var plain []string
	for _, m := range maps {
		plain = append(plain, fmt.Sprintf("\t\tvoid *%s;", m.ident))
	}
	h.line("\tstruct {")
	h.unlessOpaque(plain, func() {
		for _, m := range maps {
			h.line("\t\tstruct %s__%s__%s {", h.obj.Name, m.ident, h.obj.Types.At(m.ValueType).Name)
			h.fields("\t\t\t", h.shadowLayout(m))
			h.line("\t\t} *%s;", m.ident)
		}
	})
	h.line("\t} struct_ops;")
}

func (h *header) structOps() []*namedMap {
	var list []*namedMap
	for i := range h.maps {
		if m := &h.maps[i]; m.isStructOps() && h.obj.HasBTF {
			list = append(list, m)
		}
	}
	return list
}

// shadowLayout returns a struct_ops map's members. A member that user space cannot set
// becomes bytes, named after the member's number.
func (h *header) shadowLayout(m *namedMap) []field {
	var list []field
	bytes := func(what string, n int) {
		name := "__" + what
		list = append(list, field{name, fmt.Sprintf("char %s[%d]", name, n)})
	}
	end := 0
	for i := range m.Shadow {
		f := &m.Shadow[i]
		off := f.BitOffset / 8
		size, ok := h.obj.Types.SizeOf(f.Type)
		if !ok {
			h.fail("struct_ops map %s: the size of member %q is unknown", m.Name, f.Name)
			return nil
		}
		if end < off {
			bytes(fmt.Sprintf("padding_%d", i), off-end)
		}
		switch f.Kind {
		case model.ShadowScalar:
			list = append(list, field{f.Name, f.ScalarDecl})
		case model.ShadowFunc:
			list = append(list, field{f.Name, "struct bpf_program *" + f.Name})
		default:
			bytes(fmt.Sprintf("unsupported_%d", i), size)
		}
		end = off + size
	}
	if size, _ := h.obj.Types.SizeOf(m.ValueType); end < size {
		bytes("padding_end", size-end)
	}
	return list
}

// shadowInit appends the lines that let the shadows point to libbpf's memory.
func (h *header) shadowInit() {
	for _, m := range h.structOps() {
		h.text(shadowPointer, "IDENT", m.ident)
	}
}
