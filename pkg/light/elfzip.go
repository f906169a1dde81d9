package light

import (
	"bytes"
	"encoding/binary"
	"io"
	"syscall"
)

// zipMember finds a file that an archive, such as an Android package, holds without
// compression: size bytes at offset. The error is ENOENT if the archive does not have it,
// and errNotELF if it is compressed or the archive is damaged.
func zipMember(archive io.ReaderAt, archiveSize int64, name string) (offset, size int64, err error) {
	const (
		endSize, entrySize, localSize = 22, 46, 30
		longestComment                = 1<<16 - 1
	)
	var (
		order     = binary.LittleEndian
		read      = (&elfFile{file: archive, size: archiveSize}).read
		endMark   = []byte("PK\x05\x06")
		entryMark = []byte("PK\x01\x02")
		localMark = []byte("PK\x03\x04")
	)
	tail := min(archiveSize, endSize+longestComment)
	data, err := read(uint64(archiveSize-tail), uint64(tail))
	if err != nil {
		return 0, 0, err
	}
	at := bytes.LastIndex(data, endMark)
	if at < 0 || len(data)-at < endSize {
		return 0, 0, errNotELF
	}
	end := data[at:]
	entries, err := read(uint64(order.Uint32(end[16:])), uint64(order.Uint32(end[12:])))
	if err != nil {
		return 0, 0, err
	}
	for len(entries) >= entrySize && bytes.HasPrefix(entries, entryMark) {
		entry := entries[:entrySize]
		nameSize := int(order.Uint16(entry[28:]))
		next := entrySize + nameSize + int(order.Uint16(entry[30:])) + int(order.Uint16(entry[32:]))
		if next > len(entries) {
			return 0, 0, errNotELF
		}
		found := string(entries[entrySize:entrySize+nameSize]) == name
		entries = entries[next:]
		if !found {
			continue
		}
		const encrypted = 1
		if order.Uint16(entry[10:]) != 0 || order.Uint16(entry[8:])&encrypted != 0 {
			return 0, 0, errNotELF
		}
		start := uint64(order.Uint32(entry[42:]))
		local, err := read(start, localSize)
		if err != nil || !bytes.HasPrefix(local, localMark) {
			return 0, 0, errNotELF
		}
		start += localSize + uint64(order.Uint16(local[26:])) + uint64(order.Uint16(local[28:]))
		return int64(start), int64(order.Uint32(entry[24:])), nil
	}
	return 0, 0, syscall.ENOENT
}
