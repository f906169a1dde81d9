package light

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// elfFile reads the functions that the symbols of a program or library name, as libbpf
// reads them. It is not debug/elf, whose imports (DWARF, compressed sections) are initialized
// in every program that imports this package, whether or not it reads a file: the linker
// leaves out functions, not that.
type elfFile struct {
	file     io.ReaderAt
	size     int64
	order    binary.ByteOrder
	wide     bool // of 64 bits
	dynamic  bool // a library, or a program that can be loaded anywhere
	sections []elfSection
}

type elfSection struct {
	kind, link                       uint32
	address, offset, size, entrySize uint64
}

// Numbers of the ELF format.
const (
	elfDynamic   = 3 // ET_DYN
	elfNoBits    = 8
	elfSymbols   = 2 // SHT_SYMTAB
	elfDynSyms   = 11
	elfVersions  = 0x6fffffff // SHT_GNU_versym
	elfVerDefs   = 0x6ffffffd // SHT_GNU_verdef
	elfFunction  = 2          // STT_FUNC
	elfWeak      = 2          // STB_WEAK
	elfUndefined = 0          // SHN_UNDEF
)

// errNotELF is the cause if a file is not a valid ELF file.
const errNotELF = backend.ErrFormat

// openELF reads the headers of a file of size bytes.
func openELF(file io.ReaderAt, size int64) (*elfFile, error) {
	e := &elfFile{file: file, size: size}
	head, err := e.read(0, 52)
	if err != nil || string(head[:4]) != "\x7fELF" {
		return nil, errNotELF
	}
	switch head[5] {
	case 1:
		e.order = binary.LittleEndian
	case 2:
		e.order = binary.BigEndian
	default:
		return nil, errNotELF
	}
	var table uint64
	var entrySize, count uint16
	switch head[4] {
	case 1:
		table, entrySize, count = uint64(e.order.Uint32(head[32:])), e.order.Uint16(head[46:]), e.order.Uint16(head[48:])
	case 2:
		if head, err = e.read(0, 64); err != nil {
			return nil, err
		}
		e.wide = true
		table, entrySize, count = e.order.Uint64(head[40:]), e.order.Uint16(head[58:]), e.order.Uint16(head[60:])
	default:
		return nil, errNotELF
	}
	e.dynamic = e.order.Uint16(head[16:]) == elfDynamic
	return e, e.readSections(table, uint64(entrySize), uint64(count))
}

// readSections reads the table of sections. If it has more than 16 bits can count, its
// first entry has their number.
func (e *elfFile) readSections(table, entrySize, count uint64) error {
	if table == 0 {
		return nil
	}
	if want := uint64(40); !e.wide && entrySize != want || e.wide && entrySize != want+24 {
		return errNotELF
	}
	if count == 0 {
		first, err := e.read(table, entrySize)
		if err != nil {
			return err
		}
		if count = e.section(first).size; count > 1<<32 {
			return errNotELF
		}
	}
	data, err := e.read(table, count*entrySize)
	if err != nil {
		return err
	}
	for ; len(data) > 0; data = data[entrySize:] {
		e.sections = append(e.sections, e.section(data))
	}
	return nil
}

func (e *elfFile) section(b []byte) elfSection {
	if !e.wide {
		word := func(i int) uint64 { return uint64(e.order.Uint32(b[4*i:])) }
		return elfSection{kind: uint32(word(1)), link: uint32(word(6)), address: word(3), offset: word(4), size: word(5), entrySize: word(9)}
	}
	word := func(at int) uint64 { return e.order.Uint64(b[at:]) }
	return elfSection{kind: e.order.Uint32(b[4:]), link: e.order.Uint32(b[40:]), address: word(16), offset: word(24), size: word(32), entrySize: word(56)}
}

// read returns part of the file.
func (e *elfFile) read(offset, size uint64) ([]byte, error) {
	data, err := readPart(e.file, e.size, offset, size)
	if err != nil {
		return nil, errNotELF
	}
	return data, nil
}

// readPart returns size bytes of a file of fileSize bytes.
func readPart(file io.ReaderAt, fileSize int64, offset, size uint64) ([]byte, error) {
	if offset > uint64(fileSize) || size > uint64(fileSize)-offset {
		return nil, io.ErrUnexpectedEOF
	}
	data := make([]byte, size)
	_, err := file.ReadAt(data, int64(offset))
	return data, err
}

