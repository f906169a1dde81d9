package gotype

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// How a C struct becomes a Go struct:
//
//  1. Members of anonymous structs and unions count as the struct's own: these
//     are the leaves, each with its offset in bits.
//  2. A leaf becomes a field where Go would put it at its offset by itself: it
//     is no bitfield, shares no byte with another, and its Go alignment divides
//     both its offset and the struct's size.
//  3. Every other leaf gets methods, and lies in a storage field of bytes. Leaves
//     that overlap share one, and so do neighbouring bitfields.
//  4. Gaps, the tail included, become blank fields. So no Go compiler adds
//     padding of its own, whatever it aligns 64-bit integers to.

// span is a range of bytes, [from, to).
type span struct{ from, to int }

func (s span) meets(o span) bool { return s.from < o.to && o.from < s.to }

// leaf is a member as C code names it.
type leaf struct {
	c    string // C name
	name string // Go name
	decl string // C declaration
	typ  model.TypeID
	// bit is the offset in bits, bits the width of a bitfield or 0.
	bit, bits int
	// extent is the size of a variable, which may be larger than that of its
	// type (an initialised flexible array); -1 for members.
	extent int
	// group is the outermost anonymous union around it.
	group *span

	gt     goType
	tail   bool   // a flexible array
	slot   bool   // a function of a struct_ops
	field  bool   // a field of the struct
	access Method // if it is not a field
	method int    // index of that in the struct's
}

// bytes is the range that the leaf lies in.
func (l *leaf) bytes() span {
	if l.bits > 0 {
		return span{l.bit / 8, (l.bit + l.bits + 7) / 8}
	}
	return span{l.bit / 8, l.bit/8 + l.gt.size}
}

// storage is the range that its storage must cover.
func (l *leaf) storage() span {
	if l.group == nil {
		return l.bytes()
	}
	return *l.group
}

// structOf returns the Go struct for a struct or union that has a name.
func (p *Package) structOf(id model.TypeID) *Struct {
	if s := p.structs[id]; s != nil {
		return s
	}
	p.building[id] = true
	defer delete(p.building, id)
	t := p.types.At(id)
	s := &Struct{Name: p.names.of[id], C: p.cName(id, t), Size: t.Size}
	var group *span
	if t.Kind == model.KindUnion {
		group = &span{0, t.Size}
	}
	leaves := p.leaves(t, 0, group, 0)
	for _, l := range leaves {
		l.slot = p.slots[id] && isFunction(p.types, l.typ)
	}
	p.lay(s, leaves)
	p.structs[id] = s
	return s
}

// cName is the C spelling of a struct, union or enum: by its typedef, if it has
// no tag.
func (p *Package) cName(id model.TypeID, t *model.Type) string {
	if owner, ok := p.names.owner[id]; ok && t.Name == "" {
		return p.types.At(owner).Name
	}
	if h := p.names.hints[id]; t.Name == "" && h.c != "" {
		return "the " + baseName(t) + " of " + h.c
	}
	return baseName(t)
}

// leaves lists the members of t, which begins at bit base.
func (p *Package) leaves(t *model.Type, base int, group *span, depth int) []*leaf {
	var out []*leaf
	for _, m := range t.Members {
		bit := base + m.BitOffset
		inner, ok := anonymous(p.types, m)
		switch {
		case ok && depth < maxDecl:
			u := p.types.At(inner)
			g := group
			if g == nil && u.Kind == model.KindUnion && len(u.Members) > 1 {
				g = &span{bit / 8, bit/8 + u.Size}
			}
			out = append(out, p.leaves(u, bit, g, depth+1)...)
		case m.Name != "":
			out = append(out, p.member(m, bit, group))
		}
	}
	return out
}

func (p *Package) member(m model.Member, bit int, group *span) *leaf {
	l := &leaf{c: m.Name, typ: m.Type, bit: bit, bits: m.BitSize, extent: -1, group: group}
	l.decl = cDecl(p.types, m.Type, m.Name)
	t := p.types.At(p.types.Skip(m.Type, true))
	if t.Kind == model.KindInt && l.bits == 0 && t.Bits > 0 && t.Bits < t.Size*8 {
		l.bit, l.bits = bit+t.BitOffset, t.Bits // BTF's older way to say bitfield
	}
	l.tail = t.Kind == model.KindArray && t.Len == 0
	if l.bits > 0 {
		l.decl += fmt.Sprintf(" : %d", l.bits)
	}
	return l
}

