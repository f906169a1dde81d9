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

// UpdateFlags controls whether an update creates or replaces an element.
type UpdateFlags = uapi.ElemFlags

// Flags of Update, which can be combined.
const (
	Any     = uapi.ElemAny     // create or replace the element (BPF_ANY)
	NoExist = uapi.ElemNoExist // only create it, else EEXIST (BPF_NOEXIST)
	Exist   = uapi.ElemExist   // only replace it, else ErrNotExist (BPF_EXIST)
	Lock    = uapi.ElemLock    // hold the value's bpf_spin_lock during the call (BPF_F_LOCK)
)

func joinFlags(flags []UpdateFlags) (all UpdateFlags) {
	for _, f := range flags {
		all |= f
	}
	return all
}

// mapBase is the part that all kinds of map share. The numbers are the kernel's, after
// setters, pins, reused fds and its own rounding.
type mapBase struct {
	lifetime *lifetime
	name     string
	// object, lm and pin are set for the maps of a skeleton, not for a MapHandle. lm
	// is valid until the object is closed.
	object *Object
	lm     backend.Map
	pin    *mapPin

	fd                             int
	elems                          bpf.Elems
	kind                           uapi.MapType
	keySize, valueSize, maxEntries uint32
	nextKeyOnly                    bool // iterate without batches, as on older kernels
	// unusable is the error of all operations: the map was not created, or does not
	// match its Go type.
	unusable error
	notExist error // for a key that does not exist
}

func newMapBase(o *Object, m int) mapBase {
	lm := o.sk.Map(m)
	b := mapBase{
		lifetime: &o.lifetime, name: lm.Name(), object: o, lm: lm, pin: o.pins[m],
		fd: o.fds[m], kind: lm.Type(),
		keySize: lm.KeySize(), valueSize: lm.ValueSize(), maxEntries: lm.MaxEntries(),
	}
	b.setDerived()
	if b.unusable == nil {
		b.readKernelInfo()
	}
	return b
}

// readKernelInfo reads type and sizes from the kernel. libbpf does not, for a map that it
// has created.
func (b *mapBase) readKernelInfo() {
	info, err := bpf.InfoOfMap(b.fd)
	if err != nil {
		b.unusable = b.fail("get info", err)
		return
	}
	b.kind, b.keySize, b.valueSize, b.maxEntries = info.Type, info.KeySize, info.ValueSize, info.MaxEntries
	b.elems = bpf.NewElems(b.fd, b.kernelShape())
}

// setDerived sets the fields that depend on the others.
func (b *mapBase) setDerived() {
	b.elems = bpf.NewElems(b.fd, b.kernelShape())
	b.notExist = newNotExist(b.lifetime.name, b.name)
	if b.fd < 0 {
		b.unusable = b.fail("use", fmt.Errorf("%w: the map was not created", syscall.EBADF))
	}
}

func (b *mapBase) kernelShape() bpf.MapShape {
	return bpf.MapShape{Type: b.kind, KeySize: b.keySize, ValueSize: b.valueSize, MaxEntries: b.maxEntries}
}

// require makes every operation fail unless the map has the shape that its Go type needs.
func (b *mapBase) require(s shape) {
	if b.unusable == nil {
		b.unusable = b.fail("use", b.mismatch(s))
	}
}

// keyValueShape returns the shape that a Go type with keys and values needs.
func keyValueShape[K, V any](goType string) shape {
	return shape{goType, unsafe.Sizeof(*new(K)), unsafe.Sizeof(*new(V)), cmp.Or(mem.PointerFree[K](), mem.PointerFree[V]())}
}

func (b *mapBase) fail(op string, err error) error {
	if b.lifetime == nil { // nil or a zero value
		return ErrClosed
	}
	return fail(op, b.lifetime.name, b.name, "", err)
}

// Name is the map's name in libbpf. (bpf_map__name)
func (b *mapBase) Name() string { return b.name }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares, as it does with LRU hashes. (bpf_map_get_info_by_fd)
func (b *mapBase) MaxEntries() int { return int(b.maxEntries) }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (b *mapBase) KeySize() int { return int(b.keySize) }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (b *mapBase) ValueSize() int { return int(b.valueSize) }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (b *mapBase) FD() int {
	if b.lifetime.beginUse() != nil {
		return -1
	}
	defer b.lifetime.endUse()
	return max(b.fd, -1)
}

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (b *mapBase) WithFD(f func(fd int) error) error {
	if err := b.lifetime.beginUse(); err != nil {
		return err
	}
	defer b.lifetime.endUse()
	if f == nil {
		return errNil
	}
	return f(max(b.fd, -1))
}

// callElem makes one call on an element. Neither pointer is kept.
func (b *mapBase) callElem(cmd uapi.Cmd, op string, key, value unsafe.Pointer, flags UpdateFlags) error {
	if b.unusable != nil {
		return b.checkUsable()
	}
	if err := b.lifetime.beginUse(); err != nil {
		return err
	}
	errno := b.elems.Call(cmd, key, value, flags)
	b.lifetime.endUse()
	if errno == 0 {
		return nil
	}
	return b.elemError(op, errno)
}

// checkUsable returns nil if operations can work, ErrClosed after Close, and otherwise
// b.unusable.
func (b *mapBase) checkUsable() error {
	if err := b.lifetime.check(); err != nil {
		return err
	}
	return b.unusable
}

// elemError returns the error of a call on an element.
func (b *mapBase) elemError(op string, errno syscall.Errno) error {
	if errno == syscall.ENOENT {
		return b.notExist
	}
	err := b.fail(op, errno)
	if errno == syscall.EPERM && b.isFrozen() {
		err.(*Error).Hint = "the map is frozen: user space may only read it"
	}
	return err
}

// isFrozen reports whether user space may only read the map. The caller does not hold
// beginUse.
func (b *mapBase) isFrozen() bool {
	if b.lifetime.beginUse() != nil {
		return false
	}
	defer b.lifetime.endUse()
	return isFrozen(b.fd)
}
