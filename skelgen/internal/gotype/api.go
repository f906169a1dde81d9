package gotype

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Expr returns the Go type for a map's key or value of size bytes: an array of
// bytes where the map declares no type, or one of another size.
func (p *Package) Expr(id model.TypeID, size uint32) string {
	if id != 0 {
		if gt := p.goType(id); !gt.bare && gt.size == int(size) {
			return gt.expr
		}
	}
	return fmt.Sprintf("[%d]byte", size)
}

// Doc returns the C spelling of a type, on one line.
func (p *Package) Doc(id model.TypeID) string { return cDecl(p.types, id, "") }

// Reserved returns the names that the types take at package level, or that are
// kept for the package itself, sorted.
func (p *Package) Reserved() []string { return p.scope.Taken() }

// MapFields returns the names of the fields for the object's maps, in their
// order; "" for an internal map that has none in a C skeleton either.
func (p *Package) MapFields() []string {
	out := make([]string, len(p.obj.Maps))
	var c []string
	var at []int
	for i := range p.obj.Maps {
		m := &p.obj.Maps[i]
		if name, ok := ident.MapC(m.Name, m.Internal); ok {
			c, at = append(c, name), append(at, i)
		}
	}
	for i, name := range ident.NewScope().Add(c...) {
		out[at[i]] = name
	}
	return out
}

// ProgFields returns the names of the fields for the object's programs, in
// their order.
func (p *Package) ProgFields() []string {
	progs, _ := p.LinkFields()
	return progs
}

// LinkFields returns the names of the fields for the links of programs and, ""
// for all others, of struct_ops maps, which share one space.
func (p *Package) LinkFields() (progs, maps []string) {
	var c []string
	for i := range p.obj.Programs {
		c = append(c, p.obj.Programs[i].Name)
	}
	var at []int
	for i := range p.obj.Maps {
		if m := &p.obj.Maps[i]; m.Type == uapi.MapTypeStructOps {
			c, at = append(c, m.Name), append(at, i)
		}
	}
	names := ident.NewScope().Add(c...)
	maps = make([]string, len(p.obj.Maps))
	for i, m := range at {
		maps[m] = names[len(p.obj.Programs)+i]
	}
	return names[:len(p.obj.Programs)], maps
}
