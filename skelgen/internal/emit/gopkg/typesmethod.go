package gopkg

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
)

// method writes the getter and the setter, if there is one, of a member.
func (w *typesWriter) method(s *gotype.Struct, m *gotype.Method) {
	recv := fmt.Sprintf("func (s *%s)", s.Name)
	store := "s." + m.Storage
	slice := store + "[:]"
	if m.Offset > 0 {
		slice = fmt.Sprintf("%s[%d:]", store, m.Offset)
	}
	w.line("")
	switch m.Access {
	case gotype.AccessPointer:
		w.doc(fmt.Sprintf("%s is %s, which shares its memory with other members.", m.Name, m.C))
		w.line("%s %s() *%s { return layout.At[%s](&%s, %d) }", recv, m.Name, m.Type, m.Type, store, m.Offset)
	case gotype.AccessValue:
		w.doc(fmt.Sprintf("%s is %s, which is not aligned.", m.Name, m.C))
		w.line("%s %s() %s { return layout.Get[%s](%s) }", recv, m.Name, m.Type, m.Type, slice)
		w.setterDoc(m)
		w.line("%s %s(v %s) { layout.Put(%s, v) }", recv, m.Setter, m.Type, slice)
	case gotype.AccessElement:
		slice = elementBytes(m)
		w.doc(fmt.Sprintf("%s is %s, which is not aligned, by index.", m.Name, m.C))
		w.line("%s %s(i int) %s { return layout.Element[%s](%s, i) }", recv, m.Name, m.Type, m.Type, slice)
		w.setterDoc(m)
		w.line("%s %s(i int, v %s) { layout.PutElement(%s, i, v) }", recv, m.Setter, m.Type, slice)
		w.line("")
		w.doc(fmt.Sprintf("%s is the length of %s.", m.Len, m.C))
		w.line("%s %s() int { return %d }", recv, m.Len, m.Elements)
	case gotype.AccessBits:
		w.bits(recv, m, store+"[:]")
	case gotype.AccessTail:
		w.doc(fmt.Sprintf("%s returns the first n elements of %s. The caller must know that they exist: there is no bounds check.", m.Name, m.C))
		w.line("%s %s(n int) []%s { return layout.Tail[%s](s, %d, n) }", recv, m.Name, m.Type, m.Type, m.Offset)
	case gotype.AccessEmpty:
		w.doc(fmt.Sprintf("%s is %s, which has no size.", m.Name, m.C))
		w.line("%s %s() %s { return %s{} }", recv, m.Name, m.Type, m.Type)
	}
}

func (w *typesWriter) setterDoc(m *gotype.Method) {
	w.line("")
	w.doc(fmt.Sprintf("%s sets %s.", m.Setter, m.C))
}

// bits writes the accessors of a bitfield.
func (w *typesWriter) bits(recv string, m *gotype.Method, slice string) {
	end := ""
	if w.pkg.BigEndian {
		end = "BE"
	}
	at := fmt.Sprintf("%s, %d, %d", slice, m.Offset, m.Bits)
	get := fmt.Sprintf("layout.Bits%s[%s](%s)", end, m.Type, at)
	put := fmt.Sprintf("layout.PutBits%s(%s, v)", end, at)
	switch {
	case m.Bool:
		get = fmt.Sprintf("layout.Bits%s[uint8](%s) != 0", end, at)
		put = fmt.Sprintf("layout.PutBits%s(%s, layout.Bool(v))", end, at)
	case m.Bits > 64:
		get = fmt.Sprintf("layout.Bits128%s(%s)", end, at)
		put = fmt.Sprintf("layout.PutBits128%s(%s, v)", end, at)
		if m.Signed {
			get = fmt.Sprintf("layout.Signed128(%s, %d)", get, m.Bits)
			put = fmt.Sprintf("layout.PutBits128%s(%s, layout.Uint128{Lo: v.Lo, Hi: uint64(v.Hi)})", end, at)
		}
	}
	w.doc(fmt.Sprintf("%s is %s.", m.Name, m.C))
	w.line("%s %s() %s { return %s }", recv, m.Name, m.Type, get)
	w.setterDoc(m)
	w.line("%s %s(v %s) { %s }", recv, m.Setter, m.Type, put)
}

// asserts makes the file fail to compile if a Go layout differs from C's.
func (w *typesWriter) asserts() {
	first := true
	for _, d := range w.pkg.Decls {
		s, ok := d.(*gotype.Struct)
		if !ok {
			continue
		}
		w.line("")
		if first {
			w.doc("Sizes and offsets are C's: an index other than 0 does not compile.")
			w.line("func _(zero [1]struct{}) {")
			first = false
		}
		w.line("_ = zero[unsafe.Sizeof(%s{})-%d]", s.Name, s.Size)
		for _, f := range s.Fields {
			if f.Name != "_" {
				w.line("_ = zero[unsafe.Offsetof(%s{}.%s)-%d]", s.Name, f.Name, f.Offset)
			}
		}
	}
	if !first {
		w.line("}")
	}
}
