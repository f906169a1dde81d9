//go:build linux

package bpf

import (
	"fmt"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// The basis for quickBytes: the cost of a call in both ways, for growing values.
func BenchmarkLookup(b *testing.B) {
	for _, size := range []uint32{8, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 1 << 20} {
		spec := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: size, MaxEntries: 1}
		fd := newMap(b, &spec)
		value := make([]byte, size)
		withAndWithoutScheduler(b, fmt.Sprintf("%d bytes", size), fd, uapi.CmdMapLookupElem, value)
	}
}

// The basis for quickBuckets: the search for the first key of an empty hash, which has
// one bucket per element.
func BenchmarkNextKey(b *testing.B) {
	for _, buckets := range []uint32{16, 256, 1 << 10, 4 << 10, 64 << 10, 1 << 20} {
		spec := MapSpec{Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 4, MaxEntries: buckets, Flags: uapi.MapFlagNoPrealloc}
		fd := newMap(b, &spec)
		withAndWithoutScheduler(b, fmt.Sprintf("%d buckets", buckets), fd, uapi.CmdMapGetNextKey, make([]byte, 4))
	}
}

func withAndWithoutScheduler(b *testing.B, name string, fd int, cmd uapi.Cmd, value []byte) {
	key := uint32(0)
	for _, way := range []Elems{{fd: uint32(fd), short: true, shortNext: true}, {fd: uint32(fd)}} {
		b.Run(fmt.Sprintf("%s/quick=%v", name, way.short), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				way.Call(cmd, at(&key), mem.Of(value), 0)
			}
		})
	}
}
