//go:build linux

package light

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// bpfMap is one map of an object.
type bpfMap struct {
	o    *object // nil for the template of a map of maps
	desc *Map
	bpf.MapSpec
	noAutocreate, noAutoattach bool
	pinPath                    string
	pinned, reused             bool
	foundPin                   bool // load found it at its pin path
	inner                      *bpfMap
	innerFD, reuseFD           int // copies of the caller's descriptors, -1 for none
	fd                         int // -1 before load
	image, arena               mapping
}

func newMap(o *object, desc *Map) (*bpfMap, error) {
	m := &bpfMap{o: o, desc: desc, MapSpec: bpf.MapSpec{
		Type: desc.Type, Name: desc.Name, KeySize: desc.KeySize, ValueSize: desc.ValueSize, MaxEntries: desc.MaxEntries,
		Flags: desc.Flags, Extra: desc.Extra, NUMANode: desc.NUMANode, BTFKey: desc.KeyType, BTFValue: desc.ValueType,
	}, innerFD: -1, reuseFD: -1, fd: -1}
	if isRing(m.MapSpec.Type) {
		m.MapSpec.MaxEntries = ringSize(m.MapSpec.MaxEntries)
	}
	if desc.Inner != nil {
		var err error
		if m.inner, err = newMap(nil, desc.Inner); err != nil {
			return nil, err
		}
	}
	if desc.Section != NoSection {
		var err error
		if m.image, err = newMapping(sectionBytes(int(desc.ValueSize))); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// sectionBytes is the memory of an array's element: whole words.
func sectionBytes(size int) int { return (size + 7) &^ 7 }

func isRing(t uapi.MapType) bool { return t == uapi.MapTypeRingBuf || t == uapi.MapTypeUserRingBuf }

// ringSize is the size that the kernel accepts for a ring of at least size bytes: a power
// of two of whole pages. It is 0 for 0, which the kernel refuses.
func ringSize(size uint32) uint32 {
	if size == 0 {
		return 0
	}
	for n := uint64(os.Getpagesize()); n <= 1<<31; n *= 2 {
		if n >= uint64(size) {
			return uint32(n)
		}
	}
	return size
}

func (m *bpfMap) Name() string         { return m.MapSpec.Name }
func (m *bpfMap) FD() int              { return m.fd }
func (m *bpfMap) Type() uapi.MapType   { return m.MapSpec.Type }
func (m *bpfMap) KeySize() uint32      { return m.MapSpec.KeySize }
func (m *bpfMap) ValueSize() uint32    { return m.MapSpec.ValueSize }
func (m *bpfMap) MaxEntries() uint32   { return m.MapSpec.MaxEntries }
func (m *bpfMap) Flags() uapi.MapFlags { return m.MapSpec.Flags }
func (m *bpfMap) NUMANode() uint32     { return m.MapSpec.NUMANode }
func (m *bpfMap) Ifindex() uint32      { return m.MapSpec.Ifindex }
func (m *bpfMap) Extra() uint64        { return m.MapSpec.Extra }
func (m *bpfMap) KeyTypeID() uint32    { return m.BTFKey }
func (m *bpfMap) ValueTypeID() uint32  { return m.BTFValue }
func (m *bpfMap) Autocreate() bool     { return !m.noAutocreate }
func (m *bpfMap) Autoattach() bool     { return !m.noAutoattach }
func (m *bpfMap) Internal() bool       { return m.desc.Section != NoSection }
func (m *bpfMap) PinPath() string      { return m.pinPath }
func (m *bpfMap) Pinned() bool         { return m.pinned }

func (m *bpfMap) Inner() (backend.Map, bool) { return m.inner, m.inner != nil }

// set changes a property of a map that load will create.
func (m *bpfMap) set(op string, change func() error) error {
	if m.reused {
		return &backend.Error{Op: op, Err: syscall.EBUSY}
	}
	return m.setAnyway(op, change)
}

// setAnyway makes a change that is possible for a map that load reuses too.
func (m *bpfMap) setAnyway(op string, change func() error) error {
	if m.o == nil || m.o.prepared {
		return &backend.Error{Op: op, Err: syscall.EBUSY}
	}
	return asError(op, change())
}

// setShape changes a property of a map without memory of its own.
func (m *bpfMap) setShape(op string, change func()) error {
	return m.set(op, func() error {
		if err := backend.CheckShape(m, op); err != nil {
			return err
		}
		change()
		return nil
	})
}

func (m *bpfMap) SetType(t uapi.MapType) error {
	const op = "set the type"
	if t == uapi.MapTypeStructOps || t == uapi.MapTypeArena {
		return backend.Refuse(op, "only an object's own declaration makes a map of this type")
	}
	return m.setShape(op, func() { m.MapSpec.Type = t })
}

func (m *bpfMap) SetKeySize(n uint32) error {
	return m.setShape("set the key size", func() { m.MapSpec.KeySize = n })
}

func (m *bpfMap) SetValueSize(n uint32) error {
	const op = "set the value size"
	if !m.Internal() {
		return m.setShape(op, func() { m.MapSpec.ValueSize = n })
	}
	return m.set(op, func() error {
		old := m.MapSpec.ValueSize
		if n == old {
			return nil
		}
		if err := m.image.resize(sectionBytes(int(n))); err != nil {
			return err
		}
		if n < old { // what grows again is zero
			clear(m.image.bytes(m.image.size)[n:min(int(old), m.image.size)])
		}
		m.MapSpec.ValueSize = n
		m.BTFKey, m.BTFValue = 0, 0 // the object's BTF describes another size
		return nil
	})
}

func (m *bpfMap) SetMaxEntries(n uint32) error {
	const op = "set max_entries"
	change := func() {
		if isRing(m.MapSpec.Type) {
			n = ringSize(n)
		}
		m.MapSpec.MaxEntries = n
	}
	if m.MapSpec.Type == uapi.MapTypeArena {
		return m.set(op, func() error { change(); return nil })
	}
	return m.setShape(op, change)
}

func (m *bpfMap) SetFlags(f uapi.MapFlags) error {
	return m.set("set the flags", func() error { m.MapSpec.Flags = f; return nil })
}

func (m *bpfMap) SetNUMANode(n uint32) error {
	return m.set("set the NUMA node", func() error { m.MapSpec.NUMANode = n; return nil })
}

func (m *bpfMap) SetExtra(x uint64) error {
	return m.set("set map_extra", func() error { m.MapSpec.Extra = x; return nil })
}

func (m *bpfMap) SetAutocreate(on bool) error {
	return m.set("set autocreate", func() error { m.noAutocreate = !on; return nil })
}

func (m *bpfMap) SetAutoattach(on bool) error {
	m.noAutoattach = !on
	return nil
}

func (m *bpfMap) SetPinPath(path string) error {
	m.pinPath = path
	return nil
}

// keepFD replaces *to by a copy of fd.
func keepFD(to *int, fd int) error {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return err
	}
	closeFD(to)
	*to = own
	return nil
}

func closeFD(fd *int) {
	if *fd >= 0 {
		unix.Close(*fd)
	}
	*fd = -1
}

func (m *bpfMap) SetInnerFD(fd int) error {
	return m.setAnyway("set the inner map", func() error {
		if t := m.MapSpec.Type; t != uapi.MapTypeArrayOfMaps && t != uapi.MapTypeHashOfMaps {
			return syscall.EINVAL
		}
		if m.innerFD >= 0 {
			return backend.Refuse("", "inner_map_fd already specified")
		}
		if err := keepFD(&m.innerFD, fd); err != nil {
			return err
		}
		m.inner = nil
		return nil
	})
}

func (m *bpfMap) ReuseFD(fd int) error {
	return m.setAnyway("reuse an fd", func() error { return m.reuse(fd) })
}

// reuse makes load use the map behind fd, of which it keeps a copy.
func (m *bpfMap) reuse(fd int) error {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		return err
	}
	if err := keepFD(&m.reuseFD, fd); err != nil {
		return err
	}
	s := &m.MapSpec
	s.Type, s.KeySize, s.ValueSize, s.MaxEntries, s.Flags, s.Extra = info.Type, info.KeySize, info.ValueSize, info.MaxEntries, info.Flags, info.Extra
	s.BTFKey, s.BTFValue = info.BTFKey, info.BTFValue
	m.reused = true
	return nil
}

