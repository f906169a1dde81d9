package bpf

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
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

// mapInfo is struct bpf_map_info.
type mapInfo struct {
	kind, id, keySize, valueSize, maxEntries, flags uint32
	name                                            [nameLen]byte
	ifindex, kernelValue                            uint32
	_, _                                            uint64 // the device's network namespace
	btfID, btfKey, btfValue, _                      uint32
	extra                                           uint64
	_                                               ptr64 // the hash, and its size
	_, _                                            uint32
}

// InfoOfMap asks the kernel (bpf_map_get_info_by_fd). As with all info, the error wraps
// EINVAL if fd is of another kind.
func InfoOfMap(fd int) (MapInfo, error) {
	if err := CheckKind(fd, KindMap); err != nil {
		return MapInfo{}, err
	}
	var c mapInfo
	if _, errno := getInfo(fd, &c); errno != 0 {
		return MapInfo{}, errno
	}
	return MapInfo{
		Name: goString(c.name[:]), ID: c.id, Type: uapi.MapType(c.kind), KeySize: c.keySize, ValueSize: c.valueSize,
		MaxEntries: c.maxEntries, Flags: uapi.MapFlags(c.flags), Extra: c.extra, Ifindex: c.ifindex,
		BTFID: c.btfID, BTFKey: c.btfKey, BTFValue: c.btfValue, KernelValue: c.kernelValue,
	}, nil
}

// BTFInfo is the kernel's information on a BTF.
type BTFInfo struct {
	ID     uint32
	Name   string // "vmlinux" or the module's, "" for a program's
	Size   int    // bytes
	Kernel bool   // of the kernel or a module
}

// btfInfo is struct bpf_btf_info.
type btfInfo struct {
	data            ptr64
	size, id        uint32
	name            ptr64
	nameLen, kernel uint32
}

// InfoOfBTF asks the kernel (bpf_btf_get_info_by_fd). Name and Kernel are set from
// Linux 5.11 on.
func InfoOfBTF(fd int) (BTFInfo, error) {
	if err := CheckKind(fd, KindBTF); err != nil {
		return BTFInfo{}, err
	}
	var c btfInfo
	known, errno := getInfo(fd, &c)
	if errno != 0 {
		return BTFInfo{}, errno
	}
	info := BTFInfo{ID: c.id, Size: int(c.size), Kernel: c.kernel != 0}
	if known < int(unsafe.Sizeof(c)) || c.nameLen == 0 { // SAFETY: a size
		return info, nil
	}
	name := make([]byte, c.nameLen+1)
	// SAFETY: the kernel writes at most nameLen bytes to name, which c keeps.
	c = btfInfo{name: ptr64{p: mem.Of(name)}, nameLen: uint32(len(name))}
	if _, errno := getInfo(fd, &c); errno != 0 {
		return BTFInfo{}, errno
	}
	info.Name = goString(name)
	return info, nil
}
