package light

import (
	"archive/zip"
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// symbolOffset returns the file offset of a symbol, by debug/elf.
func symbolOffset(t testing.TB, path, symbol string) uint64 {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		for _, p := range f.Progs {
			if s.Name == symbol && p.Type == elf.PT_LOAD && s.Value >= p.Vaddr && s.Value < p.Vaddr+p.Memsz {
				return s.Value - p.Vaddr + p.Off
			}
		}
	}
	t.Fatalf("no symbol %s", symbol)
	return 0
}

// elfFiles are programs and libraries of this machine, and of others.
func elfFiles(t testing.TB) (files []string) {
	for _, pattern := range []string{
		"/proc/self/exe", "/bin/*sh", "/usr/lib/*/libc.so.6", "/usr/lib/*/libm.so.6", "/usr/lib/*/libelf*.so*", "/usr/lib/*/ld-*.so*",
		"/usr/*-linux-gnu/lib/libc.so.6", "/usr/lib/debug/.build-id/*/*", "../../skelgen/testdata/*/*.bpf.o",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found[:min(len(found), 10)]...)
	}
	return files
}

// Names, versions and offsets are those that debug/elf reads.
func TestFunctionsEqualThoseOfDebugELF(t *testing.T) {
	count := 0
	for _, path := range elfFiles(t) {
		want, err := elf.Open(path)
		if err != nil {
			continue // not an ELF file
		}
		defer want.Close()
		file, size := openFileOf(t, path)
		e, err := openELF(file, size)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for table, symbols := range map[uint32]func() ([]elf.Symbol, error){elfSymbols: want.Symbols, elfDynSyms: want.DynamicSymbols} {
			var wanted, got []elfFunc
			all, err := symbols()
			if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
				t.Fatal(err)
			}
			for _, s := range all {
				if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Section == elf.SHN_UNDEF || int(s.Section) >= len(want.Sections) {
					continue
				}
				section := want.Sections[s.Section]
				wanted = append(wanted, elfFunc{s.Name, s.Version, s.Value - section.Addr + section.Offset, elf.ST_BIND(s.Info) == elf.STB_WEAK})
			}
			found, err := e.functions(table, func(f *elfFunc) { got = append(got, *f) })
			if err != nil || found != (want.SectionByType(elf.SectionType(table)) != nil) {
				t.Fatalf("%s: %v, %v", path, found, err)
			}
			if !slices.Equal(got, wanted) {
				t.Errorf("%s, table %d: %d functions, debug/elf has %d", path, table, len(got), len(wanted))
			}
			count += len(got)
		}
	}
	if count < 100 {
		t.Errorf("only %d functions", count)
	}
	t.Logf("%d functions", count)
}

func openFileOf(t testing.TB, path string) (*os.File, int64) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return file, info.Size()
}

// symbol is one of a file that a test makes.
type symbol struct {
	name, version string
	offset        uint64 // in the file; 0 for one of another file
	bind          elf.SymBind
	kind          elf.SymType
	dynamic       bool
}

func function(name string, offset uint64) symbol {
	return symbol{name: name, offset: offset, bind: elf.STB_GLOBAL, kind: elf.STT_FUNC}
}

func (s symbol) in(version string) symbol { s.version, s.dynamic = version, true; return s }
func (s symbol) weak() symbol             { s.bind = elf.STB_WEAK; return s }

// textAddress and textOffset are where the only section with code lies.
const textAddress, textOffset = 0x401000, 0x1000

