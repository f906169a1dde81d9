package cheader

import (
	"fmt"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// header is a header being written. bytes returns the first error.
type header struct {
	obj *model.Object
	buf []byte
	err error
	// maps are the maps that have an identifier.
	maps []namedMap
	// plain is set for a header without SKEL_OPAQUE_DATA.
	plain bool
}

// namedMap is a map with its identifiers.
type namedMap struct {
	*model.Map
	ident string
	// section is the member that points to the map's memory, "" if there is none.
	section string
	// vars describes that memory; it is nil if the object has no DATASEC for it.
	vars *model.Type
}

func newHeader(obj *model.Object, size int) *header {
	const textSize = 16 << 10
	h := &header{obj: obj, buf: make([]byte, 0, textSize+size)}
	for i := range obj.Maps {
		m := &obj.Maps[i]
		name, ok := ident.MapC(m.Name, m.Internal)
		if !ok {
			continue
		}
		nm := namedMap{Map: m, ident: name}
		if section, ok := ident.SectionC(m); ok {
			nm.section = section
			nm.vars, _ = ident.Datasec(obj.Types, section)
		}
		h.maps = append(h.maps, nm)
	}
	return h
}

func (m *namedMap) isStructOps() bool { return m.Type == uapi.MapTypeStructOps }

func (h *header) bytes() ([]byte, error) {
	if h.err != nil {
		return nil, h.err
	}
	return h.buf, nil
}

func (h *header) fail(format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf(format, args...)
	}
}

// text appends fixed text, with each word of the pairs replaced by the next.
func (h *header) text(s string, pairs ...string) {
	h.buf = append(h.buf, strings.NewReplacer(pairs...).Replace(s)...)
}

// line appends one line.
func (h *header) line(format string, args ...any) {
	h.buf = fmt.Appendf(h.buf, format, args...)
	h.buf = append(h.buf, '\n')
}

// generation appends the number that the Go package compares with its own. It is
// the last definition, so that no name in the header can be this macro.
func (h *header) generation() {
	if g := h.obj.Generation; g != "" {
		h.line("\n#define %s 0x%s", ident.GenerationC(h.obj.Name), g)
	}
}

// unlessOpaque appends the output of body, and the plain lines that replace it if
// SKEL_OPAQUE_DATA is defined.
func (h *header) unlessOpaque(plain []string, body func()) {
	if h.plain {
		body()
		return
	}
	h.line("#ifndef SKEL_OPAQUE_DATA")
	body()
	if len(plain) > 0 {
		h.line("#else")
		for _, l := range plain {
			h.line("%s", l)
		}
	}
	h.line("#endif")
}

// members appends the structs of maps, struct_ops shadows and programs.
func (h *header) members() {
	h.pointerGroup("maps", "bpf_map", h.mapIdents(func(*namedMap) bool { return true }))
	h.shadows()
	h.pointerGroup("progs", "bpf_program", h.programNames())
}

// links appends the members for links: one per program, one per struct_ops map.
func (h *header) links() {
	h.pointerGroup("links", "bpf_link", append(h.programNames(), h.mapIdents((*namedMap).isStructOps)...))
}

// pointerGroup appends a struct of pointers to the C struct typ.
func (h *header) pointerGroup(name, typ string, members []string) {
	if len(members) == 0 {
		return
	}
	h.line("\tstruct {")
	for _, m := range members {
		h.line("\t\tstruct %s *%s;", typ, m)
	}
	h.line("\t} %s;", name)
}

func (h *header) programNames() []string {
	names := make([]string, len(h.obj.Programs))
	for i := range names {
		names[i] = h.obj.Programs[i].Name
	}
	return names
}

func (h *header) mapIdents(keep func(*namedMap) bool) []string {
	var idents []string
	for i := range h.maps {
		if keep(&h.maps[i]) {
			idents = append(idents, h.maps[i].ident)
		}
	}
	return idents
}
