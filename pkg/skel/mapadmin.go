package skel

import (
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// MapInfo is the kernel's information on a map.
type MapInfo struct {
	Name                           string // cut to 15 bytes by the kernel
	ID                             uint32
	Type                           uapi.MapType
	KeySize, ValueSize, MaxEntries uint32
	Flags                          uapi.MapFlags
	Extra                          uint64 // map_extra
	Ifindex                        uint32 // of the device that keeps the map
	BTFID, BTFKey, BTFValue        uint32 // the BTF that describes it, and types in it
	KernelValue                    uint32 // of struct_ops: the kernel's struct
}

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (b *mapBase) Info() (MapInfo, error) {
	if err := b.lifetime.beginUse(); err != nil {
		return MapInfo{}, err
	}
	defer b.lifetime.endUse()
	info, err := bpf.InfoOfMap(b.fd)
	return MapInfo(info), b.fail("get info", err)
}

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (b *mapBase) Freeze() error {
	if err := b.lifetime.beginUse(); err != nil {
		return err
	}
	defer b.lifetime.endUse()
	return b.fail("freeze", bpf.FreezeMap(b.fd))
}

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (b *mapBase) Pin(path string) error {
	return b.withChange("pin", func() error {
		if err := checkNoNUL(path); err != nil {
			return err
		}
		if b.object == nil {
			return pinFD(b.fd, path)
		}
		return b.pin.pin(b.fd, path)
	})
}

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (b *mapBase) Unpin(path string) error {
	return b.withChange("unpin", func() error {
		if err := checkNoNUL(path); err != nil {
			return err
		}
		if b.object == nil {
			return unpinPath(path)
		}
		return b.pin.unpin(path)
	})
}

// withChange calls f while no other call changes the object.
func (b *mapBase) withChange(op string, f func() error) error {
	if b.object == nil {
		if err := b.lifetime.beginUse(); err != nil {
			return err
		}
		defer b.lifetime.endUse()
	} else {
		if err := b.object.beginChange(); err != nil {
			return err
		}
		defer b.object.endChange()
	}
	return b.fail(op, f())
}
