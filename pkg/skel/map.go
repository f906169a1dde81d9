package skel

import (
	"cmp"
	"fmt"
	"syscall"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// UpdateFlags says how an update of a map treats what is there.
type UpdateFlags = uapi.ElemFlags

// Flags of Update, of which several may be given.
const (
	Any     = uapi.ElemAny     // make the element or replace it (BPF_ANY)
	NoExist = uapi.ElemNoExist // only make it, else EEXIST (BPF_NOEXIST)
	Exist   = uapi.ElemExist   // only replace it, else ErrNotExist (BPF_EXIST)
	Lock    = uapi.ElemLock    // hold the value's bpf_spin_lock meanwhile (BPF_F_LOCK)
)

func orFlags(flags []UpdateFlags) (all UpdateFlags) {
	for _, f := range flags {
		all |= f
	}
	return all
}

// mapBase is what all kinds of map have in common. The numbers are the kernel's,
// after setters, pins, reused fds and its own rounding.
type mapBase struct {
	life *life
	name string
	// object, lm and pin are those of a skeleton's map; lm is good while the object
	// is not closed. A map of the caller's own has neither.
	object *Object
	lm     backend.Map
	pin    *mapPin

	fd                             int
	elems                          bpf.Elems
	kind                           uapi.MapType
	keySize, valueSize, maxEntries uint32
	nextKeyOnly                    bool // iterate without batches, as older kernels make it
	// bad is why no operation can work: no map, or one that the Go type does not fit.
	bad     error
	missing error // for a key that is not there
}

func newMapBase(o *Object, m int) mapBase {
	lm := o.sk.Map(m)
	b := mapBase{
		life: &o.life, name: lm.Name(), object: o, lm: lm, pin: o.pins[m],
		fd: o.fds[m], kind: lm.Type(),
		keySize: lm.KeySize(), valueSize: lm.ValueSize(), maxEntries: lm.MaxEntries(),
	}
	b.prepare()
	if b.bad == nil {
		b.askKernel()
	}
	return b
}

// askKernel takes over the kernel's numbers, which libbpf does not ask for of a map
// that it has made.
func (b *mapBase) askKernel() {
	info, err := bpf.InfoOfMap(b.fd)
	if err != nil {
		b.bad = b.fail("get info", err)
		return
	}
	b.kind, b.keySize, b.valueSize, b.maxEntries = info.Type, info.KeySize, info.ValueSize, info.MaxEntries
	b.elems = bpf.NewElems(b.fd, b.shape())
}

// prepare fills in what follows from the rest.
func (b *mapBase) prepare() {
	b.elems = bpf.NewElems(b.fd, b.shape())
	b.missing = newNotExist(b.life.name, b.name)
	if b.fd < 0 {
		b.bad = b.fail("use", fmt.Errorf("%w: the map was not created", syscall.EBADF))
	}
}

func (b *mapBase) shape() bpf.MapShape {
	return bpf.MapShape{Type: b.kind, KeySize: b.keySize, ValueSize: b.valueSize, MaxEntries: b.maxEntries}
}

// require makes every operation an error unless the map has the shape that its Go
// type stands for.
func (b *mapBase) require(s shape) {
	if b.bad == nil {
		b.bad = b.fail("use", b.mismatch(s))
	}
}

// keyValue is the shape of a type with keys and values.
func keyValue[K, V any](goType string) shape {
	return shape{goType, unsafe.Sizeof(*new(K)), unsafe.Sizeof(*new(V)), cmp.Or(mem.PointerFree[K](), mem.PointerFree[V]())}
}

func (b *mapBase) fail(op string, err error) error {
	if b.life == nil { // nil or a zero value
		return ErrClosed
	}
	return fail(op, b.life.name, b.name, "", err)
}

// Name is the map's name in libbpf. (bpf_map__name)
func (b *mapBase) Name() string { return b.name }

// MaxEntries is the number of elements that the kernel's map can hold, in bytes for
// a ring buffer. The kernel may have rounded up what the object asks for, as it does
// with LRU hashes. (bpf_map_get_info_by_fd)
func (b *mapBase) MaxEntries() int { return int(b.maxEntries) }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (b *mapBase) KeySize() int { return int(b.keySize) }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (b *mapBase) ValueSize() int { return int(b.valueSize) }

// FD is the map's file descriptor, -1 where the map was not created and after
// Close. It belongs to the map. (bpf_map__fd)
func (b *mapBase) FD() int {
	if b.life.enter() != nil {
		return -1
	}
	defer b.life.leave()
	return max(b.fd, -1)
}

// elem makes one call on an element. Neither pointer is kept.
func (b *mapBase) elem(cmd uapi.Cmd, op string, key, value unsafe.Pointer, flags UpdateFlags) error {
	if b.bad != nil {
		return b.usable()
	}
	if err := b.life.enter(); err != nil {
		return err
	}
	errno := b.elems.Call(cmd, key, value, flags)
	b.life.leave()
	if errno == 0 {
		return nil
	}
	return b.failed(op, errno)
}

// usable is nil if operations can work: ErrClosed once the map is closed, else
// why they cannot.
func (b *mapBase) usable() error {
	if err := b.life.check(); err != nil {
		return err
	}
	return b.bad
}

func (b *mapBase) failed(op string, errno syscall.Errno) error {
	if errno == syscall.ENOENT {
		return b.missing
	}
	err := b.fail(op, errno)
	if errno == syscall.EPERM && b.isFrozen() {
		err.(*Error).Hint = "the map is frozen: user space may only read it"
	}
	return err
}

// isFrozen reports whether user space may only read the map. The caller has not
// entered it.
func (b *mapBase) isFrozen() bool {
	if b.life.enter() != nil {
		return false
	}
	defer b.life.leave()
	return isFrozen(b.fd)
}
