package bpf

import (
	"math"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Batch is what a call on many elements works on. The memory is not kept.
type Batch struct {
	// In and Out are positions of the two lookups, of the size of a key and at
	// least 8 bytes: In is nil at the start, and then the Out of the call before.
	In, Out      unsafe.Pointer
	Keys, Values unsafe.Pointer // room for Count of each, or Count of each
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
// CmdMapLookupBatch (bpf_map_lookup_batch and its sisters), and returns how many the kernel dealt with:
// 0 if it does not say so, because it refused the call or with EFAULT. A lookup that
// reaches the end of the map returns ENOENT, with elements or without.
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
	case errno == 0 || errno == errNotExist && looksUp(cmd):
	case errno == errFault, done == b.Count:
		// A call that is refused early leaves the count as it was.
		done = 0
	}
	return done, errno
}

func looksUp(cmd uapi.Cmd) bool {
	return cmd == uapi.CmdMapLookupBatch || cmd == uapi.CmdMapLookupAndDeleteBatch
}
