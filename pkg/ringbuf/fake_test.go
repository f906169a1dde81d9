//go:build linux

package ringbuf

import (
	"encoding/binary"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// fakeRing is the kernel's half of a ring buffer, in the test's own memory: positions,
// and data that are mapped twice in a row.
type fakeRing struct {
	t      testing.TB
	g      ring
	mu     sync.Mutex
	wakeFD int
	wakes  int
}

func newFakeRing(t testing.TB, size int, start uintptr) *fakeRing {
	t.Helper()
	page := os.Getpagesize()
	fd, err := unix.MemfdCreate("ring", unix.MFD_CLOEXEC)
	must(t, err)
	defer unix.Close(fd)
	must(t, unix.Ftruncate(fd, int64(2*page+size)))
	const rw, shared = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED
	consumer, err := unix.MmapPtr(fd, 0, nil, uintptr(page), rw, shared)
	must(t, err)
	length := uintptr(page + 2*size)
	producer, err := unix.MmapPtr(-1, 0, nil, length, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	must(t, err)
	_, err = unix.MmapPtr(fd, int64(page), producer, uintptr(page+size), rw, shared|unix.MAP_FIXED)
	must(t, err)
	again := unsafe.Add(producer, page+size)
	_, err = unix.MmapPtr(fd, int64(2*page), again, uintptr(size), rw, shared|unix.MAP_FIXED)
	must(t, err)
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	must(t, err)
	t.Cleanup(func() {
		unix.Close(wake)
		must(t, unix.MunmapPtr(consumer, uintptr(page)))
		must(t, unix.MunmapPtr(producer, length))
	})
	// SAFETY: memory of the test's own, mapped until its end.
	f := &fakeRing{t: t, wakeFD: wake, g: ring{
		data: unsafe.Add(producer, page), consumer: (*uintptr)(consumer),
		producer: (*uintptr)(producer), mask: uintptr(size) - 1,
	}}
	*f.g.consumer, *f.g.producer = start, start
	return f
}

var must = testkit.Must

// fakeReader is a reader over fake rings.
func fakeReader(t testing.TB, rings ...*fakeRing) *Reader {
	t.Helper()
	epoll, err := newPoller()
	must(t, err)
	r := &Reader{control: control{epoll: epoll}}
	r.check = r.ready
	for _, f := range rings {
		must(t, epoll.watchRead(f.wakeFD))
		r.rings = append(r.rings, f.g)
	}
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

func (f *fakeRing) word(pos uintptr) *uint32 {
	return (*uint32)(unsafe.Add(f.g.data, pos&f.g.mask)) // SAFETY: in the ring
}

// reserve is bpf_ringbuf_reserve: false if the ring is full.
func (f *fakeRing) reserve(data []byte) (uintptr, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pos := *f.g.producer
	next := pos + uintptr(len(data)+headerSize+7)&^7
	if next-atomic.LoadUintptr(f.g.consumer) > f.g.mask {
		return 0, false
	}
	atomic.StoreUint32(f.word(pos), uint32(len(data))|busyBit)
	copy(unsafe.Slice((*byte)(unsafe.Add(f.g.data, pos&f.g.mask+headerSize)), len(data)), data) // SAFETY: in the ring
	atomic.StoreUintptr(f.g.producer, next)
	return pos, true
}

// commit is bpf_ringbuf_submit, or with discardBit bpf_ringbuf_discard.
func (f *fakeRing) commit(pos uintptr, bits uint32, wake bool) {
	head := atomic.LoadUint32(f.word(pos))&^busyBit | bits
	atomic.SwapUint32(f.word(pos), head)
	if wake && atomic.LoadUintptr(f.g.consumer)&f.g.mask == pos&f.g.mask {
		f.wakeUp()
	}
}

func (f *fakeRing) wakeUp() {
	f.mu.Lock()
	f.wakes++
	f.mu.Unlock()
	one := binary.NativeEndian.AppendUint64(nil, 1)
	if _, err := unix.Write(f.wakeFD, one); err != nil {
		f.t.Error(err)
	}
}

// send submits a record, and fails the test if the ring is full.
func (f *fakeRing) send(data []byte) {
	f.t.Helper()
	if !f.trySend(data, 0) {
		f.t.Fatal("the ring is full")
	}
}

func (f *fakeRing) trySend(data []byte, bits uint32) bool {
	pos, ok := f.reserve(data)
	if ok {
		f.commit(pos, bits, true)
	}
	return ok
}

// number is a record of the given size that begins with n.
func number(n uint32, size int) []byte {
	b := make([]byte, max(size, 4))
	binary.NativeEndian.PutUint32(b, n)
	return b[:size]
}

func numberOf(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }
