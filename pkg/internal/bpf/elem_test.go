//go:build linux

package bpf

import (
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Each type of map is used in both ways to enter the kernel.
func TestElements(t *testing.T) {
	for _, kind := range []uapi.MapType{uapi.MapTypeHash, uapi.MapTypeLRUHash} {
		spec := MapSpec{Type: kind, KeySize: 4, ValueSize: 8, MaxEntries: 100}
		fd := newMap(t, &spec)
		short := elemsOf(fd, &spec)
		if !short.short || !short.shortNext {
			t.Fatalf("%v: a small map is not quick", kind)
		}
		for name, e := range map[string]Elems{"quick": short, "through the scheduler": {fd: uint32(fd)}} {
			t.Run(kind.String()+" "+name, func(t *testing.T) { testElements(t, e) })
		}
	}
}

func testElements(t *testing.T, e Elems) {
	key, value := uint32(7), uint64(1<<40+3)
	call := func(cmd uapi.Cmd, value unsafe.Pointer, flags uapi.ElemFlags) Errno {
		return e.Call(cmd, at(&key), value, flags)
	}
	want := func(what string, got, want Errno) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	var got uint64
	var next uint32
	want("look up nothing", call(uapi.CmdMapLookupElem, at(&got), 0), unix.ENOENT)
	want("first key of nothing", e.Call(uapi.CmdMapGetNextKey, nil, at(&next), 0), unix.ENOENT)
	want("replace nothing", call(uapi.CmdMapUpdateElem, at(&value), uapi.ElemExist), unix.ENOENT)
	want("make", call(uapi.CmdMapUpdateElem, at(&value), uapi.ElemNoExist), 0)
	want("make again", call(uapi.CmdMapUpdateElem, at(&value), uapi.ElemNoExist), unix.EEXIST)
	want("look up", call(uapi.CmdMapLookupElem, at(&got), 0), 0)
	want("first key", e.Call(uapi.CmdMapGetNextKey, nil, at(&next), 0), 0)
	want("last key", call(uapi.CmdMapGetNextKey, at(&next), 0), unix.ENOENT)
	if got != value || next != key {
		t.Errorf("value %#x of key %d, want %#x of %d", got, next, value, key)
	}
	want("a flag that there is not", call(uapi.CmdMapLookupElem, at(&got), 1<<60), unix.EINVAL)
	want("an address that there is not", call(uapi.CmdMapUpdateElem, nil, 0), unix.EFAULT)
	want("delete", call(uapi.CmdMapDeleteElem, nil, 0), 0)
	want("delete nothing", call(uapi.CmdMapDeleteElem, nil, 0), unix.ENOENT)
}

func TestLookupAndDelete(t *testing.T) {
	spec := MapSpec{Type: uapi.MapTypeQueue, ValueSize: 8, MaxEntries: 4}
	e := elemsOf(newMap(t, &spec), &spec)
	var got uint64
	for value := range uint64(3) {
		if errno := e.Call(uapi.CmdMapUpdateElem, nil, at(&value), 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	for want := range uint64(3) {
		if errno := e.Call(uapi.CmdMapLookupAndDeleteElem, nil, at(&got), 0); errno != 0 || got != want {
			t.Fatalf("%d, %v; want %d", got, errno, want)
		}
	}
	if errno := e.Call(uapi.CmdMapLookupAndDeleteElem, nil, at(&got), 0); errno != unix.ENOENT {
		t.Errorf("an empty queue: %v", errno)
	}
}

func TestPerCPUElements(t *testing.T) {
	spec := MapSpec{Type: uapi.MapTypePerCPUArray, KeySize: 4, ValueSize: 4, MaxEntries: 1}
	e := elemsOf(newMap(t, &spec), &spec)
	cpus, err := NumPossibleCPUs()
	must(t, err)
	values, got := make([]uint64, cpus+1), make([]uint64, cpus+1)
	for i := range cpus {
		values[i] = uint64(i + 1)
	}
	values[cpus], got[cpus] = 99, 99 // which the kernel leaves alone
	key := uint32(0)
	if errno := e.Call(uapi.CmdMapUpdateElem, at(&key), at(&values[0]), 0); errno != 0 {
		t.Fatal(errno)
	}
	if errno := e.Call(uapi.CmdMapLookupElem, at(&key), at(&got[0]), 0); errno != 0 {
		t.Fatal(errno)
	}
	for i := range values {
		if got[i] != values[i] {
			t.Errorf("CPU %d of %d: %d", i, cpus, got[i])
		}
	}
}

func TestElementsOfNoMap(t *testing.T) {
	needRoot(t)
	var key, value uint64
	for fd, want := range map[int]Errno{-1: unix.EBADF, 1 << 30: unix.EBADF, socketFilter(t, 0): unix.EINVAL} {
		if errno := NewElems(fd, MapShape{}).Call(uapi.CmdMapLookupElem, at(&key), at(&value), 0); errno != want {
			t.Errorf("fd %d: %v, want %v", fd, errno, want)
		}
	}
}

// Whether a call is quick depends on the type, the bytes of an element and, for the
// next key of a hash, on the empty buckets that may precede it.
func TestQuick(t *testing.T) {
	cpus, err := NumPossibleCPUs()
	must(t, err)
	for _, tc := range []struct {
		shape       MapShape
		quick, next bool
	}{
		{MapShape{uapi.MapTypeHash, 4, 8, 100}, true, true},
		{MapShape{uapi.MapTypeHash, 4, 8, 1 << 20}, true, false},
		{MapShape{uapi.MapTypeHash, 4, 1 << 20, 100}, false, true},
		{MapShape{uapi.MapTypeArray, 4, 8, 1 << 20}, true, true},
		{MapShape{uapi.MapTypeArray, 4, shortBytes - 4, 1}, true, true},
		{MapShape{uapi.MapTypeArray, 4, shortBytes - 3, 1}, false, true},
		{MapShape{uapi.MapTypePerCPUArray, 4, 1, 1}, cpus*8+4 <= shortBytes, true},
		{MapShape{uapi.MapTypePerCPUArray, 4, uint32(shortBytes / cpus), 1}, false, true},
		{MapShape{uapi.MapTypeArrayOfMaps, 4, 4, 1}, false, false}, // waits for a grace period
		{MapShape{uapi.MapTypeSockMap, 4, 4, 1}, false, false},     // locks a socket
		{MapShape{uapi.MapType(99), 4, 4, 1}, false, false},
	} {
		if e := NewElems(3, tc.shape); e.short != tc.quick || e.shortNext != tc.next {
			t.Errorf("%+v: %v, %v; want %v, %v", tc.shape, e.short, e.shortNext, tc.quick, tc.next)
		}
	}
}

// Keys and values on the caller's stack stay there, and an errno does not allocate.
func TestElementsAllocateNothing(t *testing.T) {
	if testkit.Instrumented {
		t.Skip("the instrumentation of this build allocates")
	}
	spec := MapSpec{Type: uapi.MapTypeHash, KeySize: 16, ValueSize: 32, MaxEntries: 100}
	fd := newMap(t, &spec)
	type key struct{ a, b uint64 }
	type value [4]uint64
	for name, e := range map[string]Elems{"quick": elemsOf(fd, &spec), "through the scheduler": {fd: uint32(fd)}} {
		var failed syscall.Errno
		count := func(what string, f func() Errno) {
			if n := testing.AllocsPerRun(100, func() { failed = f() }); n != 0 || failed != 0 {
				t.Errorf("%s, %s: %v allocations, %v", name, what, n, failed)
			}
		}
		count("update", func() Errno {
			k, v := key{1, 2}, value{3}
			return e.Call(uapi.CmdMapUpdateElem, at(&k), at(&v), 0)
		})
		count("lookup", func() Errno {
			k, v := key{1, 2}, value{}
			errno := e.Call(uapi.CmdMapLookupElem, at(&k), at(&v), 0)
			if v[0] != 3 {
				return unix.EBADMSG
			}
			return errno
		})
		count("missed lookup", func() Errno {
			k, v := key{9, 9}, value{}
			if e.Call(uapi.CmdMapLookupElem, at(&k), at(&v), 0) != unix.ENOENT {
				return unix.EBADMSG
			}
			return 0
		})
		count("batch", func() Errno {
			var pos, k key
			var v value
			_, errno := MapBatch(uapi.CmdMapLookupBatch, fd, &Batch{Out: at(&pos), Keys: at(&k), Values: at(&v), Count: 1})
			if errno == unix.ENOENT || errno == unix.ENOSPC {
				return 0
			}
			return errno
		})
	}
}

// A stack moves when it grows; the key of a call is then found at its new place.
func TestKeysOnAGrowingStack(t *testing.T) {
	spec := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 8, MaxEntries: 64}
	e := elemsOf(newMap(t, &spec), &spec)
	for i := range uint32(64) {
		v := uint64(i) * 3
		if errno := e.Call(uapi.CmdMapUpdateElem, at(&i), at(&v), 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	for range 50 {
		done := make(chan bool)
		go func() { // on a new, small stack
			defer close(done)
			if !lookUpDeep(t, e, 40) {
				t.Error("wrong value")
			}
		}()
		<-done
	}
}

func lookUpDeep(t *testing.T, e Elems, depth uint32) bool {
	var room [256]uint64
	key, value := depth, uint64(0)
	ok := depth == 0 || lookUpDeep(t, e, depth-1)
	errno := e.Call(uapi.CmdMapLookupElem, at(&key), at(&value), 0)
	room[depth] = value
	return ok && errno == 0 && room[depth] == uint64(depth)*3
}
