package functions

import (
	"debug/elf"
	"debug/gosym"
	"strings"
)

// goFunctions returns the functions of the table that the Go run time needs, which
// stripped binaries contain too.
func goFunctions(f *elf.File) (functions []elfFunc) {
	at, data := goTable(f)
	if data == nil {
		return nil
	}
	text, ok := textStart(f, at, data)
	if !ok {
		return nil
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text))
	if err != nil {
		return nil
	}
	for i := range table.Funcs {
		if offset, ok := fileOffset(f, table.Funcs[i].Entry); ok {
			functions = append(functions, elfFunc{name: table.Funcs[i].Name, offset: offset})
		}
	}
	return functions
}

// goTable returns the address and the bytes of the table. Before Go 1.26, a C linker
// puts the table of a position-independent file into .data.rel.ro, without a separate
// section: it is found by its header, and by the run time's pointer to it.
func goTable(f *elf.File) (address uint64, table []byte) {
	for _, s := range f.Sections {
		if strings.HasSuffix(s.Name, ".gopclntab") { // .data.rel.ro.gopclntab as well
			table, _ = s.Data()
			return s.Addr, table
		}
	}
	s := f.Section(".data.rel.ro")
	if s == nil {
		return 0, nil
	}
	data, err := s.Data()
	if err != nil {
		return 0, nil
	}
	size, addends := wordSize(f), relativeAddends(f)
	for i := uint64(0); i+8 <= uint64(len(data)); i += 8 {
		if !isGoTableHeader(f, data[i:], size) {
			continue
		}
		if len(addressesHolding(f, addends, s.Addr+i, size)) > 0 {
			return s.Addr + i, data[i:]
		}
	}
	return 0, nil
}

// isGoTableHeader reports whether b begins with the header: a number for the version, two
// zeros, the least size of an instruction, and the size of a pointer.
func isGoTableHeader(f *elf.File, b []byte, size uint64) bool {
	switch f.ByteOrder.Uint32(b) {
	case 0xfffffffa, 0xfffffff0, 0xfffffff1: // Go 1.16, 1.18, 1.20
		return b[4] == 0 && b[5] == 0 && (b[6] == 1 || b[6] == 2 || b[6] == 4) && uint64(b[7]) == size
	}
	return false
}

func wordSize(f *elf.File) uint64 {
	if f.Class == elf.ELFCLASS32 {
		return 4
	}
	return 8
}

// textStart returns runtime.text, the address that the table's functions are relative
// to. Most files have it at the start of .text, but a C linker puts C's startup code
// before it. The run time's own description of the module contains it:
//
//  1. Find its first word, the address of the table.
//  2. Its 23rd word (since Go 1.16) is runtime.text, and the next one the end.
//  3. Without such a description, take the table's header (Go 1.18 to 1.25), else .text.
func textStart(f *elf.File, table uint64, header []byte) (uint64, bool) {
	size, addends := wordSize(f), relativeAddends(f)
	for at := range addressesHolding(f, addends, table, size) {
		text, known := readWord(f, addends, at+22*size, size)
		end, _ := readWord(f, addends, at+23*size, size)
		if _, code := fileOffset(f, text); known && code && text < end {
			return text, true
		}
	}
	if int(8+3*size) <= len(header) {
		if text := decodeWord(f, header[8+2*size:], size); text != 0 {
			if _, code := fileOffset(f, text); code {
				return text, true
			}
		}
	}
	if s := f.Section(".text"); s != nil {
		return s.Addr, true
	}
	return 0, false
}

// addressesHolding returns the addresses at which data holds a value, either in the file
// itself or after its relocations.
func addressesHolding(f *elf.File, addends map[uint64]uint64, value, size uint64) map[uint64]bool {
	found := map[uint64]bool{}
	for at, addend := range addends {
		if addend == value {
			found[at] = true
		}
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_PROGBITS || s.Flags&elf.SHF_WRITE == 0 {
			continue
		}
		data, err := s.Data()
		if err != nil {
			continue
		}
		for i := uint64(0); i+size <= uint64(len(data)); i += size {
			if decodeWord(f, data[i:], size) == value {
				found[s.Addr+i] = true
			}
		}
	}
	return found
}

// readWord reads the word at an address.
func readWord(f *elf.File, addends map[uint64]uint64, at, size uint64) (uint64, bool) {
	if addend, ok := addends[at]; ok {
		return addend, true
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && at >= p.Vaddr && at-p.Vaddr+size <= p.Filesz {
			var b [8]byte
			if _, err := p.ReadAt(b[:size], int64(at-p.Vaddr)); err == nil {
				return decodeWord(f, b[:], size), true
			}
		}
	}
	return 0, false
}

func decodeWord(f *elf.File, b []byte, size uint64) uint64 {
	if size == 4 {
		return uint64(f.ByteOrder.Uint32(b))
	}
	return f.ByteOrder.Uint64(b)
}

// relativeTypes are the relocations that add the load address to an addend.
var relativeTypes = map[elf.Machine]uint32{
	elf.EM_X86_64: uint32(elf.R_X86_64_RELATIVE), elf.EM_AARCH64: uint32(elf.R_AARCH64_RELATIVE),
	elf.EM_RISCV: uint32(elf.R_RISCV_RELATIVE), elf.EM_S390: uint32(elf.R_390_RELATIVE),
	elf.EM_PPC64: uint32(elf.R_PPC64_RELATIVE), elf.EM_LOONGARCH: uint32(elf.R_LARCH_RELATIVE),
}

// relativeAddends returns the addends of a 64-bit file's relocations, by address. A
// position-independent file may have zeros at the addresses themselves.
func relativeAddends(f *elf.File) map[uint64]uint64 {
	addends := map[uint64]uint64{}
	kind, known := relativeTypes[f.Machine]
	if !known || f.Class != elf.ELFCLASS64 {
		return addends
	}
	for _, section := range f.Sections {
		if section.Type != elf.SHT_RELA || section.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		data, err := section.Data()
		if err != nil {
			continue
		}
		const entry = 24 // Elf64_Rela
		for ; len(data) >= entry; data = data[entry:] {
			if uint32(f.ByteOrder.Uint64(data[8:])) == kind {
				addends[f.ByteOrder.Uint64(data)] = f.ByteOrder.Uint64(data[16:])
			}
		}
	}
	return addends
}
