package gotype

// Decl is one declaration of a generated package: *Struct, *View, *Enum, *Named.
type Decl interface {
	// GoName is the name that is declared.
	GoName() string
}

// Struct is a Go struct with the layout of a C struct, union or data section.
type Struct struct {
	Name string
	// C is its name in C: "struct event", "union u", "section .bss".
	C string
	// Notes are sentences for the doc comment.
	Notes []string
	// Size is C's size in bytes. Align is Go's alignment on 64-bit systems.
	Size  int
	Align int
	// Fields are in order of offsets and cover the size without a gap.
	Fields  []Field
	Methods []Method
	// Section is nil unless it is a data section.
	Section *Section
	// Literal is the same struct with a field for every member, nil if all members are
	// fields already.
	Literal *Literal
	// Texts are the fields, of Literal if there is one, that hold C strings.
	Texts []string
	// Private are the section's variables that do not have a field.
	Private []Private
}

// Field is a field of a Go struct.
type Field struct {
	// Name is exported for a C member, "_" for padding, and raw or rawN for
	// the storage of members that only methods can reach.
	Name string
	Type string
	// Offset and Size are in bytes.
	Offset int
	Size   int
	// Member is the C member's name, "" for padding and storage.
	Member string
	// C are the C declarations of the members in it.
	C []string
	// Note is the reason why a member became bytes.
	Note string
	// Align is Go's alignment of the type on 64-bit systems, 0 for padding and storage.
	Align int
}

// Literal is a struct of plain fields, from which one composite literal makes a Struct.
type Literal struct {
	Name    string
	Members []LiteralMember
}

// LiteralMember is a field of a Literal.
type LiteralMember struct {
	// Name is the name of the field or the getter in the Struct. C is the declaration.
	Name, Type, C string
	// Method is the access in the Struct, nil for a field.
	Method *Method
	// Shared: it shares memory with other members.
	Shared bool
}

// Private is a variable that is static or hidden in C, which skeletons leave out.
type Private struct {
	Name string // in C; for a variable inside a function, after the function's name
	Size int    // in bytes
}

// Access is the way in which a method reaches a member that cannot be a field.
type Access int

// The ways to reach a member.
const (
	AccessPointer Access = iota // a pointer into storage: members of unions
	AccessValue                 // a copy in and out: not aligned
	AccessElement               // elements copied in and out: an array, not aligned
	AccessBits                  // a bitfield
	AccessTail                  // a slice of a flexible array
	AccessEmpty                 // the only value of a type of no size
)

// Method is the access to one C member: a getter, and a setter unless there is
// a pointer.
type Method struct {
	Access Access
	// Name is the getter's name; Setter and Len are "" if there is none.
	Name, Setter, Len string
	// Member is the C member's name, C its declaration.
	Member, C string
	// Type is the Go type: of one element for AccessElement and AccessTail.
	Type string
	// Storage is the field that holds it, Offset its offset in that field (in bytes;
	// in bits for AccessBits; for AccessTail the offset in the struct).
	Storage string
	Offset  int
	// Size is in bytes; Bits a bitfield's width, Bool and Signed its kind.
	// Elements is the array's length for AccessElement.
	Size     int
	Elements int
	Bits     int
	Bool     bool
	Signed   bool
}

// View reads a Struct through a pointer, and cannot write.
type View struct {
	Name string
	// Of is the Struct's Go name, C its name in C.
	Of, C   string
	Section *Section
	Getters []Getter
	// Iterators are over arrays.
	Iterators []Iterator
}

// Iterator is a method of a View that iterates over the elements that Getter returns: over
// its last index, while the others are parameters.
type Iterator struct {
	Name   string
	Getter Getter
}

// Getter is one method of a View.
type Getter struct {
	Name string
	// Params are index parameters, all int.
	Params []string
	Type   string
	// Expr is the expression that it returns; v is the receiver.
	Expr string
	// Member is the C member's name.
	Member string
	// C is the member's declaration, or "" for the length of array Of.
	C, Of string
	// Unchecked: the array's length is not known.
	Unchecked bool
	// Elements is the length of the array's last dimension, 0 if there is none.
	Elements int
}

// Enum is a C enumeration.
type Enum struct {
	Name string
	C    string
	// Type is the Go integer type beneath.
	Type   string
	Signed bool
	Values []EnumValue
}

// EnumValue is one constant of an Enum; of equal values, Alias is set for all but the
// first.
type EnumValue struct {
	Name  string
	C     string
	Value string
	Alias bool
}

// Named is a typedef: an alias, or a new type if Defined.
type Named struct {
	Name string
	// Type is the Go type.
	Type    string
	Defined bool
	// C are the typedefs' declarations.
	C []string
}

// GoName returns the declared name.
func (d *Struct) GoName() string { return d.Name }

// GoName returns the declared name.
func (d *View) GoName() string { return d.Name }

// GoName returns the declared name.
func (d *Enum) GoName() string { return d.Name }

// GoName returns the declared name.
func (d *Named) GoName() string { return d.Name }
