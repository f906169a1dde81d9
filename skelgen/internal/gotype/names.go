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
type typeNames struct {
	*reachedTypes
	// goNames has the Go name of each canonical type.
	goNames map[model.TypeID]string
	// typedefs are the typedefs to declare, by the first of each group that
	// shares one name and one meaning.
	typedefs map[model.TypeID][]model.TypeID
	// values has the Go names of an enumeration's constants.
	values map[model.TypeID][]string

	items  []ident.Item
	assign []func(names []string) // receives each item's names
	// preferred is a type's Go name unless that collides.
	preferred, cNames map[model.TypeID]string
	// sameAs are typedefs with the same name as the type behind them.
	sameAs map[model.TypeID]model.TypeID
}

func nameTypes(r *reachedTypes, scope *ident.Scope, sections []Section) *typeNames {
	n := &typeNames{
		reachedTypes: r,
		goNames:      map[model.TypeID]string{},
		typedefs:     map[model.TypeID][]model.TypeID{},
		values:       map[model.TypeID][]string{},
		preferred:    map[model.TypeID]string{},
		cNames:       map[model.TypeID]string{},
		sameAs:       map[model.TypeID]model.TypeID{},
	}
	n.addSections(sections)
	n.addNamedTypes(func(id model.TypeID, t *model.Type) bool { return t.Kind != model.KindTypedef && t.Name != "" })
	n.addNamedTypes(func(id model.TypeID, t *model.Type) bool {
		return t.Kind == model.KindTypedef && r.owner[r.types.Skip(t.Elem, false)] == id
	})
	for id, owner := range r.owner {
		n.preferred[r.canonicalIDs[id]], n.cNames[r.canonicalIDs[id]] = n.preferred[owner], n.cNames[owner]
	}
	n.addTypedefs()
	n.addEnumerators()
	for _, id := range r.order {
		if n.preferred[id] == "" {
			n.addAnonymous(id)
		}
	}
	for i, names := range scope.AddItems(n.items) {
		n.assign[i](names)
	}
	for id, owner := range r.owner {
		n.goNames[r.canonicalIDs[id]] = n.goNames[owner]
	}
	for id, target := range n.sameAs {
		n.goNames[id] = n.goNames[target]
	}
	return n
}

func (n *typeNames) add(item ident.Item, assign func(names []string)) {
	n.items, n.assign = append(n.items, item), append(n.assign, assign)
}

// addType asks for the name of the type id.
func (n *typeNames) addType(id model.TypeID, plain, c string) {
	n.preferred[id], n.cNames[id] = plain, c
	n.add(ident.Item{C: c, Go: plain}, func(names []string) { n.goNames[id] = names[0] })
}

func (n *typeNames) addSections(sections []Section) {
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

// addNamedTypes asks for the names of the types that match and have a C name.
func (n *typeNames) addNamedTypes(match func(model.TypeID, *model.Type) bool) {
	for _, id := range n.order {
		if t := n.types.At(id); match(id, t) {
			n.addType(id, ident.Go(t.Name), t.Name)
		}
	}
}

// addTypedefs names the typedefs of scalars, arrays and tagged types. Those with the same
// Go name and meaning ("__u64" and "u64") share a declaration, and a typedef with the same
// name as the type behind it needs no declaration.
func (n *typeNames) addTypedefs() {
	var groups [][]model.TypeID
	called := map[string][]int{} // groups by Go name
	for _, id := range n.order {
		t := n.types.At(id)
		if t.Kind != model.KindTypedef || n.preferred[id] != "" || !n.hasSize(id) ||
			predeclaredInt.MatchString(t.Name) && !n.requested(id) {
			continue
		}
		name := ident.Go(t.Name)
		n.preferred[id] = name
		if target := n.canonical(n.types.Skip(id, true)); n.preferred[target] == name {
			n.sameAs[id] = target
			continue
		}
		i := slices.IndexFunc(called[name], func(i int) bool { return n.sameGoType(groups[i][0], id) })
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
				n.goNames[id] = names[0]
			}
		})
	}
}

// hasSize reports whether a field can have the type: a typedef of a function or of a
// forward declaration can only be the target of a pointer.
func (n *typeNames) hasSize(id model.TypeID) bool {
	_, ok := n.types.SizeOf(id)
	return ok
}

// sameGoType reports whether two typedefs have the same Go type.
func (n *typeNames) sameGoType(a, b model.TypeID) bool {
	a, b = n.types.Skip(a, true), n.types.Skip(b, true)
	x, y := n.types.At(a), n.types.At(b)
	if x.Kind == model.KindInt && y.Kind == model.KindInt {
		return x.Size == y.Size && x.Signed == y.Signed && x.Bool == y.Bool
	}
	return n.equal(a, b, nil)
}

func (n *typeNames) addEnumerators() {
	for _, id := range n.order {
		values := n.types.At(id).Values
		n.values[id] = make([]string, len(values))
		for i, v := range values {
			n.add(ident.Item{C: v.Name}, func(names []string) { n.values[id][i] = names[0] })
		}
	}
}

// addAnonymous names a type without a C name after the member, variable or map that uses
// it first. Owners precede their members, so they have names.
func (n *typeNames) addAnonymous(id model.TypeID) {
	if n.types.At(id).Kind == model.KindTypedef {
		return
	}
	use := n.firstUses[id]
	c := use.c
	if n.cNames[use.owner] != "" {
		c = n.cNames[use.owner] + "_" + c
	}
	n.addType(id, n.preferred[use.owner]+ident.Go(use.c)+use.suffix, c)
}

// canonical returns the first type that is equal to id.
func (r *reachedTypes) canonical(id model.TypeID) model.TypeID {
	if same, ok := r.canonicalIDs[id]; ok {
		return same
	}
	return id
}

// predeclaredInt matches the names of integers that are predeclared in Go.
var predeclaredInt = regexp.MustCompile(`^(__)?[us](8|16|32|64)$|^u?int(8|16|32|64)_t$|^bool$`)
