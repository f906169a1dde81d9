//go:build cgo

package layouttest

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// kind is how a probe's values are written and compared.
type kind int

const (
	unsigned kind = iota
	signed
	boolean
	pointer
	float
	address // only its address: a flexible array
)

// probe is one scalar inside a variable, with the expressions for it in C and in Go.
type probe struct {
	c    string // C expression
	kind kind
	bits int
	wide bool // a 128-bit Go type
	// C can tell its offset and size, unless it is a bitfield.
	bitfield bool
	// ref refers to it in Go if it has an address in the variable. Otherwise
	// pre, then get or set, then post access it.
	ref, get, set string
	pre, post     []string
	// view reads it through a view of its section, or is "".
	view string
}

// place is a Go expression on the path to a probe.
type place struct {
	expr      string
	addr      bool // its address is in the variable's own memory
	pre, post []string
}

// walker finds the probes of one variable.
type walker struct {
	types model.Types
	pkg   *gotype.Package
	decls map[string]*gotype.Struct
	out   []probe
	temps int
}

func probes(types model.Types, pkg *gotype.Package, id model.TypeID, c string) []probe {
	w := &walker{types: types, pkg: pkg, decls: structs(pkg)}
	w.value(id, c, place{expr: "(*x)", addr: true})
	return w.out
}

// structs are a package's structs by their Go names.
func structs(pkg *gotype.Package) map[string]*gotype.Struct {
	out := map[string]*gotype.Struct{}
	for _, d := range pkg.Decls {
		if s, ok := d.(*gotype.Struct); ok {
			out[s.Name] = s
		}
	}
	return out
}

func (w *walker) value(id model.TypeID, c string, at place) {
	id = w.types.Skip(id, true)
	switch t := w.types.At(id); t.Kind {
	case model.KindStruct, model.KindUnion:
		s := w.decls[w.pkg.Types[id]]
		if s == nil {
			panic("no Go type for " + t.Name)
		}
		w.members(t, s, c, at)
	case model.KindArray:
		w.elements(t.Len, func(i int) {
			index := fmt.Sprintf("[%d]", i)
			w.value(t.Elem, c+index, place{at.expr + index, at.addr, at.pre, at.post})
		})
	default:
		w.leaf(t, c, at)
	}
}

// elements visits the first and the last element.
func (w *walker) elements(n int, visit func(int)) {
	if n > 0 {
		visit(0)
	}
	if n > 1 {
		visit(n - 1)
	}
}

func (w *walker) leaf(t *model.Type, c string, at place) {
	p := probe{c: c, bits: t.Size * 8, pre: at.pre, post: at.post}
	p.kind = kindOf(t)
	if t.Kind == model.KindInt && t.Name == "char" && strings.HasSuffix(at.expr, "]") {
		p.kind = unsigned // an element of text is a byte
	}
	if t.Kind == model.KindPtr {
		p.bits = 64
	}
	p.wide = p.bits > 64
	if at.addr {
		p.ref = reference(p) + "(&" + at.expr + ")"
	}
	p.get = getter(p, at.expr)
	p.set = at.expr + " = " + converted(p, at.expr)
	w.out = append(w.out, p)
}

func kindOf(t *model.Type) kind {
	switch {
	case t.Kind == model.KindPtr:
		return pointer
	case t.Kind == model.KindFloat:
		return float
	case t.Bool:
		return boolean
	case t.Signed:
		return signed
	}
	return unsigned
}

// reference is the function that turns a pointer to a member into a scalar.
func reference(p probe) string {
	switch {
	case p.wide && p.kind == signed:
		return "signed128"
	case p.wide:
		return "unsigned128"
	case p.kind == boolean:
		return "bool1"
	}
	return "number1"
}

// getter and converted convert between a Go type and a pair of 64-bit integers.
func getter(p probe, expr string) string {
	switch {
	case p.wide:
		return fmt.Sprintf("uint64(%s.Lo), uint64(%s.Hi)", expr, expr)
	case p.kind == boolean:
		return fmt.Sprintf("one(%s), 0", expr)
	}
	return fmt.Sprintf("uint64(%s), 0", expr)
}

func converted(p probe, expr string) string {
	switch {
	case p.wide && p.kind == signed:
		return "layout.Int128{Lo: v[0], Hi: int64(v[1])}"
	case p.wide:
		return "layout.Uint128{Lo: v[0], Hi: v[1]}"
	case p.kind == boolean:
		return "v[0] != 0"
	}
	return "as(" + expr + ", v[0])"
}