// elfWith makes an ELF file with symbols, in 64 or 32 bits.
func elfWith(order binary.ByteOrder, wide bool, symbols ...symbol) []byte {
	var names []byte
	text := func(s string) uint32 {
		at := len(names)
		names = append(append(names, s...), 0)
		return uint32(at)
	}
	text("")
	var tables [2]bytes.Buffer
	var versions, definitions bytes.Buffer
	put := func(to *bytes.Buffer, v any) {
		if err := binary.Write(to, order, v); err != nil {
			panic(err)
		}
	}
	numbers := map[string]uint16{"": 1}
	for _, s := range symbols {
		if s.version != "" && numbers[s.version] == 0 {
			numbers[s.version] = uint16(len(numbers) + 1)
			put(&definitions, []uint16{1, 0, numbers[s.version], 1})
			put(&definitions, []uint32{0, 20, 28, text(s.version), 0})
		}
	}
	for i := range tables {
		all := append([]symbol{{dynamic: i == 1}}, symbols...)
		for _, s := range all {
			if s.dynamic != (i == 1) {
				continue
			}
			info, section, value := byte(s.bind)<<4|byte(s.kind), uint16(1), s.offset-textOffset+textAddress
			if s.offset == 0 {
				section, value = 0, 0
			}
			if wide {
				put(&tables[i], elf.Sym64{Name: text(s.name), Info: info, Shndx: section, Value: value})
			} else {
				put(&tables[i], elf.Sym32{Name: text(s.name), Info: info, Shndx: section, Value: uint32(value)})
			}
			if s.dynamic {
				put(&versions, numbers[s.version])
			}
		}
	}
	entry := uint64(16) // libbpf divides by it
	if wide {
		entry = 24
	}
	sections := []struct {
		kind  elf.SectionType
		data  []byte
		link  uint32
		entry uint64
	}{
		{}, {kind: elf.SHT_PROGBITS}, {elf.SHT_STRTAB, names, 0, 0}, {elf.SHT_SYMTAB, tables[0].Bytes(), 2, entry}, {elf.SHT_DYNSYM, tables[1].Bytes(), 2, entry},
		{elf.SHT_GNU_VERSYM, versions.Bytes(), 4, 2}, {elf.SHT_GNU_VERDEF, definitions.Bytes(), 2, 0},
	}
	var data, headers bytes.Buffer
	const begin = 64
	for i, s := range sections {
		offset, address := uint64(begin+data.Len()), uint64(0)
		switch i {
		case 0: // is all zeros
			offset = 0
		case 1:
			offset, address = textOffset, textAddress
		}
		data.Write(s.data)
		if wide {
			put(&headers, elf.Section64{Type: uint32(s.kind), Off: offset, Addr: address, Size: uint64(len(s.data)), Link: s.link, Entsize: s.entry})
		} else {
			put(&headers, elf.Section32{Type: uint32(s.kind), Off: uint32(offset), Addr: uint32(address), Size: uint32(len(s.data)), Link: s.link, Entsize: uint32(s.entry)})
		}
	}
	var head bytes.Buffer
	ident := [16]byte{0x7f, 'E', 'L', 'F', 1, 1, 1}
	if order.Uint16([]byte{1, 0}) != 1 {
		ident[elf.EI_DATA] = byte(elf.ELFDATA2MSB)
	}
	if table := begin + data.Len(); wide {
		ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
		put(&head, elf.Header64{Ident: ident, Type: uint16(elf.ET_EXEC), Shoff: uint64(table), Shentsize: 64, Shnum: uint16(len(sections))})
	} else {
		put(&head, elf.Header32{Ident: ident, Type: uint16(elf.ET_EXEC), Shoff: uint32(table), Shentsize: 40, Shnum: uint16(len(sections))})
		head.Write(make([]byte, begin-head.Len()))
	}
	return append(append(head.Bytes(), data.Bytes()...), headers.Bytes()...)
}