// data returns the data of a section.
func (e *elfFile) data(i uint32) ([]byte, error) {
	if int64(i) >= int64(len(e.sections)) || e.sections[i].kind == elfNoBits {
		return nil, errNotELF
	}
	return e.read(e.sections[i].offset, e.sections[i].size)
}

// find returns the index of the first section of a kind.
func (e *elfFile) find(kind uint32) (uint32, bool) {
	for i := range e.sections {
		if e.sections[i].kind == kind {
			return uint32(i), true
		}
	}
	return 0, false
}

// elfFunc is a function that a symbol names. Its version is "" if it has none.
type elfFunc struct {
	name, version string
	offset        uint64 // in the file
	weak          bool
}

// functions calls f with each function that a table of symbols defines: elfSymbols or
// elfDynSyms. found is false if the file has no such table.
func (e *elfFile) functions(table uint32, f func(*elfFunc)) (found bool, err error) {
	at, ok := e.find(table)
	if !ok {
		return false, nil
	}
	data, err := e.data(at)
	if err != nil {
		return true, err
	}
	names, err := e.data(e.sections[at].link)
	if err != nil {
		return true, err
	}
	text := string(names) // names of symbols share its memory
	var versions versionTable
	if table == elfDynSyms {
		if versions, err = e.versions(); err != nil {
			return true, err
		}
	}
	size := 16
	if e.wide {
		size = 24
	}
	for i := 0; len(data) >= size; i, data = i+1, data[size:] {
		var s elfFunc
		var section uint16
		var value uint64
		info := data[12]
		if e.wide {
			info, section, value = data[4], e.order.Uint16(data[6:]), e.order.Uint64(data[8:])
		} else {
			section, value = e.order.Uint16(data[14:]), uint64(e.order.Uint32(data[4:]))
		}
		if info&0xf != elfFunction || section == elfUndefined || int(section) >= len(e.sections) {
			continue
		}
		if s.name, ok = cString(text, e.order.Uint32(data)); !ok {
			continue
		}
		if s.version, ok = versions.of(e.order, i); !ok {
			continue
		}
		s.offset, s.weak = value-e.sections[section].address+e.sections[section].offset, info>>4 == elfWeak
		f(&s)
	}
	return true, nil
}

// cString returns the string at an offset of a table.
func cString(table string, offset uint32) (string, bool) {
	if int64(offset) >= int64(len(table)) {
		return "", false
	}
	return cut(table[offset:], 0)
}

func cut(s string, end byte) (before string, found bool) {
	i := strings.IndexByte(s, end)
	if i < 0 {
		return "", false
	}
	return s[:i], true
}

// versionTable has the versions of the symbols in .dynsym.
type versionTable struct {
	numbers []byte // of each symbol, nil if the file has no versions
	names   map[uint16]string
}

// of returns the version of symbol i. ok is false if the table is too short.
func (v *versionTable) of(order binary.ByteOrder, i int) (name string, ok bool) {
	const hidden = 0x8000 // it is not the default version
	if v.numbers == nil {
		return "", true
	}
	if 2*i+2 > len(v.numbers) {
		return "", false
	}
	return v.names[order.Uint16(v.numbers[2*i:])&^hidden], true
}

func (e *elfFile) versions() (v versionTable, err error) {
	at, ok := e.find(elfVersions)
	if !ok {
		return v, nil
	}
	if v.numbers, err = e.data(at); err != nil {
		return v, err
	}
	if at, ok = e.find(elfVerDefs); !ok {
		return v, nil
	}
	definitions, err := e.data(at)
	if err != nil {
		return v, err
	}
	names, err := e.data(e.sections[at].link)
	if err != nil {
		return v, err
	}
	// Each definition ends with the distance to the next one; its first auxiliary entry
	// has its name.
	const definition, auxiliary = 20, 8
	v.names = map[uint16]string{}
	for len(definitions) >= definition {
		number, aux, next := e.order.Uint16(definitions[4:]), e.order.Uint32(definitions[12:]), e.order.Uint32(definitions[16:])
		if int64(aux) <= int64(len(definitions)-auxiliary) {
			if name, ok := cString(string(names), e.order.Uint32(definitions[aux:])); ok {
				v.names[number] = name
			}
		}
		if next == 0 || int64(next) > int64(len(definitions)) {
			break
		}
		definitions = definitions[next:]
	}
	return v, nil
}

