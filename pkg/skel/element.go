package skel

import (
	"errors"
	"fmt"
	"math"
	"syscall"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A template is what the elements of a map of maps are made like. It is invalid
// where the object declares none and none was set.
type template struct {
	valid bool
	libbpf.NewMap
	// btfID is the BTF of a map that was set; else the types are the object's.
	btfID uint32
}

var errNoTemplate = fmt.Errorf("%w: the object does not declare the maps in it: declare them by __array(values, ...), or give one to OpenMap.SetInner", syscall.EINVAL)

// CreateOption is an option of MapOfMaps.Create.
type CreateOption func(*element)

type element struct {
	libbpf.NewMap
	err error
}

// WithMaxEntries makes the element hold n keys, instead of as many as the object
// declares; for a ring buffer it is the size in bytes. Kernels before 5.10 take no
// element of another size into a map of maps, later ones take arrays only if the
// declaration has the flag BPF_F_INNER_MAP.
func WithMaxEntries(n int) CreateOption {
	return func(e *element) {
		switch {
		case n <= 0 || uint64(n) > math.MaxUint32:
			e.err = fmt.Errorf("%w: a map of %d entries", syscall.EINVAL, n)
		case e.Type == kindArray && e.Flags&flagInnerMap == 0 && n != int(e.MaxEntries):
			e.err = fmt.Errorf("%w: the map of maps takes arrays of %d entries only: declare them with the map flag BPF_F_INNER_MAP", syscall.EINVAL, e.MaxEntries)
		default:
			e.MaxEntries = uint32(n)
		}
	}
}

const (
	flagInnerMap = 1 << 12 // BPF_F_INNER_MAP
	maxName      = 15      // BPF_OBJ_NAME_LEN less its NUL
)

// WithMapName names the element, in at most 15 bytes.
func WithMapName(name string) CreateOption {
	return func(e *element) {
		if len(name) > maxName {
			e.err = fmt.Errorf("%w: the name %q has more than %d bytes", syscall.EINVAL, name, maxName)
		}
		e.Name = name
	}
}

// Create makes an empty map like the one that the object declares as an element,
// with its type, sizes, flags, NUMA node, map_extra and BTF, for Update to put in.
// The template of OpenMap.SetInner gives its BTF to a process with CAP_SYS_ADMIN
// only; without, values with locks, timers and the like are refused by Update. The
// map belongs to the caller, and may be closed after Update. (bpf_map_create)
func (m *MapOfMaps[K]) Create(opts ...CreateOption) (*OwnMap, error) {
	if err := m.base().usable(); err != nil {
		return nil, err
	}
	if !m.inner.valid {
		return nil, m.base().fail("create an element", errNoTemplate)
	}
	e := element{NewMap: m.inner.NewMap}
	if e.Type == uint32(uapi.MapTypePerfEventArray) && e.MaxEntries == 0 {
		cpus, err := PossibleCPUs()
		if err != nil {
			return nil, m.base().fail("create an element", err)
		}
		e.MaxEntries = uint32(cpus)
	}
	for _, opt := range opts {
		if opt != nil {
			opt(&e)
		}
	}
	if e.err != nil {
		return nil, m.base().fail("create an element", e.err)
	}
	fd, err := m.inner.create(m.base(), e.NewMap)
	if err != nil {
		return nil, m.base().fail("create an element", err)
	}
	return takeMap(fd)
}

// create makes the map. The object's BTF stays open meanwhile.
func (t template) create(b *mapBase, made libbpf.NewMap) (int, error) {
	if err := b.life.enter(); err != nil {
		return -1, err
	}
	defer b.life.leave()
	if t.btfID == 0 {
		made.BTF = b.object.sk.BTFFD()
		return libbpf.CreateMap(made)
	}
	if fd, err := libbpf.BTFByID(t.btfID); err == nil {
		defer closeFD(fd)
		made.BTF = fd
	}
	return libbpf.CreateMap(made)
}

// templateHint adds to the error of a load that a map of maps lacks its template.
func templateHint(err error, sk *libbpf.Skeleton, b before) {
	var e *Error
	if !errors.As(err, &e) || e.Map == "" {
		return
	}
	for i := range sk.NumMaps() {
		m := sk.Map(i)
		if m.Name() == e.Map && mapOfMapsKinds.has(m.Type()) && !b.inner[i].valid {
			e.Hint = "it has no template: declare the maps in it by __array(values, ...), or give one to OpenMap.SetInner"
		}
	}
}
