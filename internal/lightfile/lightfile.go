// Package lightfile is the format of the file x.light of a light package: a loader
// program that libbpf wrote (bpf_object__gen_loader), and the bytes that it works on,
// without their zeros.
package lightfile

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A file has these parts. Numbers have the byte order of the object.
//
//	magic      8 bytes, with the version of the format
//	insns      u32, the number of instructions of the loader, 8 bytes each
//	blob       u32, the size of the blob in bytes
//	extents    u32, the number of extents
//	reserved   u32, 0
//	instructions
//	extents    each with its offset in the blob and its length, two u32, by offset
//	bytes      of all extents, one after another
const (
	magic      = "BPFLIGH\x01"
	headerSize = len(magic) + 4*4
	insnSize   = 8
	extentSize = 8
)

// gap is the number of zeros from which it is shorter to begin another extent.
const gap = 2 * extentSize

// Limits of what a reader accepts. libbpf cannot write more.
const (
	maxInsns = 1 << 24
	maxBlob  = 1<<31 - 1
)

// File is the content of a file. Its strings are parts of the file.
type File struct {
	Order    binary.ByteOrder
	Insns    string
	BlobSize int
	Extents  []Extent
}

// Extent is a part of the blob that is not all zeros.
type Extent struct {
	Offset int
	Data   string
}

// Encode makes a file of a loader's instructions and its blob.
func Encode(order binary.AppendByteOrder, insns, blob []byte) []byte {
	extents := extentsOf(blob)
	out := []byte(magic)
	for _, n := range []int{len(insns) / insnSize, len(blob), len(extents), 0} {
		out = order.AppendUint32(out, uint32(n))
	}
	out = append(out, insns...)
	for _, e := range extents {
		out = order.AppendUint32(out, uint32(e.Offset))
		out = order.AppendUint32(out, uint32(len(e.Data)))
	}
	for _, e := range extents {
		out = append(out, e.Data...)
	}
	return out
}

func extentsOf(blob []byte) (extents []Extent) {
	for at := 0; at < len(blob); {
		if blob[at] == 0 {
			at++
			continue
		}
		end, zeros := at+1, 0
		for i := end; i < len(blob) && zeros < gap; i++ {
			if zeros++; blob[i] != 0 {
				end, zeros = i+1, 0
			}
		}
		extents = append(extents, Extent{at, string(blob[at:end])})
		at = end
	}
	return extents
}

var errDamaged = errors.New("the loader's file is damaged: run skelgen generate again")

// Decode reads a file in the given byte order. The error says that it is damaged, has
// the other byte order, or another version.
func Decode(order binary.ByteOrder, file string) (*File, error) {
	if len(file) < headerSize || file[:len(magic)] != magic {
		return nil, fmt.Errorf("%w (it begins with other bytes than %q)", errDamaged, magic)
	}
	size := int64(len(file)) // in 64 bits, since a number may be too large for an int
	word := func(at int64) int64 { return int64(order.Uint32([]byte(file[at : at+4]))) }
	insns, blob, extents := word(8), word(12), word(16)
	if insns > maxInsns || blob > maxBlob || extents > size/extentSize {
		return nil, fmt.Errorf("%w (it has the other byte order)", errDamaged)
	}
	table := int64(headerSize) + insns*insnSize
	at := table + extents*extentSize
	if at > size {
		return nil, fmt.Errorf("%w (it is too short)", errDamaged)
	}
	f := &File{Order: order, Insns: file[headerSize:table], BlobSize: int(blob), Extents: make([]Extent, extents)}
	end := int64(0)
	for i := range extents {
		offset, n := word(table+i*extentSize), word(table+i*extentSize+4)
		if offset < end || n > blob || offset > blob-n || n > size-at {
			return nil, fmt.Errorf("%w (extent %d)", errDamaged, i)
		}
		f.Extents[i] = Extent{int(offset), file[at : at+n]}
		at += n
		end = offset + n
	}
	if at != size {
		return nil, fmt.Errorf("%w (it is too long)", errDamaged)
	}
	return f, nil
}
