package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"math/rand/v2"
)

// mutations are the ways to damage an object. Each changes data in place or
// returns another slice.
var mutations = []struct {
	name  string
	apply func(*rand.Rand, []byte) []byte
}{
	{"bytes changed", changeBytes},
	{"bytes changed", changeBytes},
	{"a bit flipped", flipBit},
	{"cut short", truncate},
	{"a section's header changed", changeSectionHeader},
	{"a section's header changed", changeSectionHeader},
	{"a word of BTF changed", inSection(".BTF", changeWord)},
	{"a word of BTF changed", inSection(".BTF", changeWord)},
	{"a word of BTF changed", inSection(".BTF", changeWord)},
	{"a byte of BTF changed", inSection(".BTF", changeBytes)},
	{"a word of .BTF.ext changed", inSection(".BTF.ext", changeWord)},
	{"a word of the symbol table changed", inSection(".symtab", changeWord)},
	{"a byte of the names changed", inSection(".strtab", changeBytes)},
	{"a word of the ELF header changed", changeHeader},
	{"a block overwritten with another", copyBlock},
	{"a block of zeroes", zeroBlock},
}

const (
	headerSize        = 64 // of an ELF64 file
	sectionHeaderSize = 64
)

func changeBytes(r *rand.Rand, data []byte) []byte {
	for range 1 + r.IntN(8) {
		if len(data) > 0 {
			data[r.IntN(len(data))] = byte(r.Uint32())
		}
	}
	return data
}

func flipBit(r *rand.Rand, data []byte) []byte {
	data[r.IntN(len(data))] ^= 1 << r.IntN(8)
	return data
}

func truncate(r *rand.Rand, data []byte) []byte {
	return data[:r.IntN(len(data))]
}

// boundaryNumber returns a number that programs often handle wrongly: a limit, its neighbor, a small number, a number
// near size, or any number.
func boundaryNumber(r *rand.Rand, size int) uint64 {
	limits := []uint64{0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 40, 1<<63 - 1, 1 << 63, 1<<64 - 1}
	switch r.IntN(4) {
	case 0:
		return limits[r.IntN(len(limits))]
	case 1:
		return uint64(r.IntN(64))
	case 2:
		return uint64(max(size-8+r.IntN(16), 0))
	default:
		return r.Uint64()
	}
}

func changeWord(r *rand.Rand, data []byte) []byte {
	if len(data) >= 4 {
		at := r.IntN(len(data)/4) * 4
		binary.LittleEndian.PutUint32(data[at:], uint32(boundaryNumber(r, len(data))))
	}
	return data
}

func changeHeader(r *rand.Rand, data []byte) []byte {
	changeWord(r, data[:min(headerSize, len(data))])
	return data
}

// changeSectionHeader changes one field of one section's header.
func changeSectionHeader(r *rand.Rand, data []byte) []byte {
	order := byteOrder(data)
	start := order.Uint64(data[40:])
	count := int(order.Uint16(data[60:]))
	header := data[int(start)+sectionHeaderSize*r.IntN(count):][:sectionHeaderSize]
	// sh_name and sh_type, the 64-bit fields, sh_link and sh_info, two more of 64 bits
	switch field := r.IntN(10); field {
	case 0, 1:
		order.PutUint32(header[4*field:], uint32(boundaryNumber(r, len(data))))
	case 2, 3, 4, 5:
		order.PutUint64(header[8*(field-1):], boundaryNumber(r, len(data)))
	case 6, 7:
		order.PutUint32(header[40+4*(field-6):], uint32(boundaryNumber(r, count)))
	default:
		order.PutUint64(header[48+8*(field-8):], boundaryNumber(r, 16))
	}
	return data
}

func byteOrder(data []byte) binary.ByteOrder {
	if data[elf.EI_DATA] == byte(elf.ELFDATA2MSB) {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// inSection damages only one section, or any byte of an object without that section.
func inSection(name string, damage func(*rand.Rand, []byte) []byte) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, data []byte) []byte {
		f, err := elf.NewFile(bytes.NewReader(data))
		if err != nil {
			return changeBytes(r, data)
		}
		s := f.Section(name)
		if s == nil || s.Size == 0 {
			return changeBytes(r, data)
		}
		damage(r, data[s.Offset:][:s.Size])
		return data
	}
}

func block(r *rand.Rand, data []byte) []byte {
	n := 1 + r.IntN(min(256, len(data)))
	return data[r.IntN(len(data)-n+1):][:n]
}

func copyBlock(r *rand.Rand, data []byte) []byte {
	copy(block(r, data), append([]byte(nil), block(r, data)...))
	return data
}

func zeroBlock(r *rand.Rand, data []byte) []byte {
	clear(block(r, data))
	return data
}
