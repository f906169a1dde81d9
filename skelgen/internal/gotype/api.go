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
// order; "" for an internal map that has none in a C skeleton either. User
// maps have precedence over internal ones.
func (p *Package) MapFields() []string {
	out := make([]string, len(p.obj.Maps))
	scope := ident.NewScope()
	for _, internal := range []bool{false, true} {
		var c []string
		var at []int
		for i := range p.obj.Maps {
			m := &p.obj.Maps[i]
			if name, ok := ident.MapC(m.Name, internal); ok && m.Internal == internal {
				c, at = append(c, name), append(at, i)
			}
		}
		for i, name := range scope.Add(c...) {
			out[at[i]] = name
		}
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
// for all others, of struct_ops maps, which share one space; programs have
// precedence.
func (p *Package) LinkFields() (progs, maps []string) {
	scope := ident.NewScope()
	c := make([]string, len(p.obj.Programs))
	for i := range p.obj.Programs {
		c[i] = p.obj.Programs[i].Name
	}
	progs = scope.Add(c...)
	maps = make([]string, len(p.obj.Maps))
	var at []int
	c = nil
	for i := range p.obj.Maps {
		if m := &p.obj.Maps[i]; m.Type == uapi.MapTypeStructOps {
			c, at = append(c, m.Name), append(at, i)
		}
	}
	for i, name := range scope.Add(c...) {
		maps[at[i]] = name
	}
	return progs, maps
}
