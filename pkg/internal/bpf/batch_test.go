//go:build linux

package bpf

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// wantBatch fails the test unless a batch ended with this count and errno.
func wantBatch(t *testing.T, what string, n int, errno Errno, want int, wantErrno Errno) {
	t.Helper()
	if n != want || errno != wantErrno {
		t.Errorf("%s: %d, %v; want %d, %v", what, n, errno, want, wantErrno)
	}
}

func TestBatches(t *testing.T) {
	spec := MapSpec{Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 8, MaxEntries: 100}
	fd := newMap(t, &spec)
	keys, values := make([]uint32, 10), make([]uint64, 10)
	for i := range keys {
		keys[i], values[i] = uint32(i), uint64(i)*1000
	}
	all := &Batch{Keys: mem.Of(keys), Values: mem.Of(values), Count: 10}
	n, errno := MapBatch(uapi.CmdMapUpdateBatch, fd, all)
	wantBatch(t, "update", n, errno, 10, 0)

	got := map[uint32]uint64{}
	in, out := make([]uint64, 2), make([]uint64, 2)
	outKeys, outValues := make([]uint32, 32), make([]uint64, 32)
	b := &Batch{Out: mem.Of(out), Keys: mem.Of(outKeys), Values: mem.Of(outValues), Count: 32}
	n, errno = MapBatch(uapi.CmdMapLookupBatch, fd, b)
	wantBatch(t, "look up all", n, errno, 10, unix.ENOENT)
	for i := range n {
		got[outKeys[i]] = outValues[i]
	}
	for i := range keys {
		if got[keys[i]] != values[i] {
			t.Errorf("key %d: %d", i, got[keys[i]])
		}
	}
	// A part, and the rest from there on.
	b.Count, b.In = 8, nil
	first, errno := MapBatch(uapi.CmdMapLookupBatch, fd, b)
	if errno != 0 || first == 0 {
		t.Fatalf("the first part: %d, %v", first, errno)
	}
	copy(in, out)
	b.In, b.Count = mem.Of(in), 32
	n, errno = MapBatch(uapi.CmdMapLookupAndDeleteBatch, fd, b)
	wantBatch(t, "take the rest", n, errno, 10-first, unix.ENOENT)

	slices.Sort(keys)
	left := make([]uint32, 0, first)
	for _, k := range keys {
		if !slices.Contains(outKeys[:n], k) {
			left = append(left, k)
		}
	}
	left = append(left, 77)
	n, errno = MapBatch(uapi.CmdMapDeleteBatch, fd, &Batch{Keys: mem.Of(left), Count: len(left)})
	wantBatch(t, "delete the remaining keys, and one more", n, errno, first, unix.ENOENT)
}

// A call that the kernel refuses early has done nothing, although the kernel does not
// change the count.
func TestRefusedBatches(t *testing.T) {
	spec := MapSpec{Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 8, MaxEntries: 2}
	fd := newMap(t, &spec)
	keys, values := make([]uint32, 4), make([]uint64, 4)
	for i := range keys {
		keys[i] = uint32(i)
	}
	b := func() *Batch { return &Batch{Keys: mem.Of(keys), Values: mem.Of(values), Count: 4} }
	n, errno := MapBatch(uapi.CmdMapUpdateBatch, -1, b())
	wantBatch(t, "no map", n, errno, 0, unix.EBADF)
	n, errno = MapBatch(uapi.CmdMapDeleteBatch, socketFilter(t, 0), b())
	wantBatch(t, "a program", n, errno, 0, unix.EINVAL)
	flagged := b()
	flagged.Flags = 1 << 60
	n, errno = MapBatch(uapi.CmdMapUpdateBatch, fd, flagged)
	wantBatch(t, "a flag that there is not", n, errno, 0, unix.EINVAL)
	nowhere := b()
	nowhere.Keys = nil
	n, errno = MapBatch(uapi.CmdMapUpdateBatch, fd, nowhere)
	wantBatch(t, "no address", n, errno, 0, unix.EFAULT)
	n, errno = MapBatch(uapi.CmdMapUpdateBatch, fd, &Batch{Count: -1})
	wantBatch(t, "less than none", n, errno, 0, unix.EINVAL)
	n, errno = MapBatch(uapi.CmdMapUpdateBatch, fd, &Batch{})
	wantBatch(t, "none", n, errno, 0, 0)
	n, errno = MapBatch(uapi.CmdMapUpdateBatch, fd, b())
	wantBatch(t, "more than fit", n, errno, 2, unix.E2BIG)
}
