package skel

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/internal/mapkind"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Kinds of map that need special treatment.
const (
	kindArray       = uapi.MapTypeArray
	kindPerCPUArray = uapi.MapTypePerCPUArray
	kindStructOps   = uapi.MapTypeStructOps
	kindArena       = uapi.MapTypeArena
)

// kinds is a set of kinds of map.
type kinds uint64

func kindsOf(list ...uapi.MapType) (set kinds) {
	for _, k := range list {
		set |= 1 << k
	}
	return set
}

func (set kinds) has(kind uapi.MapType) bool { return set>>kind&1 != 0 }

var (
	// perCPUKinds have one value for each possible CPU.
	perCPUKinds = kindsOf(mapkind.Named("PerCPUMap")...)
	// mapOfMapsKinds have maps for values.
	mapOfMapsKinds = kindsOf(mapkind.Named("MapOfMaps")...)
	// arrayKinds have an index for a key.
	arrayKinds = kindsOf(uapi.MapTypeArray, uapi.MapTypePerCPUArray, uapi.MapTypeProgArray, uapi.MapTypePerfEventArray, uapi.MapTypeCgroupArray,
		uapi.MapTypeArrayOfMaps, uapi.MapTypeDevMap, uapi.MapTypeSockMap, uapi.MapTypeCPUMap, uapi.MapTypeXSKMap, uapi.MapTypeReuseportSockArray, uapi.MapTypeInsnArray)
	// batchKinds are read in batches that are atomic for a bucket, or whose elements
	// always exist. The kernel makes batches of other kinds from next keys.
	batchKinds = kindsOf(uapi.MapTypeHash, uapi.MapTypeLRUHash, uapi.MapTypePerCPUHash, uapi.MapTypeLRUPerCPUHash, uapi.MapTypeArray, uapi.MapTypePerCPUArray)
	// knownKinds are the kinds whose values are known to have the size that the kernel
	// reports, for perCPUKinds once per CPU.
	knownKinds = kinds(1<<(uapi.MapTypeRHash+1) - 2)
)

// goType is the name of the type that maps of a kind have.
func goType(kind uapi.MapType) string { return mapkind.Of(kind).Name }

// A shape is the kind and the sizes that a Go type requires of its map.
type shape struct {
	goType     string
	key, value uintptr
	err        error // why no map can have it
}

// noSize is the size of a key or value that the Go type does not have.
const noSize = ^uintptr(0)

// mismatch returns why a map does not have the shape, nil if it does.
func (b *mapBase) mismatch(s shape) error {
	switch {
	case goType(b.kind) != s.goType:
		return fmt.Errorf("%w: the kernel's map has the type %s, which needs a skel.%s, not a skel.%s",
			syscall.EINVAL, b.kind, goType(b.kind), s.goType)
	case s.key != noSize && uintptr(b.keySize) != s.key:
		return &sizeError{"key", int(s.key), int(b.keySize)}
	case s.value != noSize && uintptr(b.valueSize) != s.value:
		return &sizeError{"value", int(s.value), int(b.valueSize)}
	}
	return s.err
}