// Which function a name means, in each format of ELF.
func TestNamesOfFunctions(t *testing.T) {
	symbols := []symbol{
		function("plain", 0x1010), function("plain_too", 0x1020), function("weak", 0x1030).weak(), function("weak", 0x1040), function("weak", 0x1050).weak(),
		function("two", 0x1060), function("two", 0x1070), function("alias", 0x1010), function("alias", 0x1010),
		function("old", 0x1100).in("V1"), function("old", 0x1110).in("V2"), function("dynamic", 0x1120).in(""), function("dynamic", 0x1130),
		function("import", 0).in(""), function("import", 0x1140), function("elsewhere", 0), function("fixed@V1", 0x1150), function("only", 0x1160).in("V3"),
		{name: "data", offset: 0x1200, kind: elf.STT_OBJECT}, function("second@", 0x1170),
	}
	for format, c := range map[string]struct {
		order binary.ByteOrder
		wide  bool
	}{
		"64 bits": {binary.LittleEndian, true}, "64 bits, big-endian": {binary.BigEndian, true},
		"32 bits": {binary.LittleEndian, false}, "32 bits, big-endian": {binary.BigEndian, false},
	} {
		data := elfWith(c.order, c.wide, symbols...)
		e, err := openELF(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for name, want := range map[string]struct {
			offset uint64
			why    string
			err    error
		}{
			"plain": {offset: 0x1010}, "alias": {offset: 0x1010}, "weak": {offset: 0x1040}, "dynamic": {offset: 0x1120}, "import": {offset: 0x1140},
			"only": {offset: 0x1160}, "only@V3": {offset: 0x1160}, "only@@V3": {offset: 0x1160}, "old@V1": {offset: 0x1100}, "old@@V2": {offset: 0x1110},
			"fixed@V1": {offset: 0x1150}, "fixed": {offset: 0x1150},
			"two":  {why: "elf: ambiguous match for 'two', 'two' in 'file'", err: errNotELF},
			"old":  {why: "elf: ambiguous match for 'old', 'old' in 'file'", err: errNotELF},
			"nope": {why: "elf: 'nope' is 0 in symtab for 'file': try using shared library path instead", err: syscall.ENOENT}, "plai": {err: syscall.ENOENT},
			"only@V1": {err: syscall.ENOENT}, "fixed@V2": {err: syscall.ENOENT}, "data": {err: syscall.ENOENT}, "elsewhere": {err: syscall.ENOENT}, "": {err: syscall.ENOENT},
			"dynamic@": {err: syscall.ENOENT},
		} {
			offset, why, err := e.offset("file", name)
			if offset != want.offset || err != want.err || want.why != "" && why != want.why || (err != nil) != (why != "") {
				t.Errorf("%s: %q is at %#x, %v, %q", format, name, offset, err, why)
			}
		}
		for names, want := range map[string]struct {
			offsets []uint64
			err     error
		}{
			"plain weak only": {offsets: []uint64{0x1010, 0x1040, 0x1160}}, "alias plain alias": {offsets: []uint64{0x1010, 0x1010, 0x1010}},
			"plain two": {err: syscall.ESRCH}, "dynamic": {err: syscall.ESRCH}, "plain nope": {err: syscall.ENOENT}, "elsewhere": {err: syscall.ENOENT},
		} {
			offsets, why, err := e.offsets("file", strings.Fields(names))
			if !slices.Equal(offsets, want.offsets) || err != want.err || (err != nil) != (why != "") {
				t.Errorf("%s: %s are at %#x, %v, %q", format, names, offsets, err, why)
			}
		}
		for pattern, want := range map[string][]uint64{
			"plain*": {0x1010, 0x1020}, "*l?as": {0x1010, 0x1010}, "import": {0x1140}, "only": {0x1160}, "old*": {0x1100, 0x1110}, "nope*": nil, "elsewhere": nil,
		} {
			offsets, _, err := e.matching("file", pattern)
			if !slices.Equal(offsets, want) || (err == syscall.ENOENT) != (want == nil) {
				t.Errorf("%s: %s matches %#x, %v", format, pattern, offsets, err)
			}
		}
	}
}

// A file without symbols, or without sections, says which function it lacks.
func TestStrippedFile(t *testing.T) {
	whole := elfWith(binary.LittleEndian, true)
	stripped := bytes.Clone(whole)
	clear(stripped[40:48]) // where the sections are
	for name, c := range map[string]struct {
		data []byte
		why  string
	}{
		"no sections": {stripped, "elf: failed to find symbol 'f' in 'file'"},
		"no symbols":  {whole, "elf: 'f' is 0 in symtab for 'file': try using shared library path instead"},
	} {
		e, err := openELF(bytes.NewReader(c.data), int64(len(c.data)))
		if err != nil {
			t.Fatal(err)
		}
		if _, why, err := e.offset("file", "f"); err != syscall.ENOENT || why != c.why {
			t.Errorf("%s: %v, %q", name, err, why)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false}, {"?", "a", true}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "abc", true}, {"a*d", "abc", false}, {"a**c", "abc", true}, {"*b*", "abc", true}, {"a?c", "abc", true}, {"ab", "abc", false}, {"abcd", "abc", false},
		{"*?", "a", true}, {"*?", "", false}, {"a*b*c", "aXbYbZc", true}, {"*.part.*", "f.part.0", true},
	} {
		if glob(c.pattern, c.name) != c.want {
			t.Errorf("%q and %q", c.pattern, c.name)
		}
	}
}

