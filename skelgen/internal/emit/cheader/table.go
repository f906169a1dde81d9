package cheader

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
)

// skeletonKind is true for a skeleton's tables, which also have the addresses of the
// pointers to a map's memory and a program's link, and false for a subskeleton's.
type skeletonKind bool

const (
	forSkeleton    skeletonKind = true
	forSubskeleton skeletonKind = false
)

// Sizes of struct bpf_map_skeleton in bytes, without and with its last member,
// link, which libbpf has had since 1.5. Older versions must get the smaller
// size, and newer ones get it too unless a map needs a link.
const (
	mapSkelSize     = 24
	mapSkelLinkSize = 32
)

// mapTable appends the table of maps that libbpf fills in.
func (h *header) mapTable(o skeletonKind) {
	if len(h.maps) == 0 {
		return
	}
	size := mapSkelSize
	h.line("\n\t/* maps */\n\ts->map_cnt = %d;", len(h.maps))
	if o == forSkeleton && len(h.mapIdents((*namedMap).isStructOps)) > 0 {
		size = mapSkelLinkSize
		h.line("%s\n\ts->map_skel_sz = %d;\n#else\n\ts->map_skel_sz = %d;\n#endif", ifMapLink, size, mapSkelSize)
	} else {
		h.line("\ts->map_skel_sz = %d;", size)
	}
	h.text(mapTableHead, "SIZE", strconv.Itoa(size))
	for i := range h.maps {
		h.mapRow(o, i, &h.maps[i])
	}
}

func (h *header) mapRow(o skeletonKind, i int, m *namedMap) {
	h.text(mapTableRow, "INDEX", strconv.Itoa(i), "MAP", cString(m.Name), "IDENT", m.ident)
	if o == forSubskeleton {
		return
	}
	if m.section != "" {
		h.line("\tmap->mmaped = (void **)&obj->%s;", m.section)
	}
	if m.isStructOps() {
		h.line("%s\n\tmap->link = &obj->links.%s;\n#endif", ifMapLink, m.ident)
	}
}

// programTable appends the table of programs that libbpf fills in.
func (h *header) programTable(o skeletonKind) {
	progs := h.obj.Programs
	if len(progs) == 0 {
		return
	}
	h.text(programTableHead, "COUNT", strconv.Itoa(len(progs)))
	for i, p := range progs {
		h.text(programTableRow, "INDEX", strconv.Itoa(i), "IDENT", p.Name)
		if o == forSkeleton {
			h.line("\ts->progs[%d].link = &obj->links.%s;", i, p.Name)
		}
	}
}

// variableTable appends the table of variables that libbpf finds for a
// subskeleton.
func (h *header) variableTable() {
	var rows []func(i int)
	for _, m := range h.sections() {
		for _, v := range h.globals(m) {
			name := h.varName(v)
			rows = append(rows, func(i int) {
				h.text(variableTableRow, "INDEX", strconv.Itoa(i), "VAR", cString(name),
					"MAP", m.ident, "SECTION", m.section, "IDENT", ident.VarC(name))
			})
		}
	}
	h.text(variableTableHead, "COUNT", strconv.Itoa(len(rows)))
	for i, row := range rows {
		row(i)
	}
}

// cString escapes characters that would end a C string or its line or begin a trigraph,
// and those without a glyph.
func cString(s string) string {
	var b []byte
	for i, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '?' && i > 0 && s[i-1] == '?':
			b = append(b, '\\', byte(r))
		case r != utf8.RuneError && unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r == utf8.RuneError: // a byte that is not UTF-8, or that rune itself
			b = fmt.Appendf(b, "\\%03o", s[i])
		default:
			for _, c := range []byte(string(r)) {
				b = fmt.Appendf(b, "\\%03o", c)
			}
		}
	}
	return string(b)
}
