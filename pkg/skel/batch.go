package skel

import (
	"fmt"
	"math"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// BatchPos is the position of a sequence of LookupBatch or LookupAndDeleteBatch calls. The
// zero value is the beginning. It belongs to the map that it was first used with: other
// maps return EINVAL. One goroutine uses it at a time.
type BatchPos struct {
	lifetime *lifetime // of the map that it belongs to, and its fd
	fd       int
	in, out  []uint64 // the kernel's own notes; in is nil at the beginning
	done     bool
	raw      []uint64 // memory for per-CPU values
}

// Done reports whether the calls have returned the whole map.
func (p *BatchPos) Done() bool { return p != nil && p.done }

// begin binds the position to b, or refuses it if it belongs to another map.
func (p *BatchPos) begin(b *mapBase) error {
	switch {
	case p == nil:
		return fmt.Errorf("%w: the BatchPos is nil", syscall.EINVAL)
	case p.lifetime == nil:
		p.lifetime, p.fd, p.out = b.lifetime, b.fd, make([]uint64, b.keySize/8+1)
	case p.lifetime != b.lifetime || p.fd != b.fd:
		return fmt.Errorf("%w: the BatchPos belongs to another map: use a new one", syscall.EINVAL)
	}
	return nil
}

// advance moves the position past the elements that a call has processed.
func (p *BatchPos) advance() {
	if p.in == nil {
		p.in = make([]uint64, len(p.out))
	}
	p.in, p.out = p.out, p.in
}

// LookupBatch copies up to len(keys) elements to keys and values, which must have the same
// length, and returns their number, also with an error. Each call with the same pos
// continues after the previous one, until pos.Done. The error is ENOSPC if the slices are
// too short for the elements in one bucket of the kernel's map: retry with longer slices
// and the same pos.
//
//	var pos skel.BatchPos
//	for !pos.Done() {
//		n, err := m.LookupBatch(&pos, keys, values)
//		...
//	}
//
// LookupBatch requires Linux 5.6. The kernel reads a hash bucket by bucket, each
// atomically. It reads other kinds of map key by key, and starts over if the last key of a
// batch is deleted before the next call. (bpf_map_lookup_batch)
func (m *Map[K, V]) LookupBatch(pos *BatchPos, keys []K, values []V) (int, error) {
	return m.readBatch(uapi.CmdMapLookupBatch, "look up", pos, keys, values)
}

// LookupAndDeleteBatch is like LookupBatch and removes the elements.
// (bpf_map_lookup_and_delete_batch)
func (m *Map[K, V]) LookupAndDeleteBatch(pos *BatchPos, keys []K, values []V) (int, error) {
	return m.readBatch(uapi.CmdMapLookupAndDeleteBatch, "look up and delete", pos, keys, values)
}

func (m *Map[K, V]) readBatch(op uapi.Cmd, what string, pos *BatchPos, keys []K, values []V) (int, error) {
	if err := m.base().checkBatchLens(len(keys), len(values)); err != nil {
		return 0, err
	}
	return m.base().readBatch(op, what, pos, &bpf.Batch{Keys: mem.Of(keys), Values: mem.Of(values), Count: len(keys)})
}

// UpdateBatch sets the values of keys, in order, and returns how many it has set. keys and
// values must have the same length. It requires Linux 5.6; its only flag is Lock. (bpf_map_update_batch)
func (m *Map[K, V]) UpdateBatch(keys []K, values []V, flags ...UpdateFlags) (int, error) {
	if err := m.base().checkBatchLens(len(keys), len(values)); err != nil {
		return 0, err
	}
	return m.base().changeBatch(uapi.CmdMapUpdateBatch, "update", &bpf.Batch{Keys: mem.Of(keys), Values: mem.Of(values),
		Count: len(keys), Flags: joinFlags(flags)})
}

// DeleteBatch removes the elements of keys, in order, and returns how many it has removed.
// It stops at the first key that does not exist, with ErrNotExist. (bpf_map_delete_batch)
func (m *Map[K, V]) DeleteBatch(keys []K) (int, error) {
	return m.base().changeBatch(uapi.CmdMapDeleteBatch, "delete", &bpf.Batch{Keys: mem.Of(keys), Count: len(keys)})
}

func (b *mapBase) checkBatchLens(keys, values int) error {
	if keys != values || keys == 0 {
		return b.fail("use", fmt.Errorf("%w: %d keys and %d values: both must have the same length, at least 1", syscall.EINVAL, keys, values))
	}
	return nil
}

// callBatch makes the call and returns how many elements it processed. The memory holds
// count elements, and is not kept.
func (b *mapBase) callBatch(op uapi.Cmd, c *bpf.Batch) (int, syscall.Errno, error) {
	if b.unusable != nil {
		return 0, 0, b.checkUsable()
	}
	if c.Count > math.MaxInt32 {
		return 0, 0, b.fail("use", fmt.Errorf("%w: %d elements are too many for one batch", syscall.E2BIG, c.Count))
	}
	if err := b.lifetime.beginUse(); err != nil {
		return 0, 0, err
	}
	defer b.lifetime.endUse()
	n, errno := bpf.MapBatch(op, b.fd, c)
	return n, errno, nil
}

// maxAttempts limits how often a call is repeated that processed no element, because
// others changed the map (EINTR of older kernels) or held one of its locks (EBUSY).
const maxAttempts = 100

// readBatch makes a call that reads from pos on. The call stops before the first
// element that it does not process, also if it fails, so pos moves past n elements in
// any case.
func (b *mapBase) readBatch(op uapi.Cmd, what string, pos *BatchPos, c *bpf.Batch) (int, error) {
	if b.unusable != nil {
		return 0, b.checkUsable()
	}
	if err := pos.begin(b); err != nil {
		return 0, b.fail(what, err)
	}
	if pos.done {
		return 0, b.checkUsable()
	}
	c.In, c.Out = mem.Of(pos.in), mem.Of(pos.out)
	for range maxAttempts {
		n, errno, err := b.callBatch(op, c)
		if err != nil {
			return 0, err
		}
		if n > 0 && errno != syscall.EFAULT {
			pos.advance()
		}
		switch {
		case errno == syscall.ENOENT:
			pos.done = true
			return n, nil
		case errno == 0 || n > 0 && retryable(errno):
			return n, nil
		case !retryable(errno):
			return n, b.fail(what, errno)
		}
	}
	return 0, b.fail(what, syscall.EBUSY)
}

func retryable(errno syscall.Errno) bool {
	return errno == syscall.EINTR || errno == syscall.EBUSY || errno == syscall.EAGAIN
}

func (b *mapBase) changeBatch(op uapi.Cmd, what string, c *bpf.Batch) (int, error) {
	if c.Count == 0 {
		return 0, b.checkUsable()
	}
	n, errno, err := b.callBatch(op, c)
	switch {
	case err != nil:
		return 0, err
	case errno != 0:
		return n, b.elemError(what, errno)
	}
	return n, nil
}
