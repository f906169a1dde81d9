package bpf

import (
	"math"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Batch is the memory of a call on many elements, which does not keep it.
type Batch struct {
	// In and Out are positions of the two lookups, of the size of a key and at least 8
	// bytes: In is nil in the first call, and the previous call's Out in later ones.
	In, Out      unsafe.Pointer
	Keys, Values unsafe.Pointer // Count of each, or room for them
	Count        int
	Flags        uapi.ElemFlags
}

// batchAttr is union bpf_attr of those calls.
type batchAttr struct {
	in, out, keys, values ptr64
	count, fd             uint32
	elemFlags, flags      uint64
}

// MapBatch makes one call on b.Count elements of the map behind fd, such as
// CmdMapLookupBatch (bpf_map_lookup_batch and its sisters), and returns how many the kernel
// processed: 0 if the kernel does not report it, because it refused the call or with
// EFAULT. A lookup that reaches the end of the map returns ENOENT, with or without
// elements.
func MapBatch(cmd uapi.Cmd, fd int, b *Batch) (int, Errno) {
	if b.Count < 0 || uint64(b.Count) > math.MaxUint32 {
		return 0, errInvalid
	}
	attr := batchAttr{
		in: ptr64{p: b.In}, out: ptr64{p: b.Out}, keys: ptr64{p: b.Keys}, values: ptr64{p: b.Values},
		count: uint32(b.Count), fd: uint32(fd), elemFlags: uint64(b.Flags),
	}
	_, errno := call(cmd, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	done := int(attr.count)
	switch {
	case errno == 0 || errno == errNotExist && isLookup(cmd):
	case errno == errFault, done == b.Count:
		// A call that is refused early leaves the count as it was.
		done = 0
	}
	return done, errno
}

func isLookup(cmd uapi.Cmd) bool {
	return cmd == uapi.CmdMapLookupBatch || cmd == uapi.CmdMapLookupAndDeleteBatch
}
