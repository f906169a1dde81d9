package bpf

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// elemAttr is union bpf_attr of the calls on one element, and of freeze.
type elemAttr struct {
	fd    uint32
	_     uint32
	key   ptr64
	value ptr64 // the next key, of CmdMapGetNextKey
	flags uint64
}

// MapShape is the properties of a map on which the time of a call on an element
// depends.
type MapShape struct {
	Type                           uapi.MapType
	KeySize, ValueSize, MaxEntries uint32 // sizes in bytes, of one CPU's value
}

// Elems makes the calls on the elements of one map, whose descriptor it borrows. The
// zero Elems cannot be used.
type Elems struct {
	fd uint32
	// short and shortNext report whether calls, and calls for the next key, are short
	// enough for quickCall.
	short, shortNext bool
}

// Limits of quickCall, measured. Telling the scheduler costs 30 ns (Go 1.26) to 90 ns
// (1.24) of a call that takes 0.4 to 1 us. A value of 4 KiB adds 0.1 us to that, and the
// kernel may wait for the memory of more than a page; the search for the next key passes
// 1000 empty buckets of a hash in 0.6 us.
const (
	shortBytes   = 4 << 10
	shortBuckets = 1 << 10
)

// NewElems returns the calls on the elements of the map behind fd.
func NewElems(fd int, shape MapShape) Elems {
	if !nonBlockingTypes.has(shape.Type) {
		return Elems{fd: uint32(fd)}
	}
	return Elems{
		fd: uint32(fd), short: elemBytes(shape) <= shortBytes,
		shortNext: shape.KeySize <= shortBytes && (!hashTypes.has(shape.Type) || shape.MaxEntries <= shortBuckets),
	}
}

// elemBytes returns how many bytes the kernel copies for an element.
func elemBytes(shape MapShape) uint64 {
	value := uint64(shape.ValueSize)
	if perCPUTypes.has(shape.Type) {
		cpus, err := NumPossibleCPUs()
		if err != nil {
			return shortBytes + 1
		}
		value = (value + 7) / 8 * 8 * uint64(cpus)
	}
	return uint64(shape.KeySize) + value
}

// Call makes one call on an element, such as CmdMapLookupElem (bpf_map_lookup_elem_flags
// and its sisters). value is nil for CmdMapDeleteElem, and the next key for
// CmdMapGetNextKey, which returns the first key for a nil key. Both have the sizes that
// the kernel uses; neither is kept or made to escape. Call never allocates.
func (e Elems) Call(cmd uapi.Cmd, key, value unsafe.Pointer, flags uapi.ElemFlags) Errno {
	attr := elemAttr{fd: e.fd, key: ptr64{p: key}, value: ptr64{p: value}, flags: uint64(flags)}
	short := e.short
	if cmd == uapi.CmdMapGetNextKey {
		short = e.shortNext
	}
	if short {
		return quickCallAttr(cmd, &attr)
	}
	_, errno := callAttr(cmd, &attr)
	return errno
}

// typeSet is a set of map types; the kernel has fewer than 64.
type typeSet uint64

func typesOf(list ...uapi.MapType) (set typeSet) {
	for _, t := range list {
		set |= 1 << t
	}
	return set
}

func (set typeSet) has(t uapi.MapType) bool { return set>>t&1 != 0 }

var (
	hashTypes = typesOf(uapi.MapTypeHash, uapi.MapTypePerCPUHash, uapi.MapTypeLRUHash, uapi.MapTypeLRUPerCPUHash)

	perCPUTypes = typesOf(uapi.MapTypePerCPUHash, uapi.MapTypePerCPUArray, uapi.MapTypeLRUPerCPUHash,
		uapi.MapTypePerCPUCgroupStorage)

	// Calls on nonBlockingTypes do not block. Calls on the others wait for a grace period
	// (maps of maps), for text to be patched (program arrays), for a thread (CPU maps), a
	// socket (maps of sockets), or a device.
	nonBlockingTypes = hashTypes | perCPUTypes | typesOf(uapi.MapTypeArray, uapi.MapTypeLPMTrie, uapi.MapTypeQueue,
		uapi.MapTypeStack, uapi.MapTypeBloomFilter)
)
