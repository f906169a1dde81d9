package ringbuf

import (
	"fmt"
	"math"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// userRing is a ring buffer that programs read. One goroutine uses it at a time.
type userRing struct {
	consumer, producer *uintptr
	data               unsafe.Pointer // mapped twice in a row
	size               uintptr        // of the data, mapped once, a power of two
}

// newUserRing maps the user ring buffer behind fd, which it does not keep.
func newUserRing(fd int) (*userRing, error) {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		return nil, err
	}
	if info.Type != uapi.MapTypeUserRingBuf {
		return nil, fmt.Errorf("%w: %s is not a user ring buffer: its type is %v", syscall.EINVAL, info.Name, info.Type)
	}
	page := uintptr(os.Getpagesize())
	if uint64(page)+2*uint64(info.MaxEntries) > math.MaxInt {
		return nil, fmt.Errorf("%w: %s is too big to map into memory", syscall.E2BIG, info.Name)
	}
	u := &userRing{size: uintptr(info.MaxEntries)}
	consumer, err := unix.MmapPtr(fd, 0, nil, page, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", info.Name, err)
	}
	producer, err := unix.MmapPtr(fd, int64(page), nil, page+2*u.size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		_ = unix.MunmapPtr(consumer, page)
		return nil, fmt.Errorf("map %s: %w", info.Name, err)
	}
	// SAFETY: each page begins with its position; the data are behind the second.
	u.consumer, u.producer, u.data = (*uintptr)(consumer), (*uintptr)(producer), unsafe.Add(producer, page)
	return u, nil
}

// write sends one record: ENOSPC if there is no room, E2BIG if there never will be. The
// program sees it when the producer's position, and then the busy bit, are stored.
func (u *userRing) write(data []byte) syscall.Errno {
	if uint64(len(data)) >= discardBit {
		return syscall.E2BIG
	}
	total := (uintptr(len(data)) + headerSize + 7) &^ 7
	produced := atomic.LoadUintptr(u.producer)
	switch free := u.size - (produced - atomic.LoadUintptr(u.consumer)); {
	case total > u.size:
		return syscall.E2BIG
	case total > free:
		return syscall.ENOSPC
	}
	// SAFETY: the record's room is free, and does not end at the end of the data, which
	// are mapped twice.
	at := unsafe.Add(u.data, produced&(u.size-1))
	head := (*uint32)(at)
	atomic.StoreUint32(head, uint32(len(data))|busyBit)
	*(*uint32)(unsafe.Add(at, 4)) = 0
	atomic.StoreUintptr(u.producer, produced+total)
	copy(unsafe.Slice((*byte)(unsafe.Add(at, headerSize)), len(data)), data)
	atomic.StoreUint32(head, uint32(len(data)))
	return 0
}

// unmap unmaps the ring.
func (u *userRing) unmap() {
	page := uintptr(os.Getpagesize())
	// SAFETY: as they were mapped.
	_ = unix.MunmapPtr(unsafe.Pointer(u.consumer), page)
	_ = unix.MunmapPtr(unsafe.Pointer(u.producer), page+2*u.size)
	u.consumer, u.producer = nil, nil
}