// lay fills in a struct's fields and methods.
func (p *Package) lay(s *Struct, leaves []*leaf) {
	for _, l := range leaves {
		l.gt = p.leafType(l)
		l.tail = l.tail && !p.goType(l.typ).bare
	}
	if i := slices.IndexFunc(leaves, func(l *leaf) bool { return !p.sound(s, l) }); i >= 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("It is only bytes here: BTF places %s where C cannot.", leaves[i].decl))
		leaves = nil
	}
	s.leaves = leaves
	stores := split(s, leaves)
	items := make([]ident.Item, len(leaves))
	for i, l := range leaves {
		if items[i].C = l.c; !l.field {
			l.access = p.method(s, l)
			items[i].Method, items[i].Derived = true, l.access.derived()
		}
	}
	literal := slices.ContainsFunc(leaves, (*leaf).copied)
	own := []string{"String"}
	if literal {
		own = append(own, "Fields", "Pack")
	}
	for i, names := range ident.NewScope(own...).AddItems(items) {
		leaves[i].name = names[0]
		leaves[i].access.name(names)
	}
	p.place(s, stores)
	p.methods(s, stores)
	p.texts(s)
	if literal {
		p.literal(s)
	}
	p.noteAlignment(s)
}

// leafType is the Go type of a leaf; a size other than its type's makes it bytes.
func (p *Package) leafType(l *leaf) goType {
	gt := p.goType(l.typ)
	switch {
	case l.slot:
		p.slotUsed = true
		gt.expr = "FuncSlot"
	case gt.bare:
		return byteArray(max(l.extent, 0), "C does not say its size")
	case l.extent >= 0 && l.extent < gt.size:
		return byteArray(l.extent, fmt.Sprintf("its type has %d bytes", gt.size))
	}
	return gt
}

// sound tells whether a leaf lies where a C compiler can have put it. What
// follows relies on it.
func (p *Package) sound(s *Struct, l *leaf) bool {
	if l.bits > 0 {
		t := p.types.At(p.types.Skip(l.typ, true))
		if l.gt.note != "" || l.bits > t.Size*8 ||
			t.Kind != model.KindInt && t.Kind != model.KindEnum && t.Kind != model.KindEnum64 {
			return false
		}
	} else if l.bit%8 != 0 {
		return false
	}
	in := l.storage()
	return l.bit >= 0 && in.to <= s.Size && in.from <= l.bytes().from && l.bytes().to <= in.to
}

// split decides which leaves are fields, and returns the storage of the others.
func split(s *Struct, leaves []*leaf) []span {
	var sorted []*leaf
	for _, l := range leaves {
		if l.gt.size > 0 || l.bits > 0 {
			sorted = append(sorted, l)
		}
	}
	slices.SortStableFunc(sorted, func(a, b *leaf) int { return cmp.Compare(a.storage().from, b.storage().from) })
	var stores []span
	bits := false // the last store holds only bitfields
	for len(sorted) > 0 {
		n, all := overlapping(sorted)
		together := sorted[:n]
		sorted = sorted[n:]
		if together[0].field = n == 1 && together[0].fits(s); together[0].field {
			continue
		}
		onlyBits := !slices.ContainsFunc(together, func(l *leaf) bool { return l.bits == 0 })
		for _, l := range together {
			if n > 1 && l.bits == 0 && l.group == nil {
				l.group = &all // outside of unions only a damaged BTF overlaps
			}
		}
		if last := len(stores) - 1; last >= 0 && bits && onlyBits && stores[last].to == all.from {
			stores[last].to = all.to
			continue
		}
		stores, bits = append(stores, all), onlyBits
	}
	return stores
}

// overlapping returns how many of the sorted leaves, from the first on, share
// bytes with one before them, and the bytes that they cover.
func overlapping(sorted []*leaf) (int, span) {
	all := sorted[0].storage()
	for i, l := range sorted[1:] {
		if l.storage().from >= all.to {
			return i + 1, all
		}
		all.to = max(all.to, l.storage().to)
	}
	return len(sorted), all
}

// aligned tells whether the leaf's Go type is aligned in every instance of the
// struct, if Go aligns that as the leaf's type. A data section's own size does
// not matter: there is one of it, and its memory ends at a page.
func (l *leaf) aligned(s *Struct) bool {
	return l.bits == 0 && l.bit/8%l.gt.align == 0 && (s.Section != nil || s.Size%l.gt.align == 0)
}

// fits tells whether the leaf, which shares no bytes, can be a field.
func (l *leaf) fits(s *Struct) bool { return l.group == nil && l.aligned(s) }

// pointer tells whether a method can hand out a pointer to the leaf.
func (l *leaf) pointer(s *Struct) bool {
	return !l.field && l.aligned(s) && (l.group != nil && l.gt.size > 0 || l.tail)
}