// A file in an archive that is not compressed has its functions at offsets of the archive.
func TestFunctionInAnArchive(t *testing.T) {
	program := elfWith(binary.LittleEndian, true, function("f", 0x1010))
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, f := range []struct {
		name   string
		method uint16
		data   []byte
	}{
		{"first", zip.Store, []byte("text")}, {"lib/program", zip.Store, program}, {"packed", zip.Deflate, program},
	} {
		part, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: f.method, Comment: "of a file"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmp.Or(w.SetComment("of the archive PK\x05\x06"), w.Close()); err != nil {
		t.Fatal(err)
	}
	data := archive.Bytes()
	// The comment contains the mark of the end, with too little behind it.
	z, err := openZip(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	offset, size, err := z.find("lib/program")
	if err != nil || !bytes.Equal(data[offset:offset+size], program) {
		t.Fatalf("%d bytes at %d, %v", size, offset, err)
	}
	e, err := openELF(io.NewSectionReader(bytes.NewReader(data), offset, size), size)
	if err != nil {
		t.Fatal(err)
	}
	if at, why, err := e.offset("program", "f"); at != 0x1010 || err != nil {
		t.Errorf("%#x, %s, %v", at, why, err)
	}
	if _, _, err := z.find("packed"); err != errNotELF {
		t.Errorf("a compressed file: %v", err)
	}
	if _, _, err := z.find("program"); err != syscall.ENOENT {
		t.Errorf("a file that is not there: %v", err)
	}
	for _, broken := range [][]byte{nil, data[:len(data)-50], program} {
		if _, err := openZip(bytes.NewReader(broken), int64(len(broken))); err != syscall.EINVAL {
			t.Errorf("%d bytes: %v", len(broken), err)
		}
	}
}

// readDamaged reads what may be an ELF file or an archive.
func readDamaged(data []byte) {
	file, size := bytes.NewReader(data), int64(len(data))
	if e, err := openELF(file, size); err == nil {
		_, _, _ = e.offset("file", "old@V1")
		_, _, _ = e.offsets("file", []string{"plain", "old"})
		_, _, _ = e.matching("file", "*l*")
	}
	if z, err := openZip(file, size); err == nil {
		_, _, _ = z.find("file")
	}
}

// Files that end too early, or of which one byte is wrong, cause no panic.
func TestDamagedFiles(t *testing.T) {
	for _, wide := range []bool{true, false} {
		whole := elfWith(binary.LittleEndian, wide, function("plain", 0x1010), function("old", 0x1100).in("V1"), function("old", 0x1110).in("V2"))
		for i := range whole {
			readDamaged(whole[:i])
			for _, wrong := range []byte{0, 1, 0x7f, 0xff} {
				damaged := bytes.Clone(whole)
				damaged[i] = wrong
				readDamaged(damaged)
			}
		}
	}
}

// FuzzELF does the same with what the fuzzer finds.
func FuzzELF(f *testing.F) {
	symbols := []symbol{function("plain", 0x1010), function("old", 0x1100).in("V1"), function("old", 0x1110).in("V2")}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		f.Add(elfWith(order, true, symbols...))
		f.Add(elfWith(order, false, symbols...))
	}
	f.Add([]byte("PK\x05\x06 and no more than that"))
	f.Fuzz(func(t *testing.T, data []byte) { readDamaged(data) })
}
