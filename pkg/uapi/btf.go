package uapi

// BTFKind is a kind of BTF type. (anonymous enum in linux/btf.h)
type BTFKind uint32

const (
	BTFKindVoid BTFKind = iota
	BTFKindInt
	BTFKindPtr
	BTFKindArray
	BTFKindStruct
	BTFKindUnion
	BTFKindEnum
	BTFKindFwd
	BTFKindTypedef
	BTFKindVolatile
	BTFKindConst
	BTFKindRestrict
	BTFKindFunc
	BTFKindFuncProto
	BTFKindVar
	BTFKindDatasec
	BTFKindFloat
	BTFKindDeclTag
	BTFKindTypeTag
	BTFKindEnum64
)

var btfKinds = enum[BTFKind]{"btf_kind", "BTF_KIND_", []row[BTFKind]{
	{BTFKindVoid, "void", 0},
	{BTFKindVoid, "unkn", 0},
	{BTFKindInt, "int", 0},
	{BTFKindPtr, "ptr", 0},
	{BTFKindArray, "array", 0},
	{BTFKindStruct, "struct", 0},
	{BTFKindUnion, "union", 0},
	{BTFKindEnum, "enum", 0},
	{BTFKindFwd, "fwd", 0},
	{BTFKindTypedef, "typedef", 0},
	{BTFKindVolatile, "volatile", 0},
	{BTFKindConst, "const", 0},
	{BTFKindRestrict, "restrict", 0},
	{BTFKindFunc, "func", 0},
	{BTFKindFuncProto, "func_proto", 0},
	{BTFKindVar, "var", 0},
	{BTFKindDatasec, "datasec", 0},
	{BTFKindFloat, "float", 0},
	{BTFKindDeclTag, "decl_tag", 0},
	{BTFKindTypeTag, "type_tag", 0},
	{BTFKindEnum64, "enum64", 0},
}}

// String returns the kernel's name without "BTF_KIND_", in lower case: "struct".
func (t BTFKind) String() string { return btfKinds.text(t) }

// BTFLinkage is the linkage of a variable or function in BTF. (enum btf_func_linkage)
type BTFLinkage uint32

const (
	BTFLinkageStatic BTFLinkage = iota
	BTFLinkageGlobal
	BTFLinkageExtern
)

var btfLinkages = enum[BTFLinkage]{"btf_linkage", "BTF_FUNC_", []row[BTFLinkage]{
	{BTFLinkageStatic, "static", 0},
	{BTFLinkageGlobal, "global", 0},
	{BTFLinkageExtern, "extern", 0},
}}

// String returns the kernel's name without "BTF_FUNC_", in lower case: "static".
func (t BTFLinkage) String() string { return btfLinkages.text(t) }
