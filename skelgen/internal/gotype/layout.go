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
//  1. Members of anonymous structs and unions count as members of the enclosing
//     struct. Each member has an offset in bits.
//  2. A member becomes a field if Go can place it at its offset: it is
//     not a bitfield, shares no byte with another, and its Go alignment divides
//     both its offset and the struct's size.
//  3. Every other member gets methods, and is part of a storage field of bytes. Members
//     that overlap share one, and so do neighboring bitfields.
//  4. Gaps, the tail included, become blank fields. So no Go compiler adds
//     padding, with any alignment of 64-bit integers.

// span is a range of bytes, [from, to).
type span struct{ from, to int }

func (s span) overlaps(o span) bool { return s.from < o.to && o.from < s.to }

// member is a member as C code names it: those of anonymous structs count as the struct's.
type member struct {
	cName string // C name
	name  string // Go name
	decl  string // C declaration
	typ   model.TypeID
	// bit is the offset in bits, bits the width of a bitfield or 0.
	bit, bits int
	// extent is the size of a variable, which may be larger than its type
	// (an initialized flexible array); -1 for members.
	extent int
	// group is the outermost anonymous union around it.
	group *span

	gt       goType
	flexible bool   // a flexible array
	function bool   // a function of a struct_ops
	field    bool   // a field of the struct
	access   Method // if it is not a field
	method   int    // index of that in the struct's
}

// bytes is the range that the member lies in.
func (l *member) bytes() span {
	if l.bits > 0 {
		return span{l.bit / 8, (l.bit + l.bits + 7) / 8}
	}
	return span{l.bit / 8, l.bit/8 + l.gt.size}
}

// storage is the range that its storage must cover.
func (l *member) storage() span {
	if l.group == nil {
		return l.bytes()
	}
	return *l.group
}

// structLayout is a Struct, and the data to make it.
type structLayout struct {
	*Struct
	// members are the C members in declaration order.
	members []*member
	// cAlign is the alignment in C, as far as BTF shows it.
	cAlign int
}

// structOf returns the Go struct for a struct or union that has a name.
func (b *builder) structOf(id model.TypeID) *structLayout {
	if s := b.structs[id]; s != nil {
		return s
	}
	b.building[id] = true
	defer delete(b.building, id)
	t := b.types.At(id)
	s := &structLayout{Struct: &Struct{Name: b.names.goNames[id], C: b.cName(id, t), Size: t.Size}}
	var group *span
	if t.Kind == model.KindUnion {
		group = &span{0, t.Size}
	}
	members := b.membersOf(t, 0, group, 0)
	for _, l := range members {
		l.function = b.structOps[id] && isFunction(b.types, l.typ)
	}
	b.layOut(s, members)
	b.structs[id] = s
	return s
}

// cName is the C spelling of a struct, union or enum: by its typedef, if it has
// no tag.
func (b *builder) cName(id model.TypeID, t *model.Type) string {
	if owner, ok := b.names.owner[id]; ok && t.Name == "" {
		return b.types.At(owner).Name
	}
	if use := b.names.firstUses[id]; t.Name == "" && use.c != "" {
		return "the " + baseName(t) + " of " + use.c
	}
	return baseName(t)
}

// membersOf lists the members of t, which begins at bit base.
func (b *builder) membersOf(t *model.Type, base int, group *span, depth int) []*member {
	var out []*member
	for _, m := range t.Members {
		bit := base + m.BitOffset
		inner, ok := anonymous(b.types, m)
		switch {
		case ok && depth < maxDecl:
			u := b.types.At(inner)
			g := group
			if g == nil && u.Kind == model.KindUnion && len(u.Members) > 1 {
				g = &span{bit / 8, bit/8 + u.Size}
			}
			out = append(out, b.membersOf(u, bit, g, depth+1)...)
		case m.Name != "":
			out = append(out, b.newMember(m, bit, group))
		}
	}
	return out
}

func (b *builder) newMember(m model.Member, bit int, group *span) *member {
	l := &member{cName: m.Name, typ: m.Type, bit: bit, bits: m.BitSize, extent: -1, group: group}
	l.decl = cDecl(b.types, m.Type, m.Name)
	t := b.types.At(b.types.Skip(m.Type, true))
	if t.Kind == model.KindInt && l.bits == 0 && t.Bits > 0 && t.Bits < t.Size*8 {
		l.bit, l.bits = bit+t.BitOffset, t.Bits // BTF's older form of a bitfield
	}
	l.flexible = t.Kind == model.KindArray && t.Len == 0
	if l.bits > 0 {
		l.decl += fmt.Sprintf(" : %d", l.bits)
	}
	return l
}

