package skel

import (
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// UpdateFlags says how an update of a map treats what is there.
type UpdateFlags uint64

// Flags of Update, of which several may be given.
const (
	Any     UpdateFlags = 0 // make the element or replace it (BPF_ANY)
	NoExist UpdateFlags = 1 // only make it, else EEXIST (BPF_NOEXIST)
	Exist   UpdateFlags = 2 // only replace it, else ErrNotExist (BPF_EXIST)
	Lock    UpdateFlags = 4 // hold the value's bpf_spin_lock meanwhile (BPF_F_LOCK)
)

func orFlags(flags []UpdateFlags) (all uint64) {
	for _, f := range flags {
		all |= uint64(f)
	}
	return all
}

// Types of maps that are told apart (enum bpf_map_type).
const (
	mapTypeArray             = 2
	mapTypePerCPUHash        = 5
	mapTypePerCPUArray       = 6
	mapTypeLRUPerCPUHash     = 10
	mapTypePerCPUCgroupStore = 21
	mapTypeArena             = 33
)

// mapBase is what all kinds of map have in common. The numbers are what libbpf
// finally used, setters, pins and reused fds included.
type mapBase struct {
	o                              *Object
	lm                             libbpf.Map // good while the object is not closed
	name                           string
	fd                             int
	kind                           uint32
	keySize, valueSize, maxEntries uint32
	// bad is why no operation can work: no map, or sizes that differ.
	bad     error
	missing error // for a key that is not there
}

func newMapBase(o *Object, m int) mapBase {
	lm := o.sk.Map(m)
	b := mapBase{
		o: o, lm: lm, name: lm.Name(), fd: lm.FD(), kind: lm.Type(),
		keySize: lm.KeySize(), valueSize: lm.ValueSize(), maxEntries: lm.MaxEntries(),
	}
	b.missing = newNotExist(o.name, b.name)
	if b.fd < 0 {
		b.bad = b.fail("use", fmt.Errorf("%w: the map was not created", syscall.EBADF))
	}
	return b
}

// checkSizes makes every operation an error unless keys and values have the
// sizes of their Go types.
func (b *mapBase) checkSizes(key, value uintptr) {
	if b.bad != nil {
		return
	}
	if uintptr(b.keySize) != key {
		b.bad = b.fail("use", &sizeError{"key", int(key), int(b.keySize)})
	} else if uintptr(b.valueSize) != value {
		b.bad = b.fail("use", &sizeError{"value", int(value), int(b.valueSize)})
	}
}

func (b *mapBase) fail(op string, err error) error {
	return fail(op, b.o.name, b.name, "", err)
}

// Name is the map's name in libbpf. (bpf_map__name)
func (b *mapBase) Name() string { return b.name }

// MaxEntries is the number of elements that the map can hold, in bytes for a
// ring buffer. (bpf_map__max_entries)
func (b *mapBase) MaxEntries() int { return int(b.maxEntries) }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (b *mapBase) KeySize() int { return int(b.keySize) }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (b *mapBase) ValueSize() int { return int(b.valueSize) }

// FD is the map's file descriptor, -1 where the map was not created and after
// Close. It belongs to the skeleton. (bpf_map__fd)
func (b *mapBase) FD() int {
	if b.o.enter() != nil {
		return -1
	}
	defer b.o.leave()
	return max(b.fd, -1)
}

// elem makes one call on an element, between Open and Close of the object.
func (b *mapBase) elem(cmd uintptr, op string, key, value unsafe.Pointer, flags uint64) error {
	if b.bad != nil {
		return b.unusable()
	}
	if err := b.o.enter(); err != nil {
		return err
	}
	errno := bpfElem(cmd, b.fd, key, value, flags)
	b.o.leave()
	if errno == 0 {
		return nil
	}
	return b.failed(op, errno)
}

// unusable is ErrClosed once the object is, else why the map cannot be used.
func (b *mapBase) unusable() error {
	if err := b.o.enter(); err != nil {
		return err
	}
	b.o.leave()
	return b.bad
}

func (b *mapBase) failed(op string, errno syscall.Errno) error {
	if errno == syscall.ENOENT {
		return b.missing
	}
	return b.fail(op, errno)
}
