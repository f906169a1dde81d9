package skel

import "github.com/bpfskel/bpfskel/pkg/backend"

// RawProgram returns the back end's program, for tests of its wrong use.
func RawProgram(p *Program) backend.Program { return p.lp }

// WithoutBatches makes iterations of the map go from key to key, as they do on
// kernels without batches.
func WithoutBatches[K, V any](m *Map[K, V]) *Map[K, V] {
	slow := *m
	slow.nextKeyOnly = true
	return &slow
}

// PerCPUWithoutBatches is WithoutBatches for a PerCPUMap.
func PerCPUWithoutBatches[K, V any](m *PerCPUMap[K, V]) *PerCPUMap[K, V] {
	slow := *m
	slow.nextKeyOnly = true
	return &slow
}

// KeysInBatchesOf reads the keys in batches of count elements at first.
func KeysInBatchesOf[K, V any](m *Map[K, V], count int) (keys []K, err error) {
	var w mapWalk
	w.begin(&m.mapBase)
	defer w.end()
	w.useBatches(count)
	for w.advance() {
		keys = append(keys, *(*K)(w.key()))
	}
	return keys, w.err
}

// FirstBatch is the number of elements and of bytes of an iteration's first batch.
func FirstBatch[K, V any](m *Map[K, V]) (count, size int) {
	var w mapWalk
	w.begin(&m.mapBase)
	defer w.end()
	return w.count, 8 * len(w.chunk.words)
}
