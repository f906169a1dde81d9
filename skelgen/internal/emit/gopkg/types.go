package gopkg

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Types renders the types of an object as a Go file that does not need cgo and
// builds on every system: NAME_types.go.
func Types(pkgName string, obj *model.Object, p *gotype.Package) ([]byte, error) {
	w := &typesWriter{pkg: p}
	w.generation(obj.Generation)
	for _, d := range p.Decls {
		switch d := d.(type) {
		case *gotype.Struct:
			w.structure(d)
		case *gotype.View:
			w.view(d)
		case *gotype.Enum:
			w.enum(d)
		}
	}
	w.named()
	w.asserts()
	return typesFile(pkgName, p.GoArch, w.Bytes())
}

// typesWriter collects the declarations, without the file header.
type typesWriter struct {
	bytes.Buffer
	pkg *gotype.Package
}

// line writes the lines of format: an argument cannot add a line.
func (w *typesWriter) line(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = ident.Printable(s)
		}
	}
	fmt.Fprintf(w, format+"\n", args...)
}

// generation declares the name that the package's other files refer to.
func (w *typesWriter) generation(id string) {
	if id != "" {
		w.line("")
		w.doc("Every file of this package refers to this name: files of different generations do not compile together.")
		w.line("const generation_%s = true", id)
	}
}

// doc writes paragraphs as a doc comment.
func (w *typesWriter) doc(paragraphs ...string) {
	for i, text := range paragraphs {
		if i > 0 {
			w.line("//")
		}
		for _, l := range wrap(text, 77) {
			w.line("// %s", l)
		}
	}
}

