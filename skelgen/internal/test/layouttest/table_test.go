//go:build cgo

package layouttest

import (
	"flag"
	"fmt"
	"strings"
	"testing"
)

var keepDir = flag.String("keep", "", "folder to copy a failing case to")

// cases are declarations of one variable each, @ being its name. The lines before
// the last define types.
var cases = []struct{ name, c string }{
	{"char", "char @;"},
	{"signed char", "signed char @;"},
	{"unsigned char", "unsigned char @;"},
	{"short", "short @;"},
	{"unsigned short", "unsigned short @;"},
	{"int", "int @;"},
	{"unsigned int", "unsigned int @;"},
	{"long", "long @;"},
	{"unsigned long", "unsigned long @;"},
	{"long long", "long long @;"},
	{"128-bit integer", "__int128 @;"},
	{"unsigned 128-bit integer", "unsigned __int128 @;"},
	{"bool", "_Bool @;"},
	{"float", "float @;"},
	{"double", "double @;"},
	{"pointer", "void *@;"},
	{"pointer to a struct that is only declared", "struct later@; struct later@ *@;"},
	{"pointer to a pointer", "int **@;"},
	{"function pointer", "int (*@)(void *, unsigned long);"},
	{"array of function pointers", "void (*@[3])(void);"},
	{"volatile", "volatile int @;"},
	{"enum", "enum e@ { E1@, E2@ = 7 }; enum e@ @;"},
	{"enum with a negative value", "enum e@ { E1@ = -3, E2@ = 7 }; enum e@ @;"},
	{"enum of one byte", "enum e@ { E1@, E2@ } __attribute__((packed)); enum e@ @;"},
	{"signed enum of two bytes", "enum e@ { E1@ = -1, E2@ = 300 } __attribute__((packed)); enum e@ @;"},
	{"enum of 64 bits", "enum e@ { E1@, E2@ = 1ULL << 40 }; enum e@ @;"},
	{"signed enum of 64 bits", "enum e@ { E1@ = -1, E2@ = 1LL << 40 }; enum e@ @;"},
	{"anonymous enum", "enum { E1@, E2@ } @;"},
	{"typedef of an anonymous enum", "typedef enum { E1@, E2@ } e@_t; e@_t @;"},
	{"typedef of an integer", "typedef unsigned short u@; u@ @;"},
	{"typedef of a typedef", "typedef long a@; typedef a@ b@; b@ @;"},
	{"typedef of a pointer", "typedef struct q@ *p@; p@ @;"},
	{"typedef of an array", "typedef int a@[3]; a@ @;"},
	{"array of a typedef of an array", "typedef short a@[3]; a@ @[2];"},
	{"typedef of a function pointer", "typedef int (*f@)(int); f@ @;"},
	{"typedef and tag of one name", "typedef struct s@ { int a; } s@; s@ @;"},
	{"text", "char @[16];"},
	{"array of texts", "char @[3][16];"},
	{"two dimensions", "int @[2][3];"},
	{"three dimensions", "unsigned long @[2][3][4];"},
	{"array of structs", "struct { char a; long b; } @[3];"},
	{"plain struct", "struct s@ { int a; long b; char c; } ; struct s@ @;"},
	{"padding at the end", "struct { long a; char b; } @;"},
	{"padding inside", "struct { char a; long b; short c; int d; } @;"},
	{"nested struct", "struct { char a; struct { short b; long c; } in; } @;"},
	{"anonymous struct member", "struct { char a; struct { short b; long c; }; int d; } @;"},
	{"anonymous union member", "struct { char a; union { short b; long c; }; int d; } @;"},
	{"anonymous struct in an anonymous union", "struct { int a; union { struct { int b; int c; }; long d; }; } @;"},
	{"anonymous union of one member", "struct { int a; union { void *p; }; } @;"},
	{"pointer as the kernel's __bpf_md_ptr", "struct { int a; union { int *p; unsigned long : 64; } __attribute__((aligned(8))); } @;"},
	{"empty struct", "struct { int a; struct {} e; int b; } @;"},
	{"empty struct at the end", "struct { long a; struct {} e; } @;"},
	{"union of scalars", "union { char a; short b; int c; long d; float e; double f; } @;"},
	{"union of a struct and bytes", "union { struct { char a; int b; } s; unsigned char raw[12]; } @;"},
	{"union with a size that is not a multiple of 8", "union { int a; char b[6]; } @;"},
	{"union in a struct", "struct { int k; union { int a; long b; } v; int z; } @;"},
	{"union in a union", "union { union { int a; short b; } in; long c; } @;"},
	{"array in a union", "union { int a[4]; long b; } @;"},
	{"bitfields", "struct { int a : 3; unsigned b : 5; int c : 24; } @;"},
	{"bitfields across units", "struct { unsigned a : 30; unsigned b : 30; unsigned long c : 40; } @;"},
	{"bitfield at the end", "struct { long a; int b : 5; } @;"},
	{"bitfield beside plain members", "struct { char a; int b : 7; char c; short d : 9; int e; } @;"},
	{"bitfield of the whole width", "struct { unsigned a : 32; unsigned long b : 64; signed char c : 8; } @;"},
	{"unnamed bitfields", "struct { unsigned a : 3; unsigned : 4; unsigned b : 2; unsigned : 0; unsigned c : 1; } @;"},
	{"bool bitfields", "struct { _Bool a : 1; _Bool b : 1; unsigned c : 6; } @;"},
	{"enum bitfields", "enum e@ { E1@, E2@, E3@ }; struct { enum e@ a : 2; enum e@ b : 3; } @;"},
	{"signed enum bitfield", "enum e@ { E1@ = -2, E2@ = 1 }; struct { enum e@ a : 3; int b : 2; } @;"},
	{"bitfields in a union", "union { unsigned a : 3; int b : 17; unsigned long c : 33; unsigned char d; } @;"},
	{"bitfields in an anonymous union", "struct { int x; union { struct { unsigned a : 4; unsigned b : 28; }; unsigned all; }; } @;"},
	{"packed bitfields", "struct { char x; unsigned a : 9; unsigned long b : 47; char y; } __attribute__((packed)) @;"},
	{"packed bitfield over nine bytes", "struct { unsigned a : 7; unsigned long b : 64; } __attribute__((packed)) @;"},
	{"packed struct with an int at offset 1", "struct { char a; unsigned b; } __attribute__((packed)) @;"},
	{"packed struct of aligned members", "struct { unsigned a; unsigned b; } __attribute__((packed)) @;"},
	{"packed struct of odd size", "struct { unsigned long a; char b; } __attribute__((packed)) @;"},
	{"packed struct with everything", "enum e@ { E1@ }; struct { char c; float f; double d; void *p; enum e@ e; short a[3]; _Bool t; __int128 w; } __attribute__((packed)) @;"},
	{"packed member", "struct { char a; int b __attribute__((packed)); int c; } @;"},
	{"struct in a packed struct", "struct { char a; struct { int b; unsigned c : 4; } s; } __attribute__((packed)) @;"},
	{"union in a packed struct", "struct { char a; union { int b; long c; } u; } __attribute__((packed)) @;"},
	{"anonymous union in a packed struct", "struct { char a; union { int b; long c; char d; }; } __attribute__((packed)) @;"},
	{"packed union", "union { int a; char b[5]; } __attribute__((packed)) @;"},
	{"array of packed structs", "struct { char a; long b; } __attribute__((packed)) @[3];"},
	{"array that is not aligned", "struct { char a; int b[3]; } __attribute__((packed)) @;"},
	{"large array that is not aligned", "struct { char a; long b[40]; struct { short x, y; } c[50]; } __attribute__((packed)) @;"},
	{"packed and aligned", "struct { unsigned a; long b; } __attribute__((packed, aligned(4))) @;"},
	{"packed struct in a packed struct", "struct in@ { char a; long b; } __attribute__((packed)); struct { char x; struct in@ y; struct in@ z[2]; } __attribute__((packed)) @;"},
	{"over-aligned struct", "struct { int a; } __attribute__((aligned(64))) @;"},
	{"over-aligned member", "struct { char a; int b __attribute__((aligned(32))); char c; } @;"},
	{"over-aligned struct in a struct", "struct o@ { int a; } __attribute__((aligned(16))); struct { char x; struct o@ y; char z; } @;"},
	{"128-bit integers in a struct", "struct { char a; __int128 b; unsigned __int128 c; } @;"},
	{"typedef that aligns less", "typedef long l@ __attribute__((aligned(4))); struct { int a; l@ b; } @;"},
	{"flexible array", "struct { int n; long a[]; } @;"},
	{"flexible text", "struct { int n; char a[]; } @;"},
	{"flexible array in a packed struct", "struct { char n; int a[]; } __attribute__((packed)) @;"},
	{"zero-length array inside", "struct { int n; char a[0]; int b; } @;"},
	{"flexible arrays in a union", "struct { int n; union { struct { struct {} e1; int a[]; }; struct { struct {} e2; char b[]; }; }; } @;"},
	{"members that are Go keywords", "struct { int type; int func; int range; int interface; } @;"},
	{"members that are predeclared in Go", "struct { int len; int error; int string; int nil; int uint8; } @;"},
	{"members that meet in one Go name", "struct { int foo_bar; int fooBar; int __foo_bar; int FOO_BAR; } @;"},
	{"setter beside a member of its name", "struct { int x : 3; int set_x; } @;"},
	{"getter of a method that go vet knows", "struct { int read_byte : 3; int format : 4; int string : 5; int write_to : 6; } @;"},
	{"members called raw", "struct { unsigned raw : 3; char raw1; unsigned raw2 : 4; int Raw; } @;"},
	{"members with letters outside ASCII", "struct { int é; int 日本; int e\u0301; } @;"},
	{"spin lock and timer", "struct bpf_spin_lock { unsigned val; }; struct bpf_timer { unsigned long opaque[2]; } __attribute__((aligned(8))); struct { struct bpf_spin_lock l; struct bpf_timer t; int n; } @;"},
	{"kptr", "struct task@; struct { struct task@ __attribute__((btf_type_tag(\"kptr\"))) *p; int n; } @;"},
	{"list head and node", "struct bpf_list_head { unsigned long opaque[2]; } __attribute__((aligned(8))); struct bpf_list_node { unsigned long opaque[3]; } __attribute__((aligned(8))); struct { struct bpf_list_head h; struct bpf_list_node n; } @;"},
	{"struct called as a section", "struct data { int a; }; struct data @;"},
	{"struct called as the skeleton", "struct skel { int a; }; typedef int open_skel; struct { struct skel s; open_skel o; } @;"},
	{"struct called as its section's view", "struct rodata_view { int a; }; struct rodata_view @;"},
	{"frozen scalar", "const volatile int @;"},
	{"frozen pointer", "void *const volatile @;"},
	{"frozen enum", "enum e@ { E1@, E2@ }; const volatile enum e@ @;"},
	{"frozen array", "const volatile unsigned short @[7];"},
	{"frozen array of two dimensions", "const volatile int @[3][4];"},
	{"frozen array beside a variable called as its length", "const volatile int @[3]; const volatile int @_len;"},
	{"frozen typedef of an array", "typedef int a@[3]; const volatile a@ @[2];"},
	{"frozen small struct", "const volatile struct { char a; long b; int c[3]; } @;"},
	{"frozen large struct", "const volatile struct { char a; long b; int c[60]; struct { int x[40]; } in; } @;"},
	{"frozen array of small structs", "const volatile struct { char a; long b; } @[3];"},
	{"frozen array of large structs", "const volatile struct { char a; long b[30]; } @[3];"},
	{"frozen union", "const volatile union { int a; long b[3]; char c; struct { int x; } s; } @;"},
	{"frozen bitfields", "const volatile struct { int a : 3; unsigned b : 7; _Bool c : 1; unsigned long d : 40; } @;"},
	{"frozen struct of a struct with bitfields", "const volatile struct { int x; struct { int a : 3; } in; struct { int b : 5; } arr[2]; } @;"},
	{"frozen packed struct", "const volatile struct { char a; long b; short c[2]; int d[50]; struct { int x : 3; int y; } e; struct { int x : 3; } f[60]; } __attribute__((packed)) @;"},
	{"frozen struct in a union", "const volatile union { struct { long a[40]; } s; struct { int a : 4; } t; struct { int x; } u[3]; } @;"},
	{"frozen flexible array", "const volatile struct { int n; int a[]; } @;"},
	{"frozen 128-bit integer", "const volatile __int128 @;"},
}

// TestTable compares every kind of type and combination.
func TestTable(t *testing.T) {
	var b strings.Builder
	for i, c := range cases {
		b.WriteString(strings.ReplaceAll(c.c, "@", fmt.Sprintf("v%d", i)) + "\n")
	}
	o := compile(t, b.String())
	members, views := o.compare(t, 1, "amd64", "386")
	t.Logf("%d declarations, %d members, %d of them through views too", len(cases), members, views)
	if members < 2*len(cases) || views < 50 {
		t.Error("members are missing")
	}
}
