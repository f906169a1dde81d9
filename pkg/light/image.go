//go:build linux

package light

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapping is a range of memory outside of Go's heap, whose address C code, the kernel and
// generated packages may keep. The zero mapping has no memory.
type mapping struct {
	at   unsafe.Pointer
	size int // whole pages
	// lost is set if the range may belong to somebody else: it is never unmapped.
	lost bool
}

// newMapping makes memory of at least size bytes that is zero.
func newMapping(size int) (mapping, error) {
	if size == 0 {
		return mapping{}, nil
	}
	size = wholePages(size)
	// SAFETY: new memory at an address that the kernel chooses.
	at, err := unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	return mapping{at: at, size: size}, err
}

func wholePages(size int) int {
	page := os.Getpagesize()
	return (size + page - 1) / page * page
}

// bytes is the first size bytes of the memory.
func (m *mapping) bytes(size int) []byte {
	if m.at == nil {
		return nil
	}
	return unsafe.Slice((*byte)(m.at), min(size, m.size)) // SAFETY: size bytes of the mapping at most
}

func (m *mapping) free() {
	if m.at != nil && !m.lost {
		_ = unix.MunmapPtr(m.at, uintptr(m.size)) // SAFETY: a range of our own that nobody uses any more
	}
	*m = mapping{}
}

// resize makes the memory hold at least size bytes, where the kernel wants it.
func (m *mapping) resize(size int) error {
	size = wholePages(size)
	if size == m.size {
		return nil
	}
	if size == 0 || m.at == nil {
		fresh, err := newMapping(size)
		if err == nil {
			m.free()
			*m = fresh
		}
		return err
	}
	// SAFETY: a range of our own; callers drop the old address.
	at, err := unix.MremapPtr(m.at, uintptr(m.size), nil, uintptr(size), unix.MREMAP_MAYMOVE)
	if err == nil {
		m.at, m.size = at, size
	}
	return err
}

// become puts the map behind fd at the address of the memory, as libbpf does. It needs no
// room for another mapping. After an error the memory cannot be used. The range may be
// mapped then, by us or by a faster thread: it is lost, and stays mapped for good.
func (m *mapping) become(fd int, readonly bool) error {
	// SAFETY: the range is our own.
	_, err := unix.MmapPtr(fd, 0, m.at, uintptr(m.size), protection(readonly), unix.MAP_SHARED|unix.MAP_FIXED)
	if err != nil { // the kernel may have unmapped the range, and another thread may have it
		m.lost = !m.hold()
	}
	return err
}

func protection(readonly bool) int {
	if readonly {
		return unix.PROT_READ
	}
	return unix.PROT_READ | unix.PROT_WRITE
}

// replace puts the map behind fd at the address of the memory. After an error the memory
// remains as it was.
func (m *mapping) replace(fd int, readonly bool) error {
	if m.at == nil {
		return syscall.EINVAL
	}
	// mmap with MAP_FIXED may fail after it has unmapped the range. So the map is mapped
	// elsewhere first, and then moved, which takes nothing that can run out.
	// SAFETY: a new mapping at an address that the kernel chooses.
	at, err := unix.MmapPtr(fd, 0, nil, uintptr(m.size), protection(readonly), unix.MAP_SHARED)
	if err != nil {
		return err
	}
	// SAFETY: both ranges are our own.
	if _, err = unix.MremapPtr(at, uintptr(m.size), m.at, uintptr(m.size), unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED); err == nil {
		return nil
	}
	_ = unix.MunmapPtr(at, uintptr(m.size)) // SAFETY: the new mapping, which nobody uses
	m.hold()                                // the kernel checks whether it has room before it unmaps the range
	return err
}

// hold fills the range if nothing is mapped there, so that nobody else gets it as long as
// pointers to it exist. It reports whether it did.
func (m *mapping) hold() bool {
	// SAFETY: the range is our own or free; MAP_FIXED_NOREPLACE replaces nothing.
	at, err := unix.MmapPtr(-1, 0, m.at, uintptr(m.size), unix.PROT_NONE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE|unix.MAP_FIXED_NOREPLACE)
	if err == nil && at != m.at { // a kernel that takes the address as a hint
		_ = unix.MunmapPtr(at, uintptr(m.size)) // SAFETY: made just now
	}
	return err == nil && at == m.at
}

// denyAccess makes every use of the memory a memory fault.
func (m *mapping) denyAccess() {
	if m.at != nil {
		_ = unix.Mprotect(m.bytes(m.size), unix.PROT_NONE) // SAFETY: our own range; uses of it are faults from now on
	}
}

// mapArena maps the arena behind fd, at the given address if it is not 0. It replaces
// nothing that is mapped there.
func (m *mapping) mapArena(fd int, address uintptr, pages int) error {
	flags := unix.MAP_SHARED
	if address != 0 {
		flags |= unix.MAP_FIXED_NOREPLACE
	}
	size := uintptr(pages) * uintptr(os.Getpagesize())
	var hint unsafe.Pointer
	*(*uintptr)(unsafe.Pointer(&hint)) = address                                      // SAFETY: an address for the kernel alone, not of Go's heap
	at, err := unix.MmapPtr(fd, 0, hint, size, unix.PROT_READ|unix.PROT_WRITE, flags) // SAFETY: a new mapping
	if err == nil {
		*m = mapping{at: at, size: int(size)}
	}
	return err
}
