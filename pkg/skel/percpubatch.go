package skel

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// LookupBatch is Map's LookupBatch. Each of values becomes a slice of PossibleCPUs
// values; one that already has that length is reused. It requires Linux 5.6, for arrays
// 5.13. (bpf_map_lookup_batch)
func (m *PerCPUMap[K, V]) LookupBatch(pos *BatchPos, keys []K, values [][]V) (int, error) {
	return m.readBatch(uapi.CmdMapLookupBatch, "look up", pos, keys, values)
}

// LookupAndDeleteBatch is like LookupBatch and removes the elements.
// (bpf_map_lookup_and_delete_batch)
func (m *PerCPUMap[K, V]) LookupAndDeleteBatch(pos *BatchPos, keys []K, values [][]V) (int, error) {
	return m.readBatch(uapi.CmdMapLookupAndDeleteBatch, "look up and delete", pos, keys, values)
}

func (m *PerCPUMap[K, V]) readBatch(op uapi.Cmd, what string, pos *BatchPos, keys []K, values [][]V) (int, error) {
	valueSize, err := m.batchValueSize(len(keys), len(values))
	if err != nil {
		return 0, err
	}
	if pos == nil {
		return 0, m.base().fail(what, fmt.Errorf("%w: the BatchPos is nil", syscall.EINVAL))
	}
	if len(pos.raw) < len(keys)*valueSize/8 {
		pos.raw = make([]uint64, len(keys)*valueSize/8)
	}
	raw := mem.Of(pos.raw)
	n, err := m.base().readBatch(op, what, pos, &bpf.Batch{Keys: mem.Of(keys), Values: raw, Count: len(keys)})
	cpus := valueSize / stride(unsafe.Sizeof(*new(V)))
	for i := range values[:n] {
		if len(values[i]) != cpus {
			values[i] = make([]V, cpus)
		}
		copyFromKernel(values[i], unsafe.Add(raw, i*valueSize)) // SAFETY: raw has valueSize bytes for each key
	}
	return n, err
}

// UpdateBatch is Map's UpdateBatch. Each of values has PossibleCPUs values.
// (bpf_map_update_batch)
func (m *PerCPUMap[K, V]) UpdateBatch(keys []K, values [][]V, flags ...UpdateFlags) (int, error) {
	valueSize, err := m.batchValueSize(len(keys), len(values))
	if err != nil {
		return 0, err
	}
	raw := make([]uint64, len(keys)*valueSize/8)
	for i := range values {
		if err := m.checkLen(values[i]); err != nil {
			return 0, err
		}
		copyToKernel(unsafe.Add(mem.Of(raw), i*valueSize), values[i]) // SAFETY: raw has valueSize bytes for each key
	}
	return m.base().changeBatch(uapi.CmdMapUpdateBatch, "update", &bpf.Batch{Keys: mem.Of(keys), Values: mem.Of(raw),
		Count: len(keys), Flags: joinFlags(flags)})
}

// DeleteBatch removes the elements of keys, in order, and returns how many it has removed.
// It stops at the first key that does not exist, with ErrNotExist. (bpf_map_delete_batch)
func (m *PerCPUMap[K, V]) DeleteBatch(keys []K) (int, error) {
	return m.base().changeBatch(uapi.CmdMapDeleteBatch, "delete", &bpf.Batch{Keys: mem.Of(keys), Count: len(keys)})
}

// batchValueSize checks the lengths of a batch, and returns the size in bytes of one
// element's values in the kernel.
func (m *PerCPUMap[K, V]) batchValueSize(keys, values int) (int, error) {
	if err := m.base().checkUsable(); err != nil {
		return 0, err
	}
	if err := m.base().checkBatchLens(keys, values); err != nil {
		return 0, err
	}
	return m.base().perCPUBytes()
}
