package gotype

import (
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// reachedTypes are the types that get a Go name: every struct, union, enum and
// typedef that is part of a root (a variable, a key, a value, a struct_ops), in
// the order in which they are first reached. A pointer is followed only if it is
// itself a variable: a pointer to a kernel type inside a struct would bring in
// half of the kernel.
type reachedTypes struct {
	types model.Types
	// order are the types to declare, each the canonical one of its group.
	order []model.TypeID
	// firstUses are the first uses of anonymous types.
	firstUses map[model.TypeID]firstUse
	// owner is the typedef that names an anonymous type.
	owner map[model.TypeID]model.TypeID
	// canonicalIDs maps a type to the first one equal to it in name and layout.
	canonicalIDs     map[model.TypeID]model.TypeID
	byTag            map[string][]model.TypeID
	visitedAnonymous map[model.TypeID]bool // anonymous members whose own members were visited
	int128s          [2]bool               // __int128 is used: signed, unsigned
	requestedTypes   map[model.TypeID]bool // types that Options.Extra asks for
}

// firstUse is the first use of an anonymous type: as a member of the type owner,
// or (owner 0) as a variable, key or value. c is the C name there.
type firstUse struct {
	owner  model.TypeID
	c      string
	suffix string // "Key", "Value"
}

func newReachedTypes(types model.Types) *reachedTypes {
	return &reachedTypes{
		types:            types,
		firstUses:        map[model.TypeID]firstUse{},
		owner:            map[model.TypeID]model.TypeID{},
		canonicalIDs:     map[model.TypeID]model.TypeID{},
		byTag:            map[string][]model.TypeID{},
		visitedAnonymous: map[model.TypeID]bool{},
		requestedTypes:   map[model.TypeID]bool{},
	}
}

// variable visits the type of a variable, and the types that it points to.
func (r *reachedTypes) variable(id model.TypeID, use firstUse) {
	r.visit(id, use)
	for range len(r.types) {
		t := r.types.At(r.types.Skip(id, true))
		switch t.Kind {
		case model.KindArray:
			id = t.Elem
		case model.KindPtr:
			id = t.Elem
			r.visit(id, use)
		default:
			return
		}
	}
}

// visit records a type and the types that it is made of.
func (r *reachedTypes) visit(id model.TypeID, use firstUse) {
	t := r.types.At(id)
	switch t.Kind {
	case model.KindConst, model.KindVolatile, model.KindRestrict, model.KindTypeTag, model.KindVar, model.KindArray:
		if !r.seen(id) {
			r.visit(t.Elem, use)
		}
	case model.KindTypedef:
		r.typedef(id, t, use)
	case model.KindStruct, model.KindUnion:
		if id, first := r.declare(id, t, use); first {
			r.members(id, t)
		}
	case model.KindEnum, model.KindEnum64:
		if _, ok := enumInteger(t); ok {
			r.declare(id, t, use)
		}
	case model.KindInt:
		if t.Size == 16 && t.Signed {
			r.int128s[0] = true
		} else if t.Size == 16 {
			r.int128s[1] = true
		}
	}
}

// seen marks a type that does not need a declaration as visited.
func (r *reachedTypes) seen(id model.TypeID) bool {
	_, ok := r.canonicalIDs[id]
	r.canonicalIDs[id] = id
	return ok
}

func (r *reachedTypes) typedef(id model.TypeID, t *model.Type, use firstUse) {
	if _, ok := r.canonicalIDs[id]; ok {
		return
	}
	for _, other := range r.byTag["typedef "+t.Name] {
		if r.equal(id, other, nil) {
			r.canonicalIDs[id] = other
			r.nameAnonymous(id, other)
			return
		}
	}
	r.canonicalIDs[id] = id
	r.byTag["typedef "+t.Name] = append(r.byTag["typedef "+t.Name], id)
	r.nameAnonymous(id, id)
	r.order = append(r.order, id)
	r.visit(t.Elem, use)
}

// nameAnonymous makes a typedef the name of the anonymous type behind it. Of several
// typedefs, the first reached becomes the name.
func (r *reachedTypes) nameAnonymous(id, owner model.TypeID) {
	target := r.types.Skip(r.types.At(id).Elem, false)
	t := r.types.At(target)
	if _, ok := enumInteger(t); !ok && (t.Kind == model.KindEnum || t.Kind == model.KindEnum64) {
		return
	}
	switch t.Kind {
	case model.KindStruct, model.KindUnion, model.KindEnum, model.KindEnum64:
		if _, named := r.owner[target]; t.Name == "" && !named {
			r.owner[target] = owner
			if owner != id {
				r.canonicalIDs[target] = r.types.Skip(r.types.At(owner).Elem, false)
			}
		}
	}
}

// declare records a struct, union or enum, and returns the first type equal to
// it and whether it is a new one.
func (r *reachedTypes) declare(id model.TypeID, t *model.Type, use firstUse) (model.TypeID, bool) {
	if same, ok := r.canonicalIDs[id]; ok {
		return same, false
	}
	key := baseName(t)
	if t.Name != "" {
		for _, other := range r.byTag[key] {
			if r.equal(id, other, nil) {
				r.canonicalIDs[id] = other
				return other, false
			}
		}
		r.byTag[key] = append(r.byTag[key], id)
	}
	r.canonicalIDs[id] = id
	if _, ok := r.firstUses[id]; !ok {
		r.firstUses[id] = use
	}
	r.order = append(r.order, id)
	return id, true
}

// members visits the types of the struct owner's members. Members of an anonymous
// struct or union count as members of the enclosing struct.
func (r *reachedTypes) members(owner model.TypeID, t *model.Type) {
	for _, m := range t.Members {
		if inner, ok := anonymous(r.types, m); !ok {
			r.visit(m.Type, firstUse{owner: owner, c: m.Name})
		} else if inner != owner && !r.visitedAnonymous[inner] {
			r.visitedAnonymous[inner] = true
			r.members(owner, r.types.At(inner))
		}
	}
}

// anonymous returns the struct or union whose members count as members of the enclosing
// struct.
func anonymous(types model.Types, m model.Member) (model.TypeID, bool) {
	id := types.Skip(m.Type, true)
	kind := types.At(id).Kind
	return id, m.Name == "" && m.BitSize == 0 && (kind == model.KindStruct || kind == model.KindUnion)
}

// equal reports whether two types have the same name and layout, so that they can share
// one Go type: an object linked from several has such duplicates.
func (r *reachedTypes) equal(a, b model.TypeID, assumed map[[2]model.TypeID]bool) bool {
	a, b = r.types.Skip(a, false), r.types.Skip(b, false)
	pair := [2]model.TypeID{a, b}
	if a == b || assumed[pair] {
		return true
	}
	x, y := r.types.At(a), r.types.At(b)
	if x.Kind != y.Kind || x.Name != y.Name || x.Size != y.Size || x.Len != y.Len ||
		x.Bits != y.Bits || x.BitOffset != y.BitOffset || x.Signed != y.Signed || x.Bool != y.Bool ||
		len(x.Members) != len(y.Members) || len(x.Values) != len(y.Values) {
		return false
	}
	if assumed == nil {
		assumed = map[[2]model.TypeID]bool{}
	}
	assumed[pair] = true
	switch x.Kind {
	case model.KindArray, model.KindTypedef:
		return r.equal(x.Elem, y.Elem, assumed)
	case model.KindEnum, model.KindEnum64:
		for i := range x.Values {
			if x.Values[i] != y.Values[i] {
				return false
			}
		}
	}
	for i := range x.Members {
		m, n := &x.Members[i], &y.Members[i]
		if m.Name != n.Name || m.BitOffset != n.BitOffset || m.BitSize != n.BitSize ||
			!r.equal(m.Type, n.Type, assumed) {
			return false
		}
	}
	return true
}
