package skel

import (
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// MapInfo is what the kernel says of a map.
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
	if err := b.life.enter(); err != nil {
		return MapInfo{}, err
	}
	defer b.life.leave()
	info, err := bpf.InfoOfMap(b.fd)
	return MapInfo(info), b.fail("get info", err)
}

// Freeze forbids changes from user space, for good; programs still make them.
// (bpf_map_freeze)
func (b *mapBase) Freeze() error {
	if err := b.life.enter(); err != nil {
		return err
	}
	defer b.life.leave()
	return b.fail("freeze", bpf.FreezeMap(b.fd))
}

// Pin keeps the map in the kernel under path, in a BPF file system, also after
// Close. A map that has a pin path can be pinned nowhere else; "" is that path.
// (bpf_map__pin)
func (b *mapBase) Pin(path string) error {
	return b.admin("pin", func() error {
		if err := checkTexts(path); err != nil {
			return err
		}
		if b.object == nil {
			return pinFD(b.fd, path)
		}
		return b.pin.pin(b.fd, path)
	})
}

// Unpin removes a pin, "" that of the map's pin path. The map stays as long as it
// is used. (bpf_map__unpin)
func (b *mapBase) Unpin(path string) error {
	return b.admin("unpin", func() error {
		if err := checkTexts(path); err != nil {
			return err
		}
		if b.object == nil {
			return unpinPath(path)
		}
		return b.pin.unpin(path)
	})
}

// admin calls f alone among what changes the object.
func (b *mapBase) admin(op string, f func() error) error {
	if b.object == nil {
		if err := b.life.enter(); err != nil {
			return err
		}
		defer b.life.leave()
	} else {
		if err := b.object.enterChange(); err != nil {
			return err
		}
		defer b.object.leaveChange()
	}
	return b.fail(op, f())
}
