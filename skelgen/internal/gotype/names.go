package gotype

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// names gives every reached type, and every enumerator, its Go name. Classes of
// names come one after the other, and each has precedence over those after it:
//
//  1. names of the package's own, sections and their views
//  2. struct, union and enum tags
//  3. typedefs that name an anonymous type, then other typedefs
//  4. enumerators
//  5. anonymous types, called after the place where they are used
//
// (Views of structs and struct_ops shadows take what is then left.)
type names struct {
	*reached
	scope *ident.Scope
	// of has the Go name of each canonical type.
	of map[model.TypeID]string
	// typedefs are the typedefs to declare, by the first of each group that
	// shares one name and one meaning.
	typedefs map[model.TypeID][]model.TypeID
	// values has the Go names of an enumeration's constants.
	values map[model.TypeID][]string
}

func nameTypes(r *reached, scope *ident.Scope) *names {
	n := &names{
		reached:  r,
		scope:    scope,
		of:       map[model.TypeID]string{},
		typedefs: map[model.TypeID][]model.TypeID{},
		values:   map[model.TypeID][]string{},
	}
	n.add(func(id model.TypeID, t *model.Type) bool { return t.Kind != model.KindTypedef && t.Name != "" })
	n.add(func(id model.TypeID, t *model.Type) bool {
		return t.Kind == model.KindTypedef && r.owner[r.types.Skip(t.Elem, false)] == id
	})
	for id, owner := range r.owner {
		n.of[r.same[id]] = n.of[owner]
	}
	n.otherTypedefs()
	n.enumerators()
	for _, id := range r.order {
		if n.of[id] == "" {
			n.anonymous(id)
		}
	}
	return n
}

// add names the types that match.
func (n *names) add(match func(model.TypeID, *model.Type) bool) {
	var ids []model.TypeID
	var c []string
	for _, id := range n.order {
		if t := n.types.At(id); match(id, t) {
			ids, c = append(ids, id), append(c, t.Name)
		}
	}
	for i, name := range n.scope.Add(c...) {
		n.of[ids[i]] = name
	}
}

// otherTypedefs names the typedefs of scalars, arrays and tagged types. Those
// of one Go name and one meaning ("__u64" and "u64") share a declaration, and
// one that would be called as what it stands for needs none.
func (n *names) otherTypedefs() {
	var groups [][]model.TypeID
	called := map[string][]int{} // groups by Go name
	for _, id := range n.order {
		t := n.types.At(id)
		if t.Kind != model.KindTypedef || n.of[id] != "" || !n.sized(id) {
			continue
		}
		name := ident.Go(t.Name)
		if n.of[n.canonical(n.types.Skip(id, true))] == name {
			n.of[id] = name
			continue
		}
		i := slices.IndexFunc(called[name], func(i int) bool { return n.alike(groups[i][0], id) })
		if i < 0 {
			called[name] = append(called[name], len(groups))
			groups = append(groups, []model.TypeID{id})
		} else {
			i = called[name][i]
			groups[i] = append(groups[i], id)
		}
	}
	c := make([]string, len(groups))
	for i, g := range groups {
		first := slices.MinFunc(g, func(a, b model.TypeID) int {
			x, y := n.types.At(a).Name, n.types.At(b).Name
			return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
		})
		c[i] = n.types.At(first).Name
	}
	for i, name := range n.scope.Add(c...) {
		n.typedefs[groups[i][0]] = groups[i]
		for _, id := range groups[i] {
			n.of[id] = name
		}
	}
}

// sized tells whether a type can be that of a field: a typedef of a function or
// of a forward declaration is no more than the spelling of a pointer's target.
func (n *names) sized(id model.TypeID) bool {
	_, ok := n.types.SizeOf(id)
	return ok
}

// alike tells whether two typedefs have one Go type.
func (n *names) alike(a, b model.TypeID) bool {
	a, b = n.types.Skip(a, true), n.types.Skip(b, true)
	x, y := n.types.At(a), n.types.At(b)
	if x.Kind == model.KindInt && y.Kind == model.KindInt {
		return x.Size == y.Size && x.Signed == y.Signed && x.Bool == y.Bool
	}
	return n.equal(a, b, nil)
}

func (n *names) enumerators() {
	var c []string
	for _, id := range n.order {
		for _, v := range n.types.At(id).Values {
			c = append(c, v.Name)
		}
	}
	all := n.scope.Add(c...)
	for _, id := range n.order {
		count := len(n.types.At(id).Values)
		n.values[id], all = all[:count], all[count:]
	}
}

// anonymous names a type without a C name after the member, variable or map
// where it is first used. Owners precede what they contain, so they are named.
func (n *names) anonymous(id model.TypeID) {
	t := n.types.At(id)
	if t.Kind == model.KindTypedef {
		return
	}
	h := n.hints[id]
	n.of[id] = n.scope.Derive(n.of[h.owner]+ident.Go(h.c)+h.end, h.c)
}

// canonical returns the type that stands for id.
func (r *reached) canonical(id model.TypeID) model.TypeID {
	if same, ok := r.same[id]; ok {
		return same
	}
	return id
}

// plainInt matches the names of integers that Go has a name of its own for.
var plainInt = regexp.MustCompile(`^(__)?[us](8|16|32|64)$|^u?int(8|16|32|64)_t$|^bool$`)
