// Package report renders the contents of an object: as text for people, as JSON for
// programs.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Object is the report of one object. JSON has its fields in this order; fields
// may be added, never renamed.
type Object struct {
	File      string     `json:"file"`
	Name      string     `json:"name"`
	Size      int        `json:"size"`
	BigEndian bool       `json:"big_endian"`
	Maps      []Map      `json:"maps"`
	Programs  []Program  `json:"programs"`
	Variables []Variable `json:"variables"`
	Types     []Type     `json:"types"`
}

// Map is one map; sizes are in bytes, types in C's words.
type Map struct {
	Name       string        `json:"name"`
	Type       string        `json:"type"`
	Key        string        `json:"key,omitempty"`
	Value      string        `json:"value,omitempty"`
	KeySize    uint32        `json:"key_size"`
	ValueSize  uint32        `json:"value_size"`
	MaxEntries uint32        `json:"max_entries"`
	Flags      uapi.MapFlags `json:"flags"`
	Internal   bool          `json:"internal"`
	Mapped     bool          `json:"mapped"`
	PinPath    string        `json:"pin_path,omitempty"`
}

// Program is one program.
type Program struct {
	Name       string `json:"name"`
	Section    string `json:"section"`
	Type       string `json:"type"`
	AttachType string `json:"attach_type,omitempty"`
	Autoload   bool   `json:"autoload"`
}

// Variable is one global variable of a data section; sizes are in bytes.
type Variable struct {
	Section string `json:"section"`
	Name    string `json:"name"`
	Decl    string `json:"declaration"`
	Offset  int    `json:"offset"`
	Size    int    `json:"size"`
	Static  bool   `json:"static"`
}

// Type is one named struct, union, enum or typedef; size is in bytes.
type Type struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Size int    `json:"size"`
}

// New returns the report of an object. mapped reports whether user space reaches a map's
// memory through a pointer.
func New(obj *model.Object, mapped func(*model.Map) bool) *Object {
	r := &Object{
		File: obj.File, Name: obj.Name, Size: len(obj.Bytes), BigEndian: obj.BigEndian,
		Maps: []Map{}, Programs: []Program{}, Variables: []Variable{}, Types: []Type{},
	}
	for i := range obj.Maps {
		m := &obj.Maps[i]
		r.Maps = append(r.Maps, Map{
			Name: m.Name, Type: m.Type.String(), Key: typeSpelling(obj.Types, m.KeyType), Value: typeSpelling(obj.Types, m.ValueType),
			KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: m.MaxEntries, Flags: m.Flags,
			Internal: m.Internal, Mapped: mapped(m), PinPath: m.PinPath,
		})
	}
	for _, p := range obj.Programs {
		r.Programs = append(r.Programs, Program{
			Name: p.Name, Section: p.Section, Type: p.Type.String(), AttachType: attachType(&p), Autoload: p.Autoload,
		})
	}
	for i := range obj.Types {
		r.addType(obj.Types, &obj.Types[i])
	}
	return r
}

// attachType is the name of a program's expected attach type, "" if it does not expect
// one: the number is 0 then, which is also the number of an attach type.
func attachType(p *model.Program) string {
	if p.AttachType == uapi.AttachTypeCgroupInetIngress && p.Type != uapi.ProgTypeCgroupSkb {
		return ""
	}
	return p.AttachType.String()
}

func (r *Object) addType(types model.Types, t *model.Type) {
	if kind, ok := namedKinds[t.Kind]; ok && t.Name != "" {
		size := t.Size
		if t.Kind == model.KindTypedef {
			size, _ = types.SizeOf(t.Elem)
		}
		r.Types = append(r.Types, Type{Kind: kind, Name: t.Name, Size: size})
	}
	if t.Kind != model.KindDatasec || t.Name == ".maps" {
		return // maps have a separate table
	}
	for _, v := range t.Vars {
		variable := types.At(v.Type)
		if variable.Kind != model.KindVar || types.OnlyType(v.Type) {
			continue
		}
		r.Variables = append(r.Variables, Variable{
			Section: t.Name, Name: variable.Name, Decl: cmp.Or(v.FullDecl, variable.Name),
			Offset: v.Offset, Size: v.Size, Static: variable.Linkage == model.LinkageStatic,
		})
	}
}

