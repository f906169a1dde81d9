package light

import (
	"bytes"
	"encoding/binary"
	"io"
	"syscall"
)

// zipFile is an archive, such as an Android package.
type zipFile struct {
	file    io.ReaderAt
	size    int64
	entries []byte // its central directory
}

var zipOrder = binary.LittleEndian

// openZip reads the list of the files in an archive of size bytes. The error is EINVAL if
// it is not an archive.
func openZip(file io.ReaderAt, size int64) (*zipFile, error) {
	const endSize, longestComment = 22, 1<<16 - 1
	z := &zipFile{file: file, size: size}
	tail := min(size, endSize+longestComment)
	data, err := z.read(uint64(size-tail), uint64(tail))
	if err != nil {
		return nil, err
	}
	// A comment that reaches to the end of the file is behind the record at the end.
	for at := len(data) - endSize; at >= 0; at-- {
		end := data[at:]
		if bytes.HasPrefix(end, []byte("PK\x05\x06")) && int(zipOrder.Uint16(end[20:])) == len(end)-endSize {
			z.entries, err = z.read(uint64(zipOrder.Uint32(end[16:])), uint64(zipOrder.Uint32(end[12:])))
			return z, err
		}
	}
	return nil, syscall.EINVAL
}

func (z *zipFile) read(offset, size uint64) ([]byte, error) {
	data, err := readPart(z.file, z.size, offset, size)
	if err != nil {
		return nil, syscall.EINVAL
	}
	return data, nil
}

// find returns where a file is in the archive: size bytes at offset. The error is ENOENT
// if there is none of that name that is not encrypted, and errNotELF if it is compressed.
func (z *zipFile) find(name string) (offset, size int64, err error) {
	const entrySize, localSize = 46, 30
	for entries := z.entries; len(entries) >= entrySize && bytes.HasPrefix(entries, []byte("PK\x01\x02")); {
		entry, nameSize := entries[:entrySize], int(zipOrder.Uint16(entries[28:]))
		next := entrySize + nameSize + int(zipOrder.Uint16(entry[30:])) + int(zipOrder.Uint16(entry[32:]))
		if next > len(entries) {
			return 0, 0, syscall.EINVAL
		}
		const encrypted = 1
		found := string(entries[entrySize:entrySize+nameSize]) == name && zipOrder.Uint16(entry[8:])&encrypted == 0
		if entries = entries[next:]; !found {
			continue
		}
		if method := zipOrder.Uint16(entry[10:]); method != 0 {
			return 0, 0, errNotELF
		}
		start := uint64(zipOrder.Uint32(entry[42:]))
		local, err := z.read(start, localSize)
		if err != nil || !bytes.HasPrefix(local, []byte("PK\x03\x04")) {
			return 0, 0, syscall.EINVAL
		}
		start += localSize + uint64(zipOrder.Uint16(local[26:])) + uint64(zipOrder.Uint16(local[28:]))
		return int64(start), int64(zipOrder.Uint32(entry[24:])), nil
	}
	return 0, 0, syscall.ENOENT
}
