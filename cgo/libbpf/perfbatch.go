package libbpf

import (
	"encoding/binary"
	"math"
)

// PerfBatch is records of one CPU, as PerfBuffer.Fill has copied them.
type PerfBatch []byte

const perfHead = 8 // struct bpfskel_perf_head

// Next takes the first record off a batch that is not empty. Data is aligned to 8
// bytes; the kernel has padded it, with what is not zero, so that its size is a
// multiple of 8 bytes plus 4. Where lost is not 0 there is no record, but as many
// were lost before the next one.
func (b *PerfBatch) Next() (cpu int, data []byte, lost uint64) {
	size := binary.NativeEndian.Uint32(*b)
	cpu = int(binary.NativeEndian.Uint32((*b)[4:]))
	rest := (*b)[perfHead:]
	if size == math.MaxUint32 {
		lost = binary.NativeEndian.Uint64(rest)
		*b = rest[8:]
		return cpu, nil, lost
	}
	*b = rest[(int(size)+7)&^7:]
	return cpu, rest[:size:size], 0
}