// members visits the members that C reaches as c.NAME, anonymous structs included.
func (w *walker) members(t *model.Type, s *gotype.Struct, c string, at place) {
	for _, m := range t.Members {
		inner := w.types.At(w.types.Skip(m.Type, true))
		switch {
		case m.Name == "" && m.BitSize == 0:
			w.members(inner, s, c, at)
		case m.Name != "":
			w.member(m, s, c+"."+m.Name, at)
		}
	}
}

func (w *walker) member(m model.Member, s *gotype.Struct, c string, at place) {
	if i := slices.IndexFunc(s.Fields, func(f gotype.Field) bool { return f.Member == m.Name }); i >= 0 {
		w.value(m.Type, c, place{at.expr + "." + s.Fields[i].Name, at.addr, at.pre, at.post})
		return
	}
	i := slices.IndexFunc(s.Methods, func(f gotype.Method) bool { return f.Member == m.Name })
	if i < 0 {
		panic(s.C + " lost its member " + m.Name)
	}
	f := &s.Methods[i]
	call := at.expr + "." + f.Name
	switch f.Access {
	case gotype.AccessPointer:
		w.value(m.Type, c, place{"(*" + call + "())", at.addr, at.pre, at.post})
	case gotype.AccessValue:
		w.copied(m.Type, c, call+"()", at.expr+"."+f.Setter+"(%s)", at)
	case gotype.AccessElement:
		elem := w.types.At(w.types.Skip(m.Type, true))
		w.elements(f.Elements, func(i int) {
			w.copied(elem.Elem, fmt.Sprintf("%s[%d]", c, i), fmt.Sprintf("%s(%d)", call, i),
				fmt.Sprintf("%s.%s(%d, %%s)", at.expr, f.Setter, i), at)
		})
	case gotype.AccessBits:
		w.bits(m, f, c, call, at)
	case gotype.AccessTail:
		if at.addr {
			w.out = append(w.out, probe{c: c, kind: address, ref: "at(&" + call + "(1)[0])"})
		}
	}
}

// copied accesses a copy in a variable, and stores the copy with set.
func (w *walker) copied(id model.TypeID, c, get, set string, at place) {
	w.temps++
	temp := fmt.Sprintf("t%d", w.temps)
	pre := append(slices.Clone(at.pre), temp+" := "+get)
	post := append([]string{fmt.Sprintf(set, temp)}, at.post...)
	w.value(id, c, place{temp, false, pre, post})
}

func (w *walker) bits(m model.Member, f *gotype.Method, c, call string, at place) {
	t := w.types.At(w.types.Skip(m.Type, true))
	p := probe{c: c, bits: m.BitSize, bitfield: true, pre: at.pre, post: at.post, kind: kindOf(t), wide: m.BitSize > 64}
	p.get = getter(p, call+"()")
	p.set = fmt.Sprintf("%s.%s(%s)", at.expr, f.Setter, converted(p, call+"()"))
	w.out = append(w.out, p)
}

// value is a value to write to a probe: the low bits of a 128-bit number.
type value [2]uint64

// values are all ones, one, and a random pattern.
func (p probe) values(r *rand.Rand) []value {
	out := []value{{^uint64(0), ^uint64(0)}, {1, 0}, {r.Uint64(), r.Uint64()}}
	for i := range out {
		out[i] = p.cut(out[i])
	}
	return out
}

// cut limits a value to the probe's size, as C reads it back.
func (p probe) cut(v value) value {
	switch p.kind {
	case boolean:
		return value{v[0] & 1, 0}
	case float:
		return value{v[0] >> 44, 0}
	}
	n := uint(p.bits)
	negative := p.kind == signed && (n <= 64 && v[0]>>(n-1)&1 == 1 || n > 64 && v[1]>>(n-65)&1 == 1)
	for i := range v {
		switch low := uint(i) * 64; {
		case n <= low:
			v[i] = 0
		case n < low+64:
			v[i] &= 1<<(n-low) - 1
		}
		if negative {
			v[i] |= ^uint64(0) << min(max(n, uint(i)*64)-uint(i)*64, 64)
		}
	}
	if !p.wide {
		v[1] = 0
	}
	return v
}

// cValue spells a value as C assigns it.
func (p probe) cValue(v value) string {
	switch {
	case p.kind == pointer:
		return fmt.Sprintf("(void *)%#xUL", v[0])
	case p.wide:
		return fmt.Sprintf("(unsigned __int128)%#xULL << 64 | %#xULL", v[1], v[0])
	}
	return fmt.Sprintf("%#xULL", v[0])
}