// wrap breaks text at spaces into lines of at most width bytes.
func wrap(text string, width int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			out, line = append(out, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(out, line)
}

func (w *typesWriter) structure(s *gotype.Struct) {
	w.line("")
	w.doc(structDoc(s)...)
	if len(s.Fields) == 0 {
		w.line("type %s struct{}", s.Name)
	} else {
		w.line("type %s struct {", s.Name)
		w.line("_ structs.HostLayout")
		for _, f := range s.Fields {
			w.line("%s %s%s", f.Name, f.Type, fieldComment(f))
		}
		w.line("}")
	}
	for i := range s.Methods {
		w.method(s, &s.Methods[i])
	}
	if s.Literal != nil {
		w.literal(s)
	}
	w.stringMethod(s)
}

func structDoc(s *gotype.Struct) []string {
	if s.Section != nil {
		return sectionDoc(s)
	}
	text := fmt.Sprintf("%s is %s.", s.Name, s.C)
	if s.Literal != nil {
		text += fmt.Sprintf(" %s{...}.Pack() makes one.", s.Literal.Name)
	}
	return append([]string{text}, s.Notes...)
}

// sectionDoc documents a section's memory in one line; package skel has the details.
func sectionDoc(s *gotype.Struct) []string {
	sec := s.Section
	text := fmt.Sprintf("%s is %s.", s.Name, s.C)
	switch {
	case sec.Kconfig:
		text += fmt.Sprintf(" libbpf fills it in during load; %s reads it.", sec.View)
	case sec.Frozen:
		text += fmt.Sprintf(" Assign to it before Load; after it, %s reads it.", sec.View)
	case sec.Arena:
		text += " It is memory shared with the BPF programs, which Load moves: see \"Section memory\" in package skel."
	default:
		text += " It is memory shared with the BPF programs: see \"Section memory\" in package skel."
	}
	out := []string{text}
	if len(s.Private) > 0 {
		out = append(out, privateDoc(s.Private))
	}
	return append(out, s.Notes...)
}

// maxPrivate is the number of variables without a field that a section's comment names.
const maxPrivate = 10

// privateDoc names the variables that do not have a field.
func privateDoc(vars []gotype.Private) string {
	var names []string
	for _, v := range vars[:min(len(vars), maxPrivate)] {
		names = append(names, fmt.Sprintf("%s (%s)", v.Name, plural(v.Size, "byte")))
	}
	if more := len(vars) - maxPrivate; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("Variables without a field, because they are static or hidden in C: %s.", strings.Join(names, ", "))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// fieldComment is the C declarations of the members in a field.
func fieldComment(f gotype.Field) string {
	text := strings.Join(f.C, "; ")
	if len(text) > 120 && len(f.C) > 1 { // the methods have the full declarations
		text = fmt.Sprintf("%s; ... %s (%d members)", f.C[0], f.C[len(f.C)-1], len(f.C))
	}
	if f.Note != "" {
		text += " (" + f.Note + ")"
	}
	if text == "" {
		return ""
	}
	return " // " + text
}

func (w *typesWriter) enum(e *gotype.Enum) {
	w.line("")
	w.doc(fmt.Sprintf("%s is %s.", e.Name, e.C))
	w.line("type %s %s", e.Name, e.Type)
	if len(e.Values) == 0 {
		return
	}
	w.line("")
	w.doc(fmt.Sprintf("The values of %s.", e.C))
	w.line("const (")
	for _, v := range e.Values {
		w.line("%s %s = %s // %s", v.Name, e.Name, v.Value, v.C)
	}
	w.line(")")
	w.line("")
	w.doc("String returns the value's name in C.")
	w.line("func (e %s) String() string {", e.Name)
	w.line("switch e {")
	for _, v := range e.Values {
		if !v.Alias {
			w.line("case %s:\nreturn %s", v.Name, strconv.QuoteToASCII(v.C))
		}
	}
	w.line("}")
	format := "FormatUint(uint64"
	if e.Signed {
		format = "FormatInt(int64"
	}
	w.line("return \"%s(\" + strconv.%s(e), 10) + \")\"", e.Name, format)
	w.line("}")
}

// named writes the typedefs: first the defined types, then all aliases in one group.
func (w *typesWriter) named() {
	var aliases []*gotype.Named
	for _, d := range w.pkg.Decls {
		n, ok := d.(*gotype.Named)
		switch {
		case ok && n.Defined:
			w.line("")
			w.doc(fmt.Sprintf("%s is %s.", n.Name, strings.Join(n.C, ", ")))
			w.line("type %s %s", n.Name, n.Type)
		case ok:
			aliases = append(aliases, n)
		}
	}
	if len(aliases) == 0 {
		return
	}
	w.line("")
	if n := aliases[0]; len(aliases) == 1 {
		w.doc(fmt.Sprintf("%s is %s.", n.Name, strings.Join(n.C, ", ")))
		w.line("type %s = %s", n.Name, n.Type)
		return
	}
	w.doc("Typedefs of the object.")
	w.line("type (")
	for _, n := range aliases {
		w.line("%s = %s // %s", n.Name, n.Type, strings.Join(n.C, ", "))
	}
	w.line(")")
}

func (w *typesWriter) view(v *gotype.View) {
	w.line("")
	text := fmt.Sprintf("%s reads %s in read-only memory.", v.Name, v.C)
	if v.Section != nil {
		text = fmt.Sprintf("%s reads %s. After Close, its methods return zeros.", v.Name, v.C)
	}
	w.doc(text)
	w.line("type %s struct{ p *%s }", v.Name, v.Of)
	w.line("")
	w.line("func (v %s) at() *%s { return layout.OrZero(v.p) }", v.Name, v.Of)
	for _, g := range v.Getters {
		w.line("")
		switch {
		case g.Unchecked:
			w.doc(fmt.Sprintf("%s returns element i of %s. The caller must know that it exists: there is no bounds check.", g.Name, g.C))
		case g.C != "":
			w.doc(fmt.Sprintf("%s is %s.", g.Name, g.C))
		default:
			w.doc(fmt.Sprintf("%s is the length of %s.", g.Name, g.Of))
		}
		params := ""
		if len(g.Params) > 0 {
			params = strings.Join(g.Params, ", ") + " int"
		}
		w.line("func (v %s) %s(%s) %s { return %s }", v.Name, g.Name, params, g.Type, g.Expr)
	}
	for i := range v.Iterators {
		w.iterator(v, &v.Iterators[i])
	}
	w.line("")
	w.doc(fmt.Sprintf("Value returns a copy of %s.", v.C))
	w.line("func (v %s) Value() %s { return *v.at() }", v.Name, v.Of)
	w.line("")
	w.doc("String returns all values. Long arrays are cut short.")
	w.line("func (v %s) String() string { return v.at().String() }", v.Name)
}

// iterator writes the method that iterates over an array's last dimension.
func (w *typesWriter) iterator(v *gotype.View, it *gotype.Iterator) {
	g := &it.Getter
	outer := g.Params[:len(g.Params)-1]
	last := g.Params[len(outer)]
	params := ""
	text := fmt.Sprintf("%s iterates over %s.", it.Name, g.C)
	if len(outer) > 0 {
		params = strings.Join(outer, ", ") + " int"
		text = fmt.Sprintf("%s iterates over the last dimension of %s.", it.Name, g.C)
	}
	w.line("")
	w.doc(text)
	w.line("func (v %s) %s(%s) iter.Seq2[int, %s] {", v.Name, it.Name, params, g.Type)
	// A function literal is inlined; a method value is not.
	w.line("return layout.Each(%d, func(%s int) %s { return v.%s(%s) })\n}", g.Elements, last, g.Type, g.Name, strings.Join(g.Params, ", "))
}