// layOut fills in a struct's fields and methods.
func (b *builder) layOut(s *structLayout, members []*member) {
	for _, l := range members {
		l.gt = b.memberType(l)
		b.out.Types[b.types.Skip(l.typ, false)] = b.goType(l.typ).expr
		l.flexible = l.flexible && !b.goType(l.typ).sizeless
	}
	if i := slices.IndexFunc(members, func(l *member) bool { return !b.plausible(s, l) }); i >= 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("It is only bytes in Go, because BTF places %s at an offset that no C compiler uses.", members[i].decl))
		members = nil
	}
	s.members = members
	storages := assignStorage(s, members)
	items := make([]ident.Item, len(members))
	for i, l := range members {
		if items[i].C = l.cName; !l.field {
			l.access = b.method(s, l)
			items[i].Method, items[i].Derived = true, l.access.derivedNames()
		}
	}
	literal := slices.ContainsFunc(members, (*member).hasValueMethod)
	own := []string{"String"}
	if literal {
		own = append(own, "Fields", "Pack")
	}
	for i, names := range ident.NewScope(own...).AddItems(items) {
		members[i].name = names[0]
		members[i].access.setNames(names)
	}
	b.placeFields(s, storages)
	b.methods(s, storages)
	b.findTexts(s)
	if literal {
		b.literal(s)
	}
	b.noteAlignment(s)
}

// memberType is the Go type of a member: bytes if its size differs from its type's.
func (b *builder) memberType(l *member) goType {
	gt := b.goType(l.typ)
	switch {
	case l.function:
		b.usesStructOpsFunc = true
		gt.expr = "StructOpsFunc"
	case gt.sizeless:
		return byteArray(max(l.extent, 0), "its size in C is unknown")
	case l.extent >= 0 && l.extent < gt.size:
		return byteArray(l.extent, fmt.Sprintf("its type has %d bytes", gt.size))
	}
	return gt
}

// plausible reports whether a C compiler can have put the member at its offset. The code
// below relies on it.
func (b *builder) plausible(s *structLayout, l *member) bool {
	if l.bits > 0 {
		t := b.types.At(b.types.Skip(l.typ, true))
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

// assignStorage decides which members are fields, and returns the storage of the others.
func assignStorage(s *structLayout, members []*member) []span {
	var sorted []*member
	for _, l := range members {
		if l.gt.size > 0 || l.bits > 0 {
			sorted = append(sorted, l)
		}
	}
	slices.SortStableFunc(sorted, func(a, b *member) int { return cmp.Compare(a.storage().from, b.storage().from) })
	var storages []span
	bits := false // the last storage holds only bitfields
	for len(sorted) > 0 {
		n, all := overlapping(sorted)
		together := sorted[:n]
		sorted = sorted[n:]
		if together[0].field = n == 1 && together[0].fits(s); together[0].field {
			continue
		}
		onlyBits := !slices.ContainsFunc(together, func(l *member) bool { return l.bits == 0 })
		for _, l := range together {
			if n > 1 && l.bits == 0 && l.group == nil {
				l.group = &all // outside of unions only a damaged BTF overlaps
			}
		}
		if last := len(storages) - 1; last >= 0 && bits && onlyBits && storages[last].to == all.from {
			storages[last].to = all.to
			continue
		}
		storages, bits = append(storages, all), onlyBits
	}
	return storages
}

// overlapping returns the length of the run of overlapping members that sorted begins
// with, and the bytes that the run covers.
func overlapping(sorted []*member) (int, span) {
	all := sorted[0].storage()
	for i, l := range sorted[1:] {
		if l.storage().from >= all.to {
			return i + 1, all
		}
		all.to = max(all.to, l.storage().to)
	}
	return len(sorted), all
}

// aligned reports whether the member's Go type is aligned in every instance of the
// struct, if Go aligns the struct to the member's alignment. A data section's size does
// not matter: there is only one instance, and its memory begins and ends at a page.
func (l *member) aligned(s *structLayout) bool {
	return l.bits == 0 && l.bit/8%l.gt.align == 0 && (s.Section != nil || s.Size%l.gt.align == 0)
}

// fits reports whether the member, which does not share bytes, can be a field.
func (l *member) fits(s *structLayout) bool { return l.group == nil && l.aligned(s) }

// pointer reports whether a method can hand out a pointer to the member.
func (l *member) pointer(s *structLayout) bool {
	return !l.field && l.aligned(s) && (l.group != nil && l.gt.size > 0 || l.flexible)
}
