package skel

import (
	"sync"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A mapWalk is one iteration over a map.
//
//  1. It reads hashes and arrays in batches. The kernel copies a bucket of a hash under
//     its lock, and an element never leaves its bucket: so no element comes twice, and
//     none is missed that exists throughout.
//  2. If the kernel does not support batches for the map, it uses a cursor.
//
// Its memory is one chunk.
type mapWalk struct {
	b     *mapBase
	chunk *chunk
	// The chunk holds n elements; i of them have been seen.
	keys, values unsafe.Pointer
	n, i         int
	valueBytes   int
	// Batches of count elements, from in on; from the beginning if not begun.
	batches, begun bool
	count          int
	in, out        uint64 // a bucket, or the key of an array: 4 bytes
	cursor         cursor
	ended          bool
	err            error
}

// A chunk is memory for elements. Chunks of chunkWords are reused.
type chunk struct {
	words []uint64
}

const (
	chunkWords      = 8 << 10 // 64 KiB
	maxBatchEntries = 256
	// minBatchEntries is the least size of a batch, for very large values.
	minBatchEntries = 4
)

var chunkPool = sync.Pool{New: func() any { return &chunk{make([]uint64, chunkWords)} }}

func newChunk(words int) *chunk {
	if words > chunkWords {
		return &chunk{make([]uint64, words)}
	}
	return chunkPool.Get().(*chunk)
}

func (c *chunk) free() {
	if c != nil && len(c.words) == chunkWords {
		chunkPool.Put(c)
	}
}

// wordsFor returns the number of words that hold the given number of bytes.
func wordsFor(bytes int) int { return (bytes + 7) / 8 }

// begin starts the walk. The caller calls end.
func (w *mapWalk) begin(b *mapBase) {
	*w = mapWalk{b: b}
	if b.unusable != nil {
		w.fail(b.checkUsable())
		return
	}
	if w.valueBytes, w.err = b.valueBytes(); w.err != nil {
		w.fail(w.err)
		return
	}
	if !batchKinds.has(b.kind) || b.nextKeyOnly {
		w.useCursor()
		return
	}
	w.batches = true
	w.useBatches(w.firstCount())
}

// firstCount is the number of elements of the first batch. More than the map's size
// are never needed, and a chunk of the usual size is better than a larger batch.
func (w *mapWalk) firstCount() int {
	each := max(1, int(w.b.keySize)+w.valueBytes)
	fit := max(minBatchEntries, min(maxBatchEntries, (chunkWords-1)*8/each))
	return max(1, min(fit, int(w.b.maxEntries)))
}

// useBatches takes a chunk for batches of count elements: the keys, and the values
// from the next word on.
func (w *mapWalk) useBatches(count int) {
	keyWords := wordsFor(count * int(w.b.keySize))
	w.replaceChunk(keyWords + wordsFor(count*w.valueBytes))
	w.count = count
	w.keys = mem.Of(w.chunk.words)
	w.values = mem.Of(w.chunk.words[keyWords:])
}

// useCursor takes a chunk for three keys and a value.
func (w *mapWalk) useCursor() {
	keyWords := wordsFor(int(w.b.keySize))
	w.replaceChunk(3*keyWords + wordsFor(w.valueBytes))
	words := w.chunk.words
	w.batches = false
	w.cursor = cursor{b: w.b, last: words[:keyWords], cur: words[keyWords:][:keyWords], next: words[2*keyWords:][:keyWords]}
	w.values = mem.Of(words[3*keyWords:])
}

// replaceChunk replaces the chunk by one of at least the given number of words.
func (w *mapWalk) replaceChunk(words int) {
	w.chunk.free()
	w.chunk = newChunk(words)
}

// end returns the memory to the pool.
func (w *mapWalk) end() {
	w.chunk.free()
	w.chunk, w.n, w.i, w.ended = nil, 0, 0, true
}

// fail ends the walk with err. It returns false.
func (w *mapWalk) fail(err error) bool {
	w.err, w.ended = err, true
	return false
}

// advance moves to the next element, to which key and value then point.
func (w *mapWalk) advance() bool {
	for w.i == w.n {
		if !w.fill() {
			return false
		}
	}
	if err := w.b.lifetime.check(); err != nil {
		w.i = w.n
		return w.fail(err)
	}
	w.i++
	return true
}

// key points to the key of the current element.
func (w *mapWalk) key() unsafe.Pointer {
	return unsafe.Add(w.keys, (w.i-1)*int(w.b.keySize)) // SAFETY: one of the n elements in the chunk
}

// value points to the value of the current element, or to its per-CPU values.
func (w *mapWalk) value() unsafe.Pointer {
	return unsafe.Add(w.values, (w.i-1)*w.valueBytes) // SAFETY: one of the n elements in the chunk
}

// fill reads the next elements. It returns false at the end.
func (w *mapWalk) fill() bool {
	w.n, w.i = 0, 0
	if w.batches && !w.ended {
		w.fillBatch()
	}
	if !w.batches && !w.ended {
		w.fillOne()
	}
	return w.n > 0
}

func (w *mapWalk) fillOne() {
	if !w.cursor.advance(w.values) {
		w.fail(w.cursor.err)
		return
	}
	w.keys, w.n = mem.Of(w.cursor.last), 1
}

// fillBatch reads batches until there is an element, or until it finds that the map
// has no batches.
func (w *mapWalk) fillBatch() {
	for tries := 0; w.n == 0 && !w.ended; {
		// SAFETY: positions of hashes and arrays have 4 bytes, and are not kept.
		c := bpf.Batch{Out: unsafe.Pointer(&w.out), Keys: w.keys, Values: w.values, Count: w.count}
		if w.begun {
			c.In = unsafe.Pointer(&w.in)
		}
		n, errno, err := w.b.callBatch(uapi.CmdMapLookupBatch, &c)
		switch {
		case err != nil:
			w.fail(err)
		case errno == syscall.ENOENT:
			w.n, w.ended = n, true
		case n > 0 && errno != syscall.EFAULT: // an error would come again
			w.n, w.in, w.begun = n, w.out, true
		case errno == syscall.ENOSPC && w.count < 2*int(w.b.maxEntries):
			w.useBatches(2 * w.count)
		case retryable(errno) && tries < maxAttempts:
			tries++
		case !w.begun && batchesUnsupported(errno):
			w.useCursor()
			return
		default:
			w.fail(w.b.fail("iterate", errno))
		}
	}
}

// batchesUnsupported reports whether an errno means that the kernel does not support
// batches, or not for this kind of map.
func batchesUnsupported(errno syscall.Errno) bool {
	const notSupported = 524 // the kernel's ENOTSUPP
	return errno == syscall.EINVAL || errno == syscall.EOPNOTSUPP || errno == notSupported
}
