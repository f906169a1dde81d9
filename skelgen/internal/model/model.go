// Package model describes a BPF object as plain, ordered Go values: what libbpf
// said is in it, and nothing about how it will be rendered. A model is complete
// before the first byte of output is written; every slice is in libbpf's order,
// so that the same object always gives the same model.
package model

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
	// HasBTF tells an object without BTF from one whose BTF is empty.
	HasBTF bool
	// Maps are the maps that libbpf will create, in its order.
	Maps []Map
	// Programs are the programs, in libbpf's order.
	Programs []Program
	// Types is the object's BTF.
	Types Types
	// Generation identifies the object and the options of the package that is
	// generated from it, as 8 hexadecimal digits. Files of two generations do not
	// compile together. It is "" where no package is generated.
	Generation string
	// Warnings is what libbpf reported, at levels warn and info, though the open
	// succeeded.
	Warnings []string
}

// Map is one map of an object.
type Map struct {
	// Name is libbpf's name: "counts", or for a data section the (possibly
	// cut) object name and the section, "minimal.rodata", ".data.foo".
	Name string
	// Type is the kernel's enum bpf_map_type, TypeName libbpf's name for it.
	Type     uint32
	TypeName string

	KeySize    uint32
	ValueSize  uint32
	MaxEntries uint32
	Flags      uint32

	// KeyType and ValueType are 0 where the map declares none. A data
	// section's ValueType is its DATASEC; a struct_ops map's is the struct.
	KeyType   TypeID
	ValueType TypeID

	// Internal is true for the maps that libbpf makes for data sections.
	Internal bool
	// HasData is true where libbpf keeps an initial value of DataSize bytes:
	// data sections, struct_ops maps, arenas with global variables.
	HasData  bool
	DataSize int
	// Inner is the inner map's template of a map of maps.
	Inner *Map
	// Shadow is the struct_ops map's members, as user space may set them.
	Shadow []ShadowMember
}

// Flags of Map.Flags that decide how a section is exposed (linux/bpf.h).
const (
	FlagReadOnlyProg = 1 << 7  // BPF_F_RDONLY_PROG
	FlagMmapable     = 1 << 10 // BPF_F_MMAPABLE
)

// Map types that are treated apart (enum bpf_map_type).
const (
	MapHash               = 1
	MapArray              = 2
	MapProgArray          = 3
	MapPerfEventArray     = 4
	MapPerCPUHash         = 5
	MapPerCPUArray        = 6
	MapStackTrace         = 7
	MapCgroupArray        = 8
	MapLRUHash            = 9
	MapLRUPerCPUHash      = 10
	MapLPMTrie            = 11
	MapArrayOfMaps        = 12
	MapHashOfMaps         = 13
	MapDevmap             = 14
	MapSockmap            = 15
	MapCPUMap             = 16
	MapXskmap             = 17
	MapSockhash           = 18
	MapCgroupStorage      = 19
	MapReuseportSockarray = 20
	MapPerCPUCgroupStore  = 21
	MapQueue              = 22
	MapStack              = 23
	MapSkStorage          = 24
	MapDevmapHash         = 25
	MapStructOps          = 26
	MapRingbuf            = 27
	MapInodeStorage       = 28
	MapTaskStorage        = 29
	MapBloomFilter        = 30
	MapUserRingbuf        = 31
	MapCgrpStorage        = 32
	MapArena              = 33
)

// ShadowKind tells how a struct_ops member may be set before load.
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
	Type       uint32 // enum bpf_prog_type
	TypeName   string // libbpf's name for it, such as "tracepoint"
	AttachType uint32 // expected attach type
	Autoload   bool
}