// offset returns the offset in the file of the function with a name, which may have a
// version: f, f@VERSION, f@@VERSION. why is libbpf's message about an error. Dynamic
// symbols, which a stripped file has too, come first. Of functions that differ, one that
// is not weak is taken, and two of them are an error.
func (e *elfFile) offset(path, name string) (offset uint64, why string, err error) {
	function, version, versioned := strings.Cut(name, "@")
	version = strings.TrimPrefix(version, "@")
	last := false
	for _, table := range []uint32{elfDynSyms, elfSymbols} {
		var found, ambiguous *elfFunc
		matches := func(s *elfFunc) bool {
			switch rest, ok := strings.CutPrefix(s.name, function); {
			case !ok || rest != "" && rest[0] != '@':
				return false
			case !versioned:
				return true
			case table == elfSymbols: // their names contain the version
				return s.name == name
			}
			return s.version == version && version != ""
		}
		last, err = e.functions(table, func(s *elfFunc) {
			switch {
			case s.offset == 0 || !matches(s) || found != nil && s.offset == found.offset:
			case found == nil || found.weak && !s.weak:
				again := *s
				found = &again
			case !found.weak && !s.weak:
				ambiguous = found
			}
		})
		switch {
		case err != nil:
			return 0, fmt.Sprintf("elf: failed to get symbols for symtab section in '%s': %v", path, err), syscall.EINVAL
		case ambiguous != nil:
			return 0, fmt.Sprintf("elf: ambiguous match for '%s', '%s' in '%s'", ambiguous.name, name, path), errNotELF
		case found != nil:
			return found.offset, "", nil
		}
	}
	switch {
	case !last:
		return 0, fmt.Sprintf("elf: failed to find symbol '%s' in '%s'", name, path), syscall.ENOENT
	case e.dynamic:
		return 0, fmt.Sprintf("elf: '%s' is 0 in symtab for '%s': should not be 0 in a shared library", name, path), syscall.ENOENT
	}
	return 0, fmt.Sprintf("elf: '%s' is 0 in symtab for '%s': try using shared library path instead", name, path), syscall.ENOENT
}

// offsets returns the offsets of several functions, whose names have no version.
func (e *elfFile) offsets(path string, names []string) (offsets []uint64, why string, err error) {
	found := map[string]*elfFunc{}
	for _, name := range names {
		found[name] = nil
	}
	for _, table := range []uint32{elfDynSyms, elfSymbols} {
		_, err := e.functions(table, func(s *elfFunc) {
			before, wanted := found[s.name]
			switch {
			case s.offset == 0 || !wanted || before != nil && before.offset == s.offset:
			case before == nil || before.weak && !s.weak:
				again := *s
				found[s.name] = &again
			case !before.weak && !s.weak:
				why = fmt.Sprintf("elf: ambiguous match found '%s@%d' in '%s' previous offset %d", s.name, s.offset, path, before.offset)
			}
		})
		if err != nil {
			return nil, fmt.Sprintf("elf: failed to get symbols for symtab section in '%s': %v", path, err), syscall.EINVAL
		}
		if why != "" {
			return nil, why, syscall.ESRCH
		}
	}
	for _, name := range names {
		f := found[name]
		if f == nil {
			return nil, fmt.Sprintf("elf: failed to find symbol '%s' in '%s'", name, path), syscall.ENOENT
		}
		offsets = append(offsets, f.offset)
	}
	return offsets, "", nil
}

// matching returns the offsets of the functions whose names match a pattern, with * and ?.
// A function with several names comes several times.
func (e *elfFile) matching(path, pattern string) (offsets []uint64, why string, err error) {
	for _, table := range []uint32{elfSymbols, elfDynSyms} {
		_, err := e.functions(table, func(s *elfFunc) {
			if glob(pattern, s.name) {
				offsets = append(offsets, s.offset)
			}
		})
		if err != nil {
			return nil, fmt.Sprintf("elf: failed to get symbols for symtab section in '%s': %v", path, err), syscall.EINVAL
		}
		if len(offsets) > 0 {
			return offsets, "", nil
		}
	}
	return nil, "", syscall.ENOENT
}

// glob matches names as libbpf does: * is any text and ? any character.
func glob(pattern, name string) bool {
	for pattern != "" && pattern[0] != '*' {
		if name == "" || pattern[0] != '?' && pattern[0] != name[0] {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	if pattern == "" {
		return name == ""
	}
	rest := strings.TrimLeft(pattern, "*")
	for i := range len(name) + 1 {
		if rest == "" || glob(rest, name[i:]) {
			return true
		}
	}
	return false
}