func (m *bpfMap) SetInitialValue(data []byte) error {
	return m.set("set the initial value", func() error {
		value := m.InitialValue()
		if value == nil || len(data) != len(value) || m.desc.Section == SectionKconfig {
			return syscall.EINVAL
		}
		copy(value, data)
		return nil
	})
}

func (m *bpfMap) InitialValue() []byte {
	if !m.Internal() {
		return nil
	}
	return m.image.bytes(int(m.MapSpec.ValueSize))
}

func (m *bpfMap) Memory() unsafe.Pointer { return m.image.at }

func (m *bpfMap) Remap(at unsafe.Pointer, _ int, readonly bool) error {
	if at != m.image.at {
		return &backend.Error{Op: "map", Err: syscall.EINVAL}
	}
	return asError("map", m.image.replace(m.fd, readonly))
}

func (m *bpfMap) DenyAccess(at unsafe.Pointer, _ int) {
	if at == m.image.at {
		m.image.denyAccess()
	}
}

func (m *bpfMap) Attach() (backend.Link, error) {
	return nil, &backend.Error{Op: "attach", Err: syscall.EINVAL} // only struct_ops maps can be attached
}

func (m *bpfMap) AutoAttach() (backend.Link, error) { return nil, nil }

// close frees what the map owns.
func (m *bpfMap) close() {
	closeFD(&m.fd)
	closeFD(&m.innerFD)
	closeFD(&m.reuseFD)
	m.image.free()
	m.arena.free()
}

// errnoOf returns the errno that err wraps, EINVAL if there is none.
func errnoOf(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		errno = syscall.EINVAL
	}
	return backend.Errno(int(errno))
}

// asError wraps an error of a call in an Error of the operation.
func asError(op string, err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *backend.Error:
		if e.Op == "" {
			e.Op = op
		}
		return e
	case syscall.Errno:
		return &backend.Error{Op: op, Err: errnoOf(e)}
	}
	return err
}
