//go:build cgo

package layouttest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// viewer finds the Go expressions that read scalars through views.
type viewer struct {
	walker
	views map[string]*gotype.View
}

// frozen returns the Go expressions with which a view of the section reads each scalar
// of a variable, by C expression. It leaves out text, which a getter returns as a whole.
func frozen(types model.Types, pkg *gotype.Package, s *gotype.Section, v *model.Type) map[string]string {
	w := &viewer{walker{types: types, pkg: pkg, decls: structs(pkg)}, map[string]*gotype.View{}}
	for _, d := range pkg.Decls {
		if view, ok := d.(*gotype.View); ok {
			w.views[view.Name] = view
		}
	}
	w.read(w.views[s.View], model.Member{Name: v.Name, Type: v.Elem}, v.Name, "view")
	out := map[string]string{}
	for _, p := range w.out {
		out[p.c] = p.get
	}
	return out
}

// read visits the getter of one member.
func (w *viewer) read(view *gotype.View, m model.Member, c, expr string) {
	i := slices.IndexFunc(view.Getters, func(g gotype.Getter) bool { return g.Member == m.Name })
	if i < 0 {
		panic(view.Name + " lost " + m.Name)
	}
	g := &view.Getters[i]
	id := w.types.Skip(m.Type, true)
	if w.types.At(id).Kind == model.KindArray && w.types.At(id).Len == 0 {
		return // the caller must know its length
	}
	w.index(len(g.Params), id, c, nil, func(id model.TypeID, c string, args []string) {
		call := fmt.Sprintf("%s.%s(%s)", expr, g.Name, strings.Join(args, ", "))
		t := w.types.At(w.types.Skip(id, true))
		switch inner := w.views[g.Type]; {
		case inner != nil:
			w.inside(inner, t, c, call)
		case g.Type == "string":
		case m.BitSize > 0:
			p := probe{c: c, kind: kindOf(t), wide: m.BitSize > 64}
			p.get = getter(p, call)
			w.out = append(w.out, p)
		default:
			w.value(id, c, place{expr: call})
		}
	})
}

// index visits the first and the last element of each of n dimensions.
func (w *viewer) index(n int, id model.TypeID, c string, args []string, visit func(model.TypeID, string, []string)) {
	if n == 0 {
		visit(id, c, args)
		return
	}
	t := w.types.At(w.types.Skip(id, true))
	w.elements(t.Len, func(i int) {
		w.index(n-1, t.Elem, fmt.Sprintf("%s[%d]", c, i), append(slices.Clone(args), fmt.Sprint(i)), visit)
	})
}

// inside visits the members of a struct through its view.
func (w *viewer) inside(view *gotype.View, t *model.Type, c, expr string) {
	for _, m := range t.Members {
		switch {
		case m.Name == "" && m.BitSize == 0:
			w.inside(view, w.types.At(w.types.Skip(m.Type, true)), c, expr)
		case m.Name != "":
			w.read(view, m, c+"."+m.Name, expr)
		}
	}
}
