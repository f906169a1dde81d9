package bpf

import (
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// MapSpec describes a map to be created. The kernel chooses a default for fields that
// are zero.
type MapSpec struct {
	Type                           uapi.MapType
	Name                           string // cut to 15 bytes
	KeySize, ValueSize, MaxEntries uint32
	Flags                          uapi.MapFlags
	Extra                          uint64 // map_extra
	NUMANode                       uint32 // with MapFlagNUMANode
	InnerFD                        int    // of a map of maps: a map like its elements
	Ifindex                        uint32 // of the device that keeps the map
	// BTFFD is the BTF that describes the map, BTFKey and BTFValue the ids of types
	// in it.
	BTFFD            int
	BTFKey, BTFValue uint32
	// KernelValue is, for struct_ops, the id of the kernel's struct of the value: in
	// the module's BTF behind KernelBTFFD with MapFlagVTypeBTFObjFD, otherwise in
	// vmlinux.
	KernelValue uint32
	KernelBTFFD int
	TokenFD     int // with MapFlagTokenFD
	// ExclusiveHash is the hash of the only program that may use the map.
	ExclusiveHash []byte
}

// mapCreateAttr is union bpf_attr of BPF_MAP_CREATE.
type mapCreateAttr struct {
	kind, keySize, valueSize, maxEntries, flags uint32
	innerFD, numaNode                           uint32
	name                                        [nameLen]byte
	ifindex, btfFD, btfKey, btfValue            uint32
	kernelValue                                 uint32
	extra                                       uint64
	kernelBTFFD, tokenFD                        int32
	exclusiveHash                               ptr64
	exclusiveHashSize                           uint32
	_                                           uint32
}

// nameLen is the maximum size of a name, including the NUL (BPF_OBJ_NAME_LEN).
const nameLen = 16

// CreateMap creates a map (bpf_map_create). Before Linux 5.11 it raises the limit of
// locked memory if the map does not fit into it, as libbpf does.
func CreateMap(s *MapSpec) (int, error) {
	attr, err := s.attr()
	if err != nil {
		return -1, err
	}
	fd, err := callAttrFD(uapi.CmdMapCreate, &attr)
	if err == errPermission && raiseMemlock() {
		fd, err = callAttrFD(uapi.CmdMapCreate, &attr)
	}
	return fd, err
}

func (s *MapSpec) attr() (mapCreateAttr, error) {
	attr := mapCreateAttr{
		kind: uint32(s.Type), keySize: s.KeySize, valueSize: s.ValueSize, maxEntries: s.MaxEntries, flags: uint32(s.Flags),
		innerFD: uint32(s.InnerFD), numaNode: s.NUMANode, ifindex: s.Ifindex,
		btfFD: uint32(s.BTFFD), btfKey: s.BTFKey, btfValue: s.BTFValue,
		kernelValue: s.KernelValue, extra: s.Extra, kernelBTFFD: int32(s.KernelBTFFD), tokenFD: int32(s.TokenFD),
	}
	if strings.IndexByte(s.Name, 0) >= 0 {
		return attr, errInvalid
	}
	copy(attr.name[:nameLen-1], s.Name)
	var err error
	attr.exclusiveHash, attr.exclusiveHashSize, err = bytesPointer(s.ExclusiveHash)
	return attr, err
}

// FreezeMap forbids changes from user space (bpf_map_freeze).
func FreezeMap(fd int) error {
	attr := elemAttr{fd: uint32(fd)}
	_, errno := callAttr(uapi.CmdMapFreeze, &attr)
	return errnoError(errno)
}
