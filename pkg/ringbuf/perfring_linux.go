package ringbuf

import (
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// perfBuffer is the rings of all CPUs, and one batch of records copied out of them.
type perfBuffer struct {
	elems       bpf.Elems // of the map in which programs find the rings
	mapFD       int       // its own
	pages       int
	period      uint32
	rings       []*perfRing // one for each CPU that has, or had, a ring
	memory      []uint64    // of the batch
	len         int         // bytes of it
	wrapped     []uint64    // memory for a record that wraps around to the start of its ring
	mayHaveMore bool        // the ring that was read last may have more
}

// perfRing is one CPU's ring. A CPU that goes offline and comes back gets a new one,
// which is read when the old one is empty: it cannot get more records.
type perfRing struct {
	cpu, fd int
	page    *unix.PerfEventMmapPage
	data    unsafe.Pointer // of size bytes, a power of two
	size    uint64
	newer   *perfRing
}

// A batch ends soon, so that records do not wait for others. A record of the kernel has
// at most 64 KiB.
const (
	fullBatch   = 1 << 14
	batchMemory = fullBatch + 1<<16 + 64
)

// newPerfBuffer makes a ring of the given number of pages for each of cpus, and puts
// them into the map behind fd, of which it keeps a copy. Every period-th record causes
// a wake-up. The error is ENODEV if one of cpus is not online.
func newPerfBuffer(fd, pages int, period uint32, cpus []int) (*perfBuffer, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	p := &perfBuffer{elems: bpf.NewElems(own, bpf.MapShape{}), mapFD: own, pages: pages, period: period,
		memory: make([]uint64, batchMemory/8), wrapped: make([]uint64, maxRecordSize/8)}
	for _, cpu := range cpus {
		if _, err := p.add(cpu); err != nil {
			p.free()
			return nil, err
		}
	}
	return p, nil
}

// add makes the ring of a CPU and returns its file descriptor, for an epoll. Records
// that remain in an earlier ring of the CPU come first.
func (p *perfBuffer) add(cpu int) (fd int, err error) {
	r, err := openPerfRing(cpu, p.pages, p.period)
	if err != nil {
		return -1, err
	}
	key, value := uint32(cpu), int32(r.fd)
	if errno := p.elems.Call(uapi.CmdMapUpdateElem, mem.At(&key), mem.At(&value), 0); errno != 0 {
		r.close()
		return -1, errno
	}
	for _, older := range p.rings {
		if older.cpu == cpu {
			for older.newer != nil {
				older = older.newer
			}
			older.newer = r
			return r.fd, nil
		}
	}
	p.rings = append(p.rings, r)
	return r.fd, nil
}

// openAttempts limits how often a call is repeated that signals interrupt.
const openAttempts = 100

func openPerfRing(cpu, pages int, period uint32) (*perfRing, error) {
	attr := unix.PerfEventAttr{
		Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_BPF_OUTPUT, Sample_type: unix.PERF_SAMPLE_RAW,
		Sample: uint64(period), Wakeup: period,
	}
	attr.Size = uint32(unsafe.Sizeof(attr)) // SAFETY: a size
	var fd int
	var err error
	for range openAttempts {
		if fd, err = unix.PerfEventOpen(&attr, -1, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC); err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	r := &perfRing{cpu: cpu, fd: fd, size: uint64(pages) * uint64(os.Getpagesize())}
	at, err := unix.MmapPtr(fd, 0, nil, r.mappedSize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	// SAFETY: the kernel's page is the first, and the data follow.
	r.page, r.data = (*unix.PerfEventMmapPage)(at), unsafe.Add(at, os.Getpagesize())
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *perfRing) mappedSize() uintptr { return uintptr(r.size) + uintptr(os.Getpagesize()) }

func (r *perfRing) close() {
	_ = unix.IoctlSetInt(r.fd, unix.PERF_EVENT_IOC_DISABLE, 0)
	_ = unix.MunmapPtr(unsafe.Pointer(r.page), r.mappedSize()) // SAFETY: as it was mapped
	unix.Close(r.fd)
}

// ringCount is the number of CPUs that have, or had, a ring.
func (p *perfBuffer) ringCount() int { return len(p.rings) }

// cpuOf is the CPU of a ring, 0 <= ring < ringCount().
func (p *perfBuffer) cpuOf(ring int) int { return p.rings[ring].cpu }

// fdOf is the ring's file descriptor, for an epoll. The buffer owns it.
func (p *perfBuffer) fdOf(ring int) int { return p.rings[ring].fd }

// readRings reads count rings from the given one on, cyclically, until one has records. It
// returns the records, how many rings it has read, and whether the last of them may have
// more. The records are valid until the next call.
func (p *perfBuffer) readRings(first, count int) (batch perfBatch, tried int, more bool, err error) {
	p.len, p.mayHaveMore = 0, false
	for ; tried < count && p.len == 0; tried++ {
		if err := p.consume(&p.rings[(first+tried)%len(p.rings)]); err != nil {
			return nil, 0, false, err
		}
	}
	return p.bytes()[:p.len], tried, p.mayHaveMore, nil
}

func (p *perfBuffer) bytes() []byte {
	return unsafe.Slice((*byte)(mem.Of(p.memory)), batchMemory) // SAFETY: its own bytes
}

// consume reads a CPU's rings, the older ones first, until the batch is full.
func (p *perfBuffer) consume(at **perfRing) error {
	for {
		r := *at
		if err := p.read(r); err != nil || p.mayHaveMore || r.newer == nil {
			return err
		}
		*at = r.newer // which has replaced the old one in the map
		r.close()
	}
}

// recordHeader is struct perf_event_header, the start of perf's records. In a sample, its
// own size and its data follow; in a record of lost records, an id and a count.
type recordHeader struct {
	kind       uint32
	misc, size uint16 // size is the size of the whole record, in bytes
}

const (
	recordHeaderSize = 8
	sampleDataOffset = recordHeaderSize + 4
	lostCountOffset  = recordHeaderSize + 8
	lostRecordSize   = lostCountOffset + 8
	maxRecordSize    = 1 << 16
)

// read copies records to the batch until it is full, and gives their memory back to the
// kernel.
func (p *perfBuffer) read(r *perfRing) error {
	head, tail, mask := atomic.LoadUint64(&r.page.Data_head), r.page.Data_tail, r.size-1
	to, n := mem.Of(p.memory), p.len
	for tail != head && n < fullBatch {
		// SAFETY: the header is within the data, since it is aligned to 8 bytes.
		at := unsafe.Add(r.data, tail&mask)
		record := *(*recordHeader)(at)
		size := uint64(record.size)
		if size < recordHeaderSize || size > head-tail {
			return ErrCorrupt
		}
		if tail&mask+size > r.size {
			at = p.copyWrapped(r, tail&mask, size)
		}
		tail += size
		// SAFETY: the fields are within the record, and the batch has room for one more
		// record of the largest size when this loop runs.
		from, bytes := unsafe.Add(at, sampleDataOffset), uint64(0)
		tag := (*[2]uint32)(unsafe.Add(to, n))
		switch {
		case record.kind == unix.PERF_RECORD_SAMPLE && size >= sampleDataOffset:
			bytes = uint64(*(*uint32)(unsafe.Add(at, recordHeaderSize)))
			tag[0] = uint32(bytes)
			if sampleDataOffset+bytes > size {
				return ErrCorrupt
			}
		case record.kind == unix.PERF_RECORD_LOST && size >= lostRecordSize:
			from, bytes = unsafe.Add(at, lostCountOffset), lostRecordSize-lostCountOffset
			tag[0] = lostMark
		default:
			continue
		}
		tag[1] = uint32(r.cpu)
		copy(unsafe.Slice((*byte)(unsafe.Add(to, n+perfHeadSize)), bytes), unsafe.Slice((*byte)(from), bytes))
		n += perfHeadSize + (int(bytes)+7)&^7
	}
	p.len, p.mayHaveMore = n, n >= fullBatch
	atomic.StoreUint64(&r.page.Data_tail, tail)
	return nil
}

// copyWrapped returns a contiguous copy of a record that wraps around to the start of the
// data.
func (p *perfBuffer) copyWrapped(r *perfRing, start, size uint64) unsafe.Pointer {
	// SAFETY: the end of the data, then their beginning; a size has 16 bits.
	whole := unsafe.Slice((*byte)(mem.Of(p.wrapped)), maxRecordSize)
	n := copy(whole, unsafe.Slice((*byte)(unsafe.Add(r.data, start)), r.size-start))
	copy(whole[n:size], unsafe.Slice((*byte)(r.data), r.size))
	return mem.Of(p.wrapped)
}

// free takes the rings out of the map and frees them.
func (p *perfBuffer) free() {
	for _, r := range p.rings {
		key := uint32(r.cpu)
		_ = p.elems.Call(uapi.CmdMapDeleteElem, mem.At(&key), nil, 0) // another ring may be there by now, or none
		for ; r != nil; r = r.newer {
			r.close()
		}
	}
	unix.Close(p.mapFD)
	p.rings = nil
}
