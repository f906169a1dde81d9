package model

import (
	"math"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// TypeID is a BTF type's id; 0 is void.
type TypeID uint32

// Types is a BTF, indexed by id: Types[0] is void.
type Types []Type

// Kind is a kind of BTF type.
type Kind = uapi.BTFKind

const (
	KindVoid      = uapi.BTFKindVoid
	KindInt       = uapi.BTFKindInt
	KindPtr       = uapi.BTFKindPtr
	KindArray     = uapi.BTFKindArray
	KindStruct    = uapi.BTFKindStruct
	KindUnion     = uapi.BTFKindUnion
	KindEnum      = uapi.BTFKindEnum
	KindFwd       = uapi.BTFKindFwd
	KindTypedef   = uapi.BTFKindTypedef
	KindVolatile  = uapi.BTFKindVolatile
	KindConst     = uapi.BTFKindConst
	KindRestrict  = uapi.BTFKindRestrict
	KindFunc      = uapi.BTFKindFunc
	KindFuncProto = uapi.BTFKindFuncProto
	KindVar       = uapi.BTFKindVar
	KindDatasec   = uapi.BTFKindDatasec
	KindFloat     = uapi.BTFKindFloat
	KindDeclTag   = uapi.BTFKindDeclTag
	KindTypeTag   = uapi.BTFKindTypeTag
	KindEnum64    = uapi.BTFKindEnum64
)

// Type is one BTF type. Kind determines which fields are used.
type Type struct {
	Kind Kind
	// Name is "" for an anonymous type.
	Name string
	// Size is in bytes, for int, float, struct, union, enum, enum64, datasec.
	Size int
	// Align is libbpf's btf__align_of in bytes, 0 if it knows none. It
	// assumes the host's pointers: BTF does not record over-alignment.
	Align int
	// Elem is the type that a pointer, array, typedef, qualifier, variable,
	// function or tag refers to; a function prototype's return type.
	Elem TypeID
	// Len is an array's number of elements.
	Len int

	// Bits and BitOffset are from an int's encoding.
	Bits      int
	BitOffset int
	// Signed: an int's or enum's encoding. Char and Bool: an int's.
	Signed bool
	Char   bool
	Bool   bool

	// Members of a struct or union.
	Members []Member
	// Values of an enum or enum64.
	Values []EnumValue
	// Params of a function prototype; a last one of type void is "...".
	Params []Param
	// Vars of a datasec, in order of their offsets.
	Vars []SecVar
	// Linkage of a variable or function.
	Linkage Linkage
	// Union: a forward declaration of a union.
	Union bool
	// Component is a declaration tag's member index, -1 for the type itself.
	Component int
}

// Linkage is the linkage of a variable or function.
type Linkage = uapi.BTFLinkage

const (
	LinkageStatic = uapi.BTFLinkageStatic
	LinkageGlobal = uapi.BTFLinkageGlobal
	LinkageExtern = uapi.BTFLinkageExtern
)

// Member is one member of a struct or union.
type Member struct {
	// Name is "" for an anonymous struct, union or unnamed bitfield.
	Name string
	Type TypeID
	// BitOffset is from the start of the struct. BitSize is 0 unless the
	// member is a bitfield.
	BitOffset int
	BitSize   int
	// Decl is the member's C declaration, without a semicolon: "__u8 comm[16]".
	// It is empty unless load.Options.Members asked for it.
	Decl string
}

// EnumValue is one enumerator; Value holds the two's complement of a negative one.
type EnumValue struct {
	Name  string
	Value uint64
}

// Param is one parameter of a function prototype.
type Param struct {
	Name string
	Type TypeID
}

// SecVar is one variable of a data section.
type SecVar struct {
	// Type is the variable's VAR type, which has its name and linkage.
	Type   TypeID
	Offset int
	Size   int
	// Decl is its C declaration as in bpftool's skeletons: the name made an
	// identifier, qualifiers stripped (except in .kconfig), continuation lines
	// indented by two tabs; no semicolon.
	Decl string
	// TypeDecl is the same without the name, for subskeletons.
	TypeDecl string
	// FullDecl is the declaration with its qualifiers, not indented.
	FullDecl string
	// Align is btf__align_of of the variable's type, or libbpf's error (negative)
	// if it knows none.
	Align int
}

// At returns the type with the given id, or void if there is none.
func (t Types) At(id TypeID) *Type {
	if int(id) >= len(t) {
		return &Type{}
	}
	return &t[id]
}

// Skip follows qualifiers, type tags and, if typedefs is set, typedefs. A chain
// longer than the BTF itself (a cycle in a damaged one) ends at void.
func (t Types) Skip(id TypeID, typedefs bool) TypeID {
	for range len(t) + 1 {
		switch t.At(id).Kind {
		case KindConst, KindVolatile, KindRestrict, KindTypeTag:
		case KindTypedef:
			if !typedefs {
				return id
			}
		default:
			return id
		}
		id = t.At(id).Elem
	}
	return 0
}

// OnlyType reports whether a variable only keeps a type in the object: by convention, a
// pointer whose name begins with "unused".
func (t Types) OnlyType(variable TypeID) bool {
	v := t.At(variable)
	return v.Kind == KindVar && strings.HasPrefix(strings.TrimLeft(v.Name, "_"), "unused") &&
		t.At(t.Skip(v.Elem, true)).Kind == KindPtr
}

// SizeOf returns a type's size in bytes, pointers being 8, and whether it has one
// that libbpf (btf__resolve_size) accepts: below 4 GiB.
func (t Types) SizeOf(id TypeID) (int, bool) {
	n := uint64(1)
	for range len(t) + 1 {
		id = t.Skip(id, true)
		switch x := t.At(id); x.Kind {
		case KindInt, KindFloat, KindStruct, KindUnion, KindEnum, KindEnum64, KindDatasec:
			return checkedSize(n, x.Size)
		case KindPtr:
			return checkedSize(n, 8)
		case KindArray:
			if n *= uint64(x.Len); n > math.MaxUint32 {
				return 0, false
			}
			id = x.Elem
		case KindVar:
			id = x.Elem
		default:
			return 0, false
		}
	}
	return 0, false
}

func checkedSize(n uint64, size int) (int, bool) {
	if n *= uint64(size); n > math.MaxUint32 {
		return 0, false
	}
	return int(n), true
}
