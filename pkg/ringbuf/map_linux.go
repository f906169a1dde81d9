package ringbuf

import (
	"fmt"
	"math"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// mapRing maps the ring buffer behind fd, which it does not keep, and also returns the
// map's id.
func mapRing(fd int) (g ring, id uint32, unmap func(), err error) {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		return ring{}, 0, nil, err
	}
	size := uint64(info.MaxEntries)
	switch page := uint64(os.Getpagesize()); {
	case info.Type != uapi.MapTypeRingBuf:
		return ring{}, 0, nil, fmt.Errorf("%w: %s is not a ring buffer: its type is %v", syscall.EINVAL, info.Name, info.Type)
	case info.Flags&uapi.MapFlagRBOverwrite != 0:
		return ring{}, 0, nil, fmt.Errorf("%w: %s has the flag BPF_F_RB_OVERWRITE, which this reader does not support", syscall.EOPNOTSUPP, info.Name)
	case page+2*size > math.MaxInt:
		return ring{}, 0, nil, fmt.Errorf("%w: %s is too big to map into memory", syscall.E2BIG, info.Name)
	}
	g, unmap, err = mapPages(fd, uintptr(size))
	if err != nil {
		return ring{}, 0, nil, fmt.Errorf("map %s: %w", info.Name, err)
	}
	return g, info.ID, unmap, nil
}

// mapPages maps the consumer's page for writing, and the producer's page and the data,
// twice in a row, for reading.
func mapPages(fd int, size uintptr) (ring, func(), error) {
	page := uintptr(os.Getpagesize())
	consumer, err := unix.MmapPtr(fd, 0, nil, page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return ring{}, nil, err
	}
	rest := page + 2*size
	producer, err := unix.MmapPtr(fd, int64(page), nil, rest, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		_ = unix.MunmapPtr(consumer, page)
		return ring{}, nil, err
	}
	// SAFETY: each page begins with its position; the data are behind the second.
	g := ring{
		data:     unsafe.Add(producer, page),
		consumer: (*uintptr)(consumer),
		producer: (*uintptr)(producer),
		mask:     size - 1,
	}
	return g, func() {
		_ = unix.MunmapPtr(consumer, page)
		_ = unix.MunmapPtr(producer, rest)
	}, nil
}
