package gotype

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// placeFields puts fields, storage and padding in order of their offsets.
func (b *builder) placeFields(s *structLayout, storages []span) {
	var fields []Field
	s.Align = 1
	for _, l := range s.members {
		if !l.field {
			continue
		}
		fields = append(fields, Field{Name: l.name, Type: l.gt.expr, Offset: l.bit / 8, Size: l.gt.size,
			Member: l.cName, C: []string{l.decl}, Note: l.gt.note, Align: l.gt.align})
		s.Align = max(s.Align, l.gt.align)
	}
	for _, st := range storages {
		fields = append(fields, b.storageField(s, st, len(storages)))
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.Offset, b.Offset) })
	if first, ok := alignmentField(s, storages); ok {
		fields = slices.Insert(fields, 0, first)
	}
	if s.Section != nil {
		s.Size = roundUp(s.Size, s.Align)
	}
	end := 0
	for _, f := range fields {
		if f.Offset > end {
			s.Fields = append(s.Fields, padding(end, f.Offset))
		}
		s.Fields = append(s.Fields, f)
		end = f.Offset + f.Size
	}
	if s.Size > end {
		s.Fields = append(s.Fields, padding(end, s.Size))
	}
}

// storageField is the field for a span of storage.
func (b *builder) storageField(s *structLayout, st span, count int) Field {
	f := Field{Name: storageName(st, count), Type: fmt.Sprintf("[%d]byte", st.to-st.from), Offset: st.from, Size: st.to - st.from}
	for _, l := range s.members {
		if !l.field && l.storage().overlaps(st) {
			f.C = append(f.C, l.decl)
		}
	}
	return f
}

func storageName(st span, count int) string {
	if count == 1 {
		return "raw"
	}
	return fmt.Sprintf("raw%d", st.from)
}

// alignmentField returns a field without size that makes Go align the struct, and so
// its storage, as the members that are reached through pointers need it.
func alignmentField(s *structLayout, storages []span) (Field, bool) {
	want := s.Align
	for _, l := range s.members {
		if l.pointer(s) {
			want = max(want, l.gt.align)
		}
	}
	if want == s.Align {
		return Field{}, false
	}
	s.Align = want
	return Field{Name: "_", Type: fmt.Sprintf("[0]uint%d", want*8), Align: want}, true
}

func padding(from, to int) Field {
	return Field{Name: "_", Type: fmt.Sprintf("[%d]byte", to-from), Offset: from, Size: to - from}
}

func roundUp(n, align int) int {
	return (n + align - 1) / align * align
}

// noteAlignment finds C's alignment of the type, and adds a note if it is larger
// than Go's. BTF does not record alignment, but padding at the end that is longer
// than necessary reveals it.
func (b *builder) noteAlignment(s *structLayout) {
	if s.cAlign = 1; s.Section != nil || len(s.members) == 0 {
		return
	}
	end, natural := 0, 1
	for _, l := range s.members {
		align := b.cAlign(l.typ)
		if l.bits == 0 && l.bit/8%align != 0 {
			return // packed
		}
		end, natural = max(end, l.bytes().to), max(natural, align)
	}
	want := natural
	for end > 0 && want < 1<<20 && roundUp(end, want) < s.Size {
		want *= 2
	}
	if roundUp(end, want) != s.Size {
		return // packed
	}
	if s.cAlign = want; want > s.Align && (want > natural || want > 8) {
		s.Notes = append(s.Notes, fmt.Sprintf("C seems to align it to %d bytes, Go aligns it to %s.", want, goAlignText(s.Align)))
	}
}

func goAlignText(align int) string {
	if align == 8 {
		return "8 at most"
	}
	return fmt.Sprint(align)
}

// cAlign is the alignment of a type in C, as far as BTF shows it.
func (b *builder) cAlign(id model.TypeID) int {
	id = b.innermost(id)
	switch t := b.types.At(id); t.Kind {
	case model.KindInt, model.KindFloat, model.KindEnum, model.KindEnum64:
		if t.Size > 0 && t.Size <= 16 && t.Size&(t.Size-1) == 0 {
			return t.Size
		}
	case model.KindPtr:
		return 8
	case model.KindStruct, model.KindUnion:
		if s := b.structs[b.names.canonical(id)]; s != nil {
			return max(s.cAlign, 1)
		}
	}
	return 1
}
