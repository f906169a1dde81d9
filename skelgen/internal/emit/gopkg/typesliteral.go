package gopkg

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
)

// literal writes the struct that has a field for every member, and the methods that
// convert between it and the struct of C's layout.
func (w *typesWriter) literal(s *gotype.Struct) {
	l := s.Literal
	w.line("")
	w.doc(fmt.Sprintf("%s are the members of %s as fields.%s", l.Name, s.Name, sharedDoc(l)))
	w.line("type %s struct {", l.Name)
	for _, m := range l.Members {
		w.line("%s %s // %s", m.Name, m.Type, m.C)
	}
	w.line("}")
	w.line("")
	w.doc(fmt.Sprintf("Pack returns a %s with these members. Bitfields are cut to their width.", s.Name))
	w.line("func (f %s) Pack() %s {", l.Name, s.Name)
	w.line("var s %s", s.Name)
	for i := range l.Members {
		m := &l.Members[i]
		if m.Shared {
			w.line("layout.Merge(&s, func(s *%s) { %s })", s.Name, memberAssignment(m))
		} else {
			w.line("%s", memberAssignment(m))
		}
	}
	w.line("return s\n}")
	w.line("")
	w.doc("Fields returns the values of the members.")
	w.line("func (s *%s) Fields() %s {", s.Name, l.Name)
	w.line("return %s{", l.Name)
	for i := range l.Members {
		m := &l.Members[i]
		w.line("%s: %s,", m.Name, memberValue(m))
	}
	w.line("}\n}")
}

// sharedDoc documents the members that share memory.
func sharedDoc(l *gotype.Literal) string {
	var names []string
	for _, m := range l.Members {
		if m.Shared {
			names = append(names, m.Name)
		}
	}
	if len(names) < 2 {
		return ""
	}
	return fmt.Sprintf(" Set the members of a union (%s) only if they do not share memory, and leave the others zero.", strings.Join(names, ", "))
}

// memberAssignment is the statement that stores a member's value in s.
func memberAssignment(m *gotype.LiteralMember) string {
	switch a := m.Method; {
	case a == nil:
		return fmt.Sprintf("s.%s = f.%[1]s", m.Name)
	case a.Access == gotype.AccessPointer:
		return fmt.Sprintf("*s.%s() = f.%[1]s", m.Name)
	case a.Access == gotype.AccessElement:
		return fmt.Sprintf("layout.Put(%s, f.%s)", elementBytes(a), m.Name)
	default:
		return fmt.Sprintf("s.%s(f.%s)", a.Setter, m.Name)
	}
}

// memberValue is the expression for a member's value in s.
func memberValue(m *gotype.LiteralMember) string {
	switch a := m.Method; {
	case a == nil:
		return "s." + m.Name
	case a.Access == gotype.AccessPointer:
		return "*s." + m.Name + "()"
	case a.Access == gotype.AccessElement:
		return fmt.Sprintf("layout.Get[%s](%s)", m.Type, elementBytes(a))
	default:
		return "s." + m.Name + "()"
	}
}

// elementBytes is the expression for the bytes of an array that is not aligned.
func elementBytes(m *gotype.Method) string {
	return fmt.Sprintf("s.%s[%d:%d]", m.Storage, m.Offset, m.Offset+m.Size)
}

// maxStringCopy is the largest size in bytes of a struct that String copies.
const maxStringCopy = 64 << 10

// stringMethod writes String. Sections are used by pointer only; for other structs, such as
// elements of maps, values have this method too.
func (w *typesWriter) stringMethod(s *gotype.Struct) {
	recv, of := s.Name, "&s"
	if s.Section != nil || s.Size > maxStringCopy {
		recv, of = "*"+s.Name, "s"
	}
	texts := ""
	for _, name := range s.Texts {
		texts += ", " + strconv.Quote(name)
	}
	w.line("")
	w.doc("String returns the values of the members. Long arrays are cut short.")
	w.line("func (s %s) String() string {", recv)
	if s.Literal != nil {
		w.line("f := s.Fields()")
		of = "&f"
	}
	w.line("return layout.Text(%s%s)\n}", of, texts)
}
