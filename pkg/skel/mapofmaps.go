package skel

import (
	"errors"
	"fmt"
	"math"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// MapOfMaps is an array or hash whose values are maps. All methods may be called
// from any number of goroutines.
type MapOfMaps[K any] struct {
	mapBase
	inner template
}

func (m *MapOfMaps[K]) bind(o *Object, i int) {
	m.mapBase, m.inner = newMapBase(o, i), o.inner[i]
	m.require(keyValueShape[K, uint32]("MapOfMaps"))
}

// Update puts a map at key, such as a MapHandle or a map of a skeleton, which must be
// like the one that the object declares. The map of maps holds its own reference: inner
// may be closed afterwards. (bpf_map_update_elem)
func (m *MapOfMaps[K]) Update(key *K, inner Descriptor, flags ...UpdateFlags) error {
	fd, err := copyFD(inner, bpf.KindMap)
	if err != nil {
		return m.base().fail("update", err)
	}
	defer closeFD(fd)
	err = m.base().putFD(mem.At(key), fd, joinFlags(flags))
	var e *Error
	if errors.As(err, &e) && errors.Is(err, syscall.EINVAL) && m.inner.valid {
		if differ := mapDifferences(fd, m.inner.MapSpec); differ != "" {
			e.Hint = "the map differs from the one that the object declares: its " + differ
		}
	}
	return err
}

// LookupID returns the kernel's id of the map at key. The error is ErrNotExist if there
// is none. (bpf_map_lookup_elem)
func (m *MapOfMaps[K]) LookupID(key *K) (id uint32, err error) {
	// SAFETY: both have the map's sizes (require), and neither is kept.
	err = m.base().callElem(uapi.CmdMapLookupElem, "look up", mem.At(key), mem.At(&id), 0)
	return id, err
}

// Lookup opens the map at key, which requires CAP_SYS_ADMIN. The caller closes it.
// (bpf_map_lookup_elem, bpf_map_get_fd_by_id)
func (m *MapOfMaps[K]) Lookup(key *K) (*MapHandle, error) {
	id, err := m.LookupID(key)
	if err != nil {
		return nil, err
	}
	fd, err := bpf.OpenByID(bpf.KindMap, id, 0, 0)
	if err != nil {
		return nil, m.base().fail("look up", err)
	}
	return newMapHandle(fd, fmt.Sprintf("map %d", id))
}

// Delete removes the map at key. (bpf_map_delete_elem)
func (m *MapOfMaps[K]) Delete(key *K) error {
	// SAFETY: the key has the map's size and is not kept.
	return m.base().callElem(uapi.CmdMapDeleteElem, "delete", mem.At(key), nil, 0)
}

// IDs returns an iterator over the keys and the kernel's ids of their maps.
func (m *MapOfMaps[K]) IDs() *Iter[K, uint32] {
	return (&Map[K, uint32]{*m.base()}).Iter()
}

// A template describes the elements of a map of maps. It is invalid if the object
// declares none and none was set.
type template struct {
	valid bool
	bpf.MapSpec
	// btfID is the BTF of a map that was set; else the types are the object's.
	btfID uint32
}

var errNoTemplate = fmt.Errorf("%w: the object does not declare the inner maps: declare them with __array(values, ...), or call OpenMap.SetInner", syscall.EINVAL)

// CreateOption is an option of MapOfMaps.Create.
type CreateOption func(*newElement)

type newElement struct {
	bpf.MapSpec
	err error
}

// WithMaxEntries makes the element hold n keys, instead of as many as the object
// declares; for a ring buffer it is the size in bytes. Kernels before 5.10 refuse an
// element of another size; later ones accept an array of another size only if the
// declaration has the flag BPF_F_INNER_MAP.
func WithMaxEntries(n int) CreateOption {
	return func(e *newElement) {
		switch {
		case n <= 0 || uint64(n) > math.MaxUint32:
			e.err = fmt.Errorf("%w: a map cannot have %d entries", syscall.EINVAL, n)
		case e.Type == kindArray && e.Flags&uapi.MapFlagInnerMap == 0 && n != int(e.MaxEntries):
			e.err = fmt.Errorf("%w: the map of maps accepts only arrays of %d entries: declare the inner maps with the flag BPF_F_INNER_MAP", syscall.EINVAL, e.MaxEntries)
		default:
			e.MaxEntries = uint32(n)
		}
	}
}

const maxName = 15 // BPF_OBJ_NAME_LEN less its NUL

// WithMapName names the element, in at most 15 bytes.
func WithMapName(name string) CreateOption {
	return func(e *newElement) {
		if len(name) > maxName {
			e.err = fmt.Errorf("%w: the name %q has more than %d bytes", syscall.EINVAL, name, maxName)
		}
		e.Name = name
	}
}

// Create makes an empty map like the one that the object declares as an element, with
// its type, sizes, flags, NUMA node, map_extra and BTF, for Update to put in. The BTF
// of a template set by OpenMap.SetInner is available only with CAP_SYS_ADMIN; without
// it, Update refuses values with locks, timers and the like. The map belongs to the
// caller, and may be closed after Update. (bpf_map_create)
func (m *MapOfMaps[K]) Create(opts ...CreateOption) (*MapHandle, error) {
	if err := m.base().checkUsable(); err != nil {
		return nil, err
	}
	if !m.inner.valid {
		return nil, m.base().fail("create an element", errNoTemplate)
	}
	e := newElement{MapSpec: m.inner.MapSpec}
	if e.Type == uapi.MapTypePerfEventArray && e.MaxEntries == 0 {
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
	fd, err := m.inner.create(m.base(), e.MapSpec)
	if err != nil {
		return nil, m.base().fail("create an element", err)
	}
	return newMapHandle(fd, "the element")
}

// create makes the map. The object's BTF stays open during the call.
func (t template) create(b *mapBase, made bpf.MapSpec) (int, error) {
	if err := b.lifetime.beginUse(); err != nil {
		return -1, err
	}
	defer b.lifetime.endUse()
	if t.btfID == 0 {
		made.BTFFD = b.object.sk.BTFFD()
		return createMap(made)
	}
	if fd, err := bpf.OpenByID(bpf.KindBTF, t.btfID, 0, 0); err == nil {
		defer closeFD(fd)
		made.BTFFD = fd
	}
	return createMap(made)
}

// noBTFKinds are the kinds for which the kernel refuses BTF, as in libbpf's own loader.
var noBTFKinds = mapOfMapsKinds | kindsOf(uapi.MapTypePerfEventArray, uapi.MapTypeCgroupArray, uapi.MapTypeStackTrace,
	uapi.MapTypeDevMap, uapi.MapTypeDevMapHash, uapi.MapTypeCPUMap, uapi.MapTypeXSKMap, uapi.MapTypeSockMap,
	uapi.MapTypeSockHash, uapi.MapTypeQueue, uapi.MapTypeStack)

// createMap tries again without BTF if the kernel refuses it, as libbpf's own loader
// does.
func createMap(m bpf.MapSpec) (int, error) {
	typed := m.BTFFD != 0 && (m.BTFKey != 0 || m.BTFValue != 0) && !noBTFKinds.has(m.Type)
	if typed {
		fd, err := bpf.CreateMap(&m)
		if err == nil {
			return fd, nil
		}
	}
	m.BTFFD, m.BTFKey, m.BTFValue = 0, 0, 0
	return bpf.CreateMap(&m)
}

// templateLike returns a template for maps like the given one, apart from its NUMA
// node, which the kernel does not report.
func templateLike(m bpf.MapInfo) template {
	return template{true, bpf.MapSpec{
		Type: m.Type, Name: m.Name, KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: m.MaxEntries,
		Flags: m.Flags, Extra: m.Extra, BTFKey: m.BTFKey, BTFValue: m.BTFValue,
	}, m.BTFID}
}

// addTemplateHint adds to the error of a load that a map of maps lacks its template.
func (o *OpenObject) addTemplateHint(err error, sk backend.Object, b openState) {
	var e *Error
	if !errors.As(err, &e) || e.Map == "" {
		return
	}
	for i := range o.spec.Maps {
		m := sk.Map(i)
		if m.Name() == e.Map && mapOfMapsKinds.has(m.Type()) && !b.inner[i].valid {
			e.Hint = "it does not declare its inner maps: declare them with __array(values, ...), or call OpenMap.SetInner"
		}
	}
}
