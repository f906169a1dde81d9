package ringbuf

import (
	"encoding/binary"
	"math"
)

// perfBatch is records of one CPU, as perfBuffer.readRings has copied them: each begins
// with its size and its CPU, and takes a multiple of 8 bytes.
type perfBatch []byte

const (
	perfHeadSize = 8
	lostMark     = math.MaxUint32 // instead of a size: a u64 follows, the number of lost records
)

// next takes the first record off a batch that is not empty. Data is aligned to 8
// bytes; the kernel has padded it, not with zeros, so that its size is a multiple of 8
// bytes plus 4. If lost is not 0, there is no record: that many were lost before the
// next one.
func (b *perfBatch) next() (cpu int, data []byte, lost uint64) {
	size := binary.NativeEndian.Uint32(*b)
	cpu = int(binary.NativeEndian.Uint32((*b)[4:]))
	rest := (*b)[perfHeadSize:]
	if size == lostMark {
		lost = binary.NativeEndian.Uint64(rest)
		*b = rest[8:]
		return cpu, nil, lost
	}
	*b = rest[(int(size)+7)&^7:]
	return cpu, rest[:size:size], 0
}
