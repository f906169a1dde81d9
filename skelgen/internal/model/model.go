// Package model describes a BPF object as plain, ordered Go values: the contents that
// libbpf reported, and nothing about how they will be rendered. A model is complete
// before the first byte of output is written; every slice is in libbpf's order,
// so that the same object always yields the same model.
package model

import "github.com/bpfskel/bpfskel/pkg/uapi"

// Object is one BPF object file as libbpf opened it.
type Object struct {
	// Name is the skeleton's C name, such as "minimal_bpf". libbpf prefixes
	// the names of data maps with it.
	Name string
	// File is the base name of the object's file, such as "minimal.bpf.o".
	File string
	// Bytes is the object itself, as it is embedded.
	Bytes []byte
	// BigEndian is the byte order of the object, and so of its data.
	BigEndian bool
	// HasBTF distinguishes an object without BTF from an object whose BTF is empty.
	HasBTF bool
	// Maps are the maps that libbpf will create, in its order.
	Maps []Map
	// Programs are the programs, in libbpf's order.
	Programs []Program
	// Types is the object's BTF.
	Types Types
	// Generation identifies the object and the options of the package that is
	// generated from it, as 8 hexadecimal digits. Files of two generations do not
	// compile together. It is "" if no package is generated.
	Generation string
	// Warnings are libbpf's messages of levels warn and info from an open that
	// succeeded.
	Warnings []string
}

// Map is one map of an object.
type Map struct {
	// Name is libbpf's name: "counts", or for a data section the (possibly
	// cut) object name and the section, "minimal.rodata", ".data.foo".
	Name string
	Type uapi.MapType

	KeySize    uint32
	ValueSize  uint32
	MaxEntries uint32
	Flags      uapi.MapFlags
	NUMANode   uint32
	Extra      uint64 // map_extra

	// KeyType and ValueType are 0 if the map declares none. A data
	// section's ValueType is its DATASEC; a struct_ops map's is the struct.
	KeyType   TypeID
	ValueType TypeID

	// Internal is true for the maps that libbpf makes for data sections.
	Internal bool
	// HasData is true if libbpf keeps an initial value of DataSize bytes:
	// data sections, struct_ops maps, arenas with global variables.
	HasData  bool
	DataSize int
	// PinPath is the path at which libbpf pins the map, "" if it does not.
	PinPath string
	// Inner is the template of a map of maps for its inner maps.
	Inner *Map
	// Shadow lists the struct_ops map's members, as user space may set them.
	Shadow []ShadowMember
}

// HasRecordType reports whether a ring declares a type for its records, as a key or a
// value. The kernel refuses a ring with the key and value sizes that result.
func (m *Map) HasRecordType() bool {
	switch m.Type {
	case uapi.MapTypeRingBuf, uapi.MapTypeUserRingBuf:
		return m.KeySize != 0 || m.ValueSize != 0
	case uapi.MapTypePerfEventArray:
		return m.KeySize != 0 && m.KeySize != 4 || m.ValueSize != 0 && m.ValueSize != 4
	}
	return false
}

// ShadowKind is the way to set a struct_ops member before load.
type ShadowKind int

const (
	ShadowScalar      ShadowKind = iota // an integer, float or enum
	ShadowFunc                          // a function pointer: a program
	ShadowUnsupported                   // anything else: bytes
)

// ShadowMember is one member of a struct_ops map's struct.
type ShadowMember struct {
	Member
	Kind ShadowKind
	// Scalar is the member's type without qualifiers and typedefs, and
	// ScalarDecl its C declaration as btf_dump prints it, for ShadowScalar.
	Scalar     TypeID
	ScalarDecl string
	// Size is the scalar's size in bytes.
	Size int
}

// Program is one program of an object.
type Program struct {
	Name       string
	Section    string // SEC() as written
	Type       uapi.ProgType
	AttachType uapi.AttachType // as the kernel expects it at load
	Flags      uapi.ProgFlags
	Autoload   bool
}
