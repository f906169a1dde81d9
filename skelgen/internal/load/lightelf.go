package load

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// edit makes the copy of the object whose loader is written, and describes what it has
// changed. libbpf has opened the object before, so its ELF file is sound.
func (l *lighter) edit() error {
	e, err := newELFCopy(l.obj.Bytes, l.order)
	if err != nil {
		return err
	}
	weak := map[string]bool{}
	for _, s := range e.externs() {
		weak[s.Name] = elf.ST_BIND(s.Info) == elf.STB_WEAK
	}
	l.out.Kconfig = kconfigVars(l.obj, weak)
	typeless, err := typelessSymbols(l.obj)
	if err != nil {
		return err
	}
	l.renamed = map[string]string{}
	for _, name := range typeless {
		isWeak, ok := weak[name]
		if !ok {
			continue // not used
		}
		l.out.Typeless = append(l.out.Typeless, name)
		if !isWeak {
			l.out.StrongSymbols = append(l.out.StrongSymbols, name)
		}
		hidden, err := l.hiddenName(name)
		if err == nil {
			err = e.rename(name, hidden)
		}
		if err != nil {
			return fmt.Errorf("kernel symbol %s: %w", name, err)
		}
		l.renamed[hidden] = name
	}
	if err := l.slots(e); err != nil {
		return err
	}
	l.copied, err = e.finish()
	return err
}

// hiddenName returns a name of the same length that neither the kernel nor the object
// has. Its first byte is a control character; a short name could be found by accident
// where the names are restored.
func (l *lighter) hiddenName(name string) (string, error) {
	if len(name) < 4 {
		return "", errors.New("its name has fewer than 4 letters")
	}
	for c := byte(1); c < ' '; c++ {
		hidden := string([]byte{c}) + name[1:]
		if _, taken := l.renamed[hidden]; !taken && !bytes.Contains(l.obj.Bytes, []byte(hidden+"\x00")) {
			return hidden, nil
		}
	}
	return "", errors.New("the object has too many symbols that differ from it in the first letter alone")
}