var namedKinds = map[model.Kind]string{
	model.KindStruct:  "struct",
	model.KindUnion:   "union",
	model.KindEnum:    "enum",
	model.KindEnum64:  "enum",
	model.KindTypedef: "typedef",
}

// typeSpelling returns a type in C's words, short enough for a table, or "" for none.
func typeSpelling(types model.Types, id model.TypeID) string {
	suffix := ""
	for range len(types) {
		switch t := types.At(id); t.Kind {
		case model.KindVoid:
			if suffix == "" {
				return ""
			}
			return "void" + suffix
		case model.KindStruct, model.KindUnion, model.KindEnum, model.KindEnum64:
			name := t.Name
			if name == "" {
				name = "{...}"
			}
			return namedKinds[t.Kind] + " " + name + suffix
		case model.KindPtr:
			suffix, id = " *"+suffix, t.Elem
		case model.KindArray:
			suffix, id = fmt.Sprintf("%s[%d]", suffix, t.Len), t.Elem
		case model.KindConst, model.KindVolatile, model.KindRestrict, model.KindTypeTag:
			id = t.Elem
		default:
			return t.Name + suffix
		}
	}
	return ""
}

// JSON renders the report as one indented JSON value.
func (r *Object) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(r, "", "  ")
	return append(out, '\n'), err
}

// Text renders the report as tables.
func (r *Object) Text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: skeleton %s, %d bytes\n", r.File, r.Name, r.Size)
	table(&b, "maps", "NAME\tTYPE\tKEY\tVALUE\tENTRIES\tPINNED", len(r.Maps), func(i int) string {
		m := r.Maps[i]
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s",
			escapeText(m.Name), m.Type, withSize(m.Key, m.KeySize), withSize(m.Value, m.ValueSize), m.MaxEntries, escapeText(m.PinPath))
	})
	table(&b, "programs", "NAME\tTYPE\tATTACH TYPE\tAUTOLOAD\tSECTION", len(r.Programs), func(i int) string {
		p := r.Programs[i]
		autoload := "on"
		if !p.Autoload {
			autoload = "off"
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", escapeText(p.Name), p.Type, cmp.Or(p.AttachType, "-"), autoload, escapeText(p.Section))
	})
	table(&b, "variables", "SECTION\tOFFSET\tSIZE\tDECLARATION", len(r.Variables), func(i int) string {
		v := r.Variables[i]
		static := ""
		if v.Static {
			static = "static "
		}
		return fmt.Sprintf("%s\t%d\t%d\t%s%s", escapeText(v.Section), v.Offset, v.Size, static, escapeText(shortDecl(v.Decl)))
	})
	return []byte(b.String())
}

// shortDecl is a declaration on one line, without the members of a type that is
// defined in it: "struct { ... } name[2]".
func shortDecl(decl string) string {
	first, _, more := strings.Cut(decl, "\n")
	if !more {
		return first
	}
	return first + " ... " + strings.TrimSpace(decl[strings.LastIndex(decl, "\n"):])
}

func withSize(spelling string, size uint32) string {
	if spelling == "" {
		return fmt.Sprintf("%d bytes", size)
	}
	return fmt.Sprintf("%s (%d)", escapeText(spelling), size)
}

// escapeText escapes characters that a terminal or a table would take for a command.
func escapeText(s string) string {
	if quoted := strconv.QuoteToGraphic(s); strings.Contains(quoted, `\`) {
		return strings.Trim(quoted, `"`)
	}
	return s
}

func table(b *strings.Builder, title, head string, n int, row func(int) string) {
	fmt.Fprintf(b, "\n%s: %d\n", title, n)
	if n == 0 {
		return
	}
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "  "+head)
	for i := range n {
		fmt.Fprintln(w, strings.TrimRight("  "+row(i), "\t"))
	}
	w.Flush()
}
