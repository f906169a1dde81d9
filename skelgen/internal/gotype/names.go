package gotype

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// names assigns a Go name to every reached type and every enumerator. They share one
// scope with the types of sections, and none has precedence:
//
//   - sections, and their views
//   - struct, union and enum tags
//   - typedefs that name an anonymous type, then other typedefs
//   - enumerators
//   - anonymous types, which are named after the member or variable that has them
//
// Views and Fields of structs are named after these.
type names struct {
	*reached
	// of has the Go name of each canonical type.
	of map[model.TypeID]string
	// typedefs are the typedefs to declare, by the first of each group that
	// shares one name and one meaning.
	typedefs map[model.TypeID][]model.TypeID
	// values has the Go names of an enumeration's constants.
	values map[model.TypeID][]string

	items  []ident.Item
	assign []func(names []string) // receives each item's names
	// plain is a type's Go name unless that collides, c its C name.
	plain, c map[model.TypeID]string
	// sameAs are typedefs with the same name as the type behind them.
	sameAs map[model.TypeID]model.TypeID
}

func nameTypes(r *reached, scope *ident.Scope, sections []Section) *names {
	n := &names{
		reached:  r,
		of:       map[model.TypeID]string{},
		typedefs: map[model.TypeID][]model.TypeID{},
		values:   map[model.TypeID][]string{},
		plain:    map[model.TypeID]string{},
		c:        map[model.TypeID]string{},
		sameAs:   map[model.TypeID]model.TypeID{},
	}
	n.sections(sections)
	n.named(func(id model.TypeID, t *model.Type) bool { return t.Kind != model.KindTypedef && t.Name != "" })
	n.named(func(id model.TypeID, t *model.Type) bool {
		return t.Kind == model.KindTypedef && r.owner[r.types.Skip(t.Elem, false)] == id
	})
	for id, owner := range r.owner {
		n.plain[r.canonicalIDs[id]], n.c[r.canonicalIDs[id]] = n.plain[owner], n.c[owner]
	}
	n.otherTypedefs()
	n.enumerators()
	for _, id := range r.order {
		if n.plain[id] == "" {
			n.anonymous(id)
		}
	}
	for i, names := range scope.AddItems(n.items) {
		n.assign[i](names)
	}
	for id, owner := range r.owner {
		n.of[r.canonicalIDs[id]] = n.of[owner]
	}
	for id, target := range n.sameAs {
		n.of[id] = n.of[target]
	}
	return n
}

func (n *names) add(item ident.Item, assign func(names []string)) {
	n.items, n.assign = append(n.items, item), append(n.assign, assign)
}

// add1 asks for the name of the type id.
func (n *names) add1(id model.TypeID, plain, c string) {
	n.plain[id], n.c[id] = plain, c
	n.add(ident.Item{C: c, Go: plain}, func(names []string) { n.of[id] = names[0] })
}

func (n *names) sections(sections []Section) {
	for i := range sections {
		s := &sections[i]
		item := ident.Item{C: "section_" + s.CName, Go: ident.Go(s.CName)}
		if s.Frozen {
			item.Derived = []ident.Affix{{Suffix: "View"}}
		}
		n.add(item, func(names []string) {
			if s.Type = names[0]; s.Frozen {
				s.View = names[1]
			}
		})
	}
}

// named asks for the names of the types that match and have a C name.
func (n *names) named(match func(model.TypeID, *model.Type) bool) {
	for _, id := range n.order {
		if t := n.types.At(id); match(id, t) {
			n.add1(id, ident.Go(t.Name), t.Name)
		}
	}
}

// otherTypedefs names the typedefs of scalars, arrays and tagged types. Those
// with the same Go name and meaning ("__u64" and "u64") share a declaration, and
// a typedef with the same name as the type behind it needs none.
func (n *names) otherTypedefs() {
	var groups [][]model.TypeID
	called := map[string][]int{} // groups by Go name
	for _, id := range n.order {
		t := n.types.At(id)
		if t.Kind != model.KindTypedef || n.plain[id] != "" || !n.sized(id) ||
			plainInt.MatchString(t.Name) && !n.asked(id) {
			continue
		}
		name := ident.Go(t.Name)
		n.plain[id] = name
		if target := n.canonical(n.types.Skip(id, true)); n.plain[target] == name {
			n.sameAs[id] = target
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
	for _, g := range groups {
		first := slices.MinFunc(g, func(a, b model.TypeID) int {
			x, y := n.types.At(a).Name, n.types.At(b).Name
			return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
		})
		c := n.types.At(first).Name
		n.add(ident.Item{C: c}, func(names []string) {
			n.typedefs[g[0]] = g
			for _, id := range g {
				n.of[id] = names[0]
			}
		})
	}
}

// sized reports whether a field can have the type: a typedef of a function or of a
// forward declaration can only be the target of a pointer.
func (n *names) sized(id model.TypeID) bool {
	_, ok := n.types.SizeOf(id)
	return ok
}

// alike reports whether two typedefs have the same Go type.
func (n *names) alike(a, b model.TypeID) bool {
	a, b = n.types.Skip(a, true), n.types.Skip(b, true)
	x, y := n.types.At(a), n.types.At(b)
	if x.Kind == model.KindInt && y.Kind == model.KindInt {
		return x.Size == y.Size && x.Signed == y.Signed && x.Bool == y.Bool
	}
	return n.equal(a, b, nil)
}

func (n *names) enumerators() {
	for _, id := range n.order {
		values := n.types.At(id).Values
		n.values[id] = make([]string, len(values))
		for i, v := range values {
			n.add(ident.Item{C: v.Name}, func(names []string) { n.values[id][i] = names[0] })
		}
	}
}

// anonymous names a type without a C name after the member, variable or map
// that uses it first. Owners precede what they contain, so they have names.
func (n *names) anonymous(id model.TypeID) {
	if n.types.At(id).Kind == model.KindTypedef {
		return
	}
	h := n.hints[id]
	c := h.c
	if n.c[h.owner] != "" {
		c = n.c[h.owner] + "_" + c
	}
	n.add1(id, n.plain[h.owner]+ident.Go(h.c)+h.suffix, c)
}

// canonical returns the first type that is equal to id.
func (r *reached) canonical(id model.TypeID) model.TypeID {
	if same, ok := r.canonicalIDs[id]; ok {
		return same
	}
	return id
}

// plainInt matches the names of integers that are predeclared in Go.
var plainInt = regexp.MustCompile(`^(__)?[us](8|16|32|64)$|^u?int(8|16|32|64)_t$|^bool$`)
