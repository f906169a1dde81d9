package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"slices"
)

// names are the names in an object, by what they name.
type names struct {
	symbols, sections []string
	types, members    []string // of the BTF; members also of enums and parameters
}

var errLayout = errors.New("the object does not have the layout of clang's objects")

// eachName calls visit for every reference to a name, with the table that holds the name and the four bytes that hold
// its offset in the table.
func eachName(data []byte, visit func(kind int, table *stringTable, ref []byte)) error {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return err
	}
	order := f.ByteOrder
	headers := int(order.Uint64(data[40:]))
	sections := make([]*stringTable, len(f.Sections))
	table := func(i int) *stringTable {
		if sections[i] == nil {
			s := f.Sections[i]
			sections[i] = &stringTable{
				text: data[s.Offset:][:s.Size], header: headers + sectionHeaderSize*i, order: order,
			}
		}
		return sections[i]
	}
	index := int(order.Uint16(data[62:]))
	for i := range f.Sections {
		visit(refSection, table(index), data[headers+sectionHeaderSize*i:][:4])
	}
	var btf *stringTable
	for i, s := range f.Sections {
		body := func() []byte { return data[s.Offset:][:s.Size] }
		switch {
		case s.Type == elf.SHT_SYMTAB:
			for at := 0; at+24 <= len(body()); at += 24 {
				visit(refSymbol, table(int(s.Link)), body()[at:][:4])
			}
		case s.Name == ".BTF":
			btf, err = btfNames(body(), headers+sectionHeaderSize*i, order, visit)
			if err != nil {
				return err
			}
		}
	}
	for _, s := range f.Sections {
		if s.Name == ".BTF.ext" && btf != nil {
			return btfExtNames(data[s.Offset:][:s.Size], btf, visit)
		}
	}
	return nil
}

// The kinds of reference to a name.
const (
	refSection = iota
	refSymbol
	refType
	refMember
	refInfo // the section that a part of .BTF.ext describes
)

// stringTable is a section's strings.
type stringTable struct {
	text   []byte
	before int // bytes of the section before the strings
	header int // offset of the section's header in the file
	order  binary.ByteOrder
	added  map[string]uint32
}

func (t *stringTable) at(ref []byte) string {
	offset := t.order.Uint32(ref)
	if int(offset) >= len(t.text) {
		return ""
	}
	s, _, _ := bytes.Cut(t.text[offset:], []byte{0})
	return string(s)
}

// set makes ref refer to another string.
func (t *stringTable) set(ref []byte, s string) {
	if t.added == nil {
		t.added = map[string]uint32{}
		t.text = slices.Clone(t.text)
	}
	offset, ok := t.added[s]
	if !ok {
		offset = uint32(len(t.text))
		t.added[s] = offset
		t.text = append(append(t.text, s...), 0)
	}
	t.order.PutUint32(ref, offset)
}

// btfNames visits the names of types and of their members, values and parameters.
func btfNames(btf []byte, header int, order binary.ByteOrder, visit func(int, *stringTable, []byte)) (*stringTable, error) {
	if len(btf) < 24 {
		return nil, errLayout
	}
	word := func(at int) int { return int(order.Uint32(btf[at:])) }
	start := word(4)
	types, strings := start+word(8), start+word(16)
	end := types + word(12)
	if end > len(btf) || strings+word(20) != len(btf) || strings < end {
		return nil, errLayout
	}
	table := &stringTable{text: btf[strings:], before: strings, header: header, order: order}
	for at := types; at+12 <= end; {
		visit(refType, table, btf[at:][:4])
		info := order.Uint32(btf[at+4:])
		kind, n := info>>24&0x1f, int(info&0xffff)
		at += 12
		item, named := 0, false
		switch kind {
		case 1, 14, 17: // int, var, decl tag
			n, item = 1, 4
		case 3: // array
			n, item = 1, 12
		case 4, 5, 19: // struct, union, enum64
			item, named = 12, true
		case 6, 13: // enum, function prototype
			item, named = 8, true
		case 15: // section
			item = 12
		default:
			n = 0
		}
		for range n {
			if at+item > end {
				return nil, errLayout
			}
			if named {
				visit(refMember, table, btf[at:][:4])
			}
			at += item
		}
	}
	return table, nil
}

// btfExtNames visits the names of the sections that the three parts of .BTF.ext describe.
func btfExtNames(ext []byte, table *stringTable, visit func(int, *stringTable, []byte)) error {
	if len(ext) < 24 {
		return errLayout
	}
	word := func(at int) int { return int(table.order.Uint32(ext[at:])) }
	start := word(4)
	for head := 8; head+8 <= min(start, 32); head += 8 {
		at, end := start+word(head), start+word(head)+word(head+4)
		if end > len(ext) || at+4 > end {
			continue
		}
		size := word(at)
		for at += 4; at+8 <= end; at += 8 + size*word(at+4) {
			visit(refInfo, table, ext[at:][:4])
		}
	}
	return nil
}

// namesOf lists the names that can be changed.
func namesOf(data []byte) (names, error) {
	var n names
	err := eachName(data, func(kind int, t *stringTable, ref []byte) {
		list := [...]*[]string{refSection: &n.sections, refSymbol: &n.symbols, refType: &n.types, refMember: &n.members, refInfo: nil}[kind]
		if s := t.at(ref); list != nil && s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	})
	return n, err
}

// rename replaces names everywhere in the object, so that all references to a name change together.
func rename(data []byte, to map[string]string) ([]byte, error) {
	data = slices.Clone(data)
	var tables []*stringTable
	err := eachName(data, func(_ int, t *stringTable, ref []byte) {
		if s, ok := to[t.at(ref)]; ok {
			t.set(ref, s)
			if !slices.Contains(tables, t) {
				tables = append(tables, t)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	// A table that has grown is put at the end of the file.
	for _, t := range tables {
		header := data[t.header:]
		section := slices.Concat(data[t.order.Uint64(header[24:]):][:t.before], t.text)
		if t.before > 0 {
			t.order.PutUint32(section[20:], uint32(len(t.text)))
		}
		for len(data)%8 != 0 {
			data = append(data, 0)
		}
		header = data[t.header:]
		t.order.PutUint64(header[24:], uint64(len(data)))
		t.order.PutUint64(header[32:], uint64(len(section)))
		data = append(data, section...)
	}
	return data, nil
}
