package skel

import (
	"maps"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// image is the address of a section's initial value before load, its size in bytes, and
// whether the caller has passed its map.
type image struct {
	at     unsafe.Pointer
	size   int
	reused bool
}

// openState is the information on an object that is known only before load, by map.
type openState struct {
	images map[int]image
	inner  map[int]template
	reused map[int]bool
}

// fd returns a map's file descriptor after load, -1 if libbpf only has a placeholder.
func (b *openState) fd(sk backend.Object, i int) int {
	if m := sk.Map(i); m.Autocreate() || b.reused[i] {
		return m.FD()
	}
	return -1
}

func readOpenState(o *OpenObject, sk backend.Object) openState {
	b := openState{map[int]image{}, map[int]template{}, o.reused}
	for _, s := range o.spec.Sections {
		v := sk.Map(s.Map).InitialValue()
		b.images[s.Map] = image{mem.Of(v), len(v), o.reused[s.Map]}
	}
	for i := range o.spec.Maps {
		if in, ok := sk.Map(i).Inner(); ok {
			b.inner[i] = template{valid: true, MapSpec: specOf(in)}
		}
	}
	maps.Copy(b.inner, o.inner)
	return b
}

// specOf returns the properties with which a map, such as the template of a map of
// maps, will be created, apart from BTF.
func specOf(m backend.Map) bpf.MapSpec {
	return bpf.MapSpec{
		Name: m.Name(), Type: m.Type(), KeySize: m.KeySize(), ValueSize: m.ValueSize(), MaxEntries: m.MaxEntries(),
		Flags: m.Flags(), NUMANode: m.NUMANode(), Ifindex: m.Ifindex(), Extra: m.Extra(),
		BTFKey: m.KeyTypeID(), BTFValue: m.ValueTypeID(),
	}
}

// sectionMemory returns the number of usable bytes of a section of the given size: its
// Go type may end with padding up to the next word.
func sectionMemory(size int) uintptr { return (uintptr(size) + 7) &^ 7 }

// memoryAfterLoad returns a section's memory after load. libbpf has mapped each map that it
// created at the address of the image. For a map that it reused or did not create it leaves
// the image, which is not the kernel's memory; memoryAfterLoad maps the kernel's there. A
// frozen section that cannot be mapped is copied into Go memory, so that its view can
// always be read.
func memoryAfterLoad(s backend.Section, m backend.Map, fd int, p unsafe.Pointer, img image) (unsafe.Pointer, error) {
	created := fd >= 0
	switch {
	case m.Type() == kindStructOps:
		return nil, nil // only libbpf uses its memory
	case m.Type() == kindArena:
		if !created || p == nil || mem.Of(m.InitialValue()) == img.at {
			return nil, nil
		}
		return p, nil
	case created && p != nil && (m.Pinned() || img.reused):
		if remap(m, p, img, s.Frozen) != nil {
			p = nil
		}
	case !created && !s.Frozen:
		p = nil
	}
	if p != nil || !s.Frozen {
		return p, nil
	}
	return readSection(fd, max(int(s.Size), int(m.ValueSize())))
}

// remap replaces the image of a reused map by the kernel's map. If that is impossible,
// pointers to the image become invalid: programs do not see writes to it. A map that is
// pinned may be mapped there already.
func remap(m backend.Map, p unsafe.Pointer, img image, readonly bool) error {
	err := error(errInvalid)
	if m.Flags()&uapi.MapFlagMmapable != 0 {
		err = m.Remap(p, img.size, readonly)
	}
	if err != nil && img.reused {
		m.DenyAccess(p, img.size)
	}
	return err
}

// readSection copies a section, which is the value of key 0, into new memory; zeros if
// there is no map.
func readSection(fd int, size int) (unsafe.Pointer, error) {
	const word = 8 // the alignment of every type that a section can hold
	buf := make([]uint64, (size+word-1)/word)
	p := mem.Of(buf)
	if fd < 0 {
		return p, nil
	}
	var key uint32
	if errno := bpf.NewElems(fd, bpf.MapShape{}).Call(uapi.CmdMapLookupElem, mem.At(&key), p, 0); errno != 0 {
		return nil, errno
	}
	return p, nil
}