// typelessSymbols returns the variables of section .ksyms that have no type, sorted:
// libbpf looks them up in kallsyms.
func typelessSymbols(obj *model.Object) (names []string, err error) {
	if _, ok := datasec(obj.Types, ".ksyms"); !ok {
		return nil, nil
	}
	file, err := newMemFile(obj.Bytes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	types, err := file.readTypes() // libbpf's open has given them a type
	if err != nil {
		return nil, err
	}
	sec, _ := datasec(types, ".ksyms")
	for _, v := range sec.Vars {
		if t := types.At(v.Type); t.Kind == model.KindVar && types.At(types.Skip(t.Elem, true)).Kind == model.KindVoid {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func datasec(types model.Types, name string) (*model.Type, bool) {
	for i := range types {
		if t := &types[i]; t.Kind == model.KindDatasec && t.Name == name {
			return t, true
		}
	}
	return &model.Type{}, false
}

// slots removes the initial elements of program arrays from the copy, and records them.
func (l *lighter) slots(e *elfCopy) error {
	sec, ok := datasec(l.obj.Types, ".maps")
	if !ok {
		return nil
	}
	programs := map[string]int{}
	for i := range l.obj.Programs {
		programs[l.obj.Programs[i].Name] = i
	}
	return e.eachRelocation(".maps", func(offset uint64, symbol string) (remove bool, err error) {
		i, member, ok := l.mapMember(sec, int(offset))
		if !ok || l.obj.Maps[i].Type != uapi.MapTypeProgArray {
			return false, nil
		}
		program, ok := programs[symbol]
		if !ok || member%8 != 0 {
			return false, fmt.Errorf("map %s: an initial element is not a program", l.obj.Maps[i].Name)
		}
		l.out.Maps[i].Slots = append(l.out.Maps[i].Slots, model.LightSlot{Key: uint32(member / 8), Program: program})
		return true, nil
	})
}

// mapMember finds the map whose definition has the offset in section .maps, and the
// offset from its last member, which holds the initial elements.
func (l *lighter) mapMember(sec *model.Type, offset int) (index, member int, ok bool) {
	for _, v := range sec.Vars {
		if offset < v.Offset || offset >= v.Offset+v.Size {
			continue
		}
		variable := l.obj.Types.At(v.Type)
		def := l.obj.Types.At(l.obj.Types.Skip(variable.Elem, true))
		index = slices.IndexFunc(l.obj.Maps, func(m model.Map) bool { return m.Name == variable.Name })
		if n := len(def.Members); n > 0 && index >= 0 {
			return index, offset - v.Offset - def.Members[n-1].BitOffset/8, true
		}
	}
	return 0, 0, false
}

// elfCopy is a copy of a 64-bit ELF object that is being edited.
type elfCopy struct {
	file    *elf.File
	order   binary.ByteOrder
	data    []byte
	headers uint64 // the offset of the section headers
	symtab  *elf.Section
	symbols []elf.Symbol
	strings []byte // the names of symbols, grown by rename
}

// Sizes and offsets in ELF files of 64 bits.
const (
	elfHeaderSections = 0x28
	elfSectionHeader  = 64
	elfSectionOffset  = 24
	elfSectionSize    = 32
	elfSymbol         = 24
	elfSymbolInfo     = 4
	elfRelocation     = 16
)

func newELFCopy(object []byte, order binary.ByteOrder) (*elfCopy, error) {
	file, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		return nil, err
	}
	e := &elfCopy{file: file, order: order, data: bytes.Clone(object)}
	if file.Class != elf.ELFCLASS64 || file.ByteOrder.String() != order.String() {
		return nil, errors.New("is not an ELF file of 64 bits in the byte order of its types")
	}
	e.headers = order.Uint64(e.data[elfHeaderSections:])
	if e.symtab = file.SectionByType(elf.SHT_SYMTAB); e.symtab == nil || int(e.symtab.Link) >= len(file.Sections) {
		return nil, errors.New("has no table of symbols")
	}
	if e.symbols, err = file.Symbols(); err != nil {
		return nil, err
	}
	e.strings, err = file.Sections[e.symtab.Link].Data()
	return e, err
}

// externs are the symbols that the kernel or its configuration defines.
func (e *elfCopy) externs() (out []elf.Symbol) {
	for _, s := range e.symbols {
		if s.Section == elf.SHN_UNDEF && elf.ST_BIND(s.Info) != elf.STB_LOCAL && elf.ST_TYPE(s.Info) == elf.STT_NOTYPE {
			out = append(out, s)
		}
	}
	return out
}

// rename gives an external symbol another name of the same length, in the table of
// symbols and in BTF, and makes it weak.
func (e *elfCopy) rename(name, to string) error {
	btf := e.file.Section(".BTF")
	if btf == nil || btf.Offset+btf.FileSize > uint64(len(e.data)) {
		return errors.New("there is no BTF")
	}
	types := e.data[btf.Offset:][:btf.FileSize]
	at := bytes.LastIndex(types, []byte("\x00"+name+"\x00"))
	if at < 0 {
		return errors.New("its name is not in BTF")
	}
	copy(types[at+1:], to)
	for i, s := range e.symbols {
		if s.Name != name || s.Section != elf.SHN_UNDEF {
			continue
		}
		entry, err := e.part(e.symtab.Offset+uint64(i+1)*elfSymbol, elfSymbol) // Symbols leaves the first out
		if err != nil {
			return err
		}
		e.order.PutUint32(entry, uint32(len(e.strings)))
		entry[elfSymbolInfo] = elf.ST_INFO(elf.STB_WEAK, elf.ST_TYPE(s.Info))
	}
	e.strings = append(append(e.strings, to...), 0)
	return nil
}

// eachRelocation visits the relocations of a section, and removes those for which visit
// returns true.
func (e *elfCopy) eachRelocation(section string, visit func(offset uint64, symbol string) (remove bool, err error)) error {
	for i, s := range e.file.Sections {
		if s.Type != elf.SHT_REL || int(s.Info) >= len(e.file.Sections) || e.file.Sections[s.Info].Name != section {
			continue
		}
		list, err := e.part(s.Offset, s.FileSize)
		if err != nil {
			return err
		}
		var kept []byte
		for ; len(list) >= elfRelocation; list = list[elfRelocation:] {
			symbol := e.order.Uint64(list[8:]) >> 32
			if symbol == 0 || symbol > uint64(len(e.symbols)) {
				return fmt.Errorf("a relocation of section %s has no symbol", section)
			}
			remove, err := visit(e.order.Uint64(list), e.symbols[symbol-1].Name)
			if err != nil {
				return err
			}
			if !remove {
				kept = append(kept, list[:elfRelocation]...)
			}
		}
		copy(e.data[s.Offset:], kept)
		if err := e.resize(i, s.Offset, uint64(len(kept))); err != nil {
			return err
		}
	}
	return nil
}

// resize sets the place of section i in the file.
func (e *elfCopy) resize(i int, offset, size uint64) error {
	header, err := e.part(e.headers+uint64(i)*elfSectionHeader, elfSectionHeader)
	if err == nil {
		e.order.PutUint64(header[elfSectionOffset:], offset)
		e.order.PutUint64(header[elfSectionSize:], size)
	}
	return err
}

func (e *elfCopy) part(offset, size uint64) ([]byte, error) {
	if n := uint64(len(e.data)); offset > n || size > n-offset {
		return nil, errors.New("the ELF file is cut off")
	}
	return e.data[offset:][:size], nil
}

// finish returns the copy, with the new names at its end.
func (e *elfCopy) finish() ([]byte, error) {
	if uint64(len(e.strings)) == e.file.Sections[e.symtab.Link].FileSize {
		return e.data, nil
	}
	err := e.resize(int(e.symtab.Link), uint64(len(e.data)), uint64(len(e.strings)))
	return append(e.data, e.strings...), err
}
