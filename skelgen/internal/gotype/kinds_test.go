package gotype_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// kinds has a row per BTF kind and combination: the type of a .data variable x,
// and lines of the generated file, without indentation and with single spaces.
var kinds = []struct {
	name  string
	build func(b *btf) model.TypeID
	want  []string
}{
	{"signed integer", func(b *btf) model.TypeID { return b.i32() },
		[]string{"X int32 // int x"}},
	{"char", func(b *btf) model.TypeID { return b.char() },
		[]string{"X int8 // char x"}},
	{"bool", func(b *btf) model.TypeID { return b.bool() },
		[]string{"X bool // _Bool x"}},
	{"128-bit integer", func(b *btf) model.TypeID { return b.int("unsigned __int128", 16, false) },
		[]string{"X Uint128 // unsigned __int128 x", "type Uint128 = layout.Uint128"}},
	{"integer of three bytes", func(b *btf) model.TypeID { return b.int("odd", 3, false) },
		[]string{"X [3]byte // odd x (Go has no integer of 3 bytes)"}},
	{"double", func(b *btf) model.TypeID { return b.add(model.Type{Kind: model.KindFloat, Name: "double", Size: 8}) },
		[]string{"X float64 // double x"}},
	{"long double of 16 bytes", func(b *btf) model.TypeID {
		return b.add(model.Type{Kind: model.KindFloat, Name: "long double", Size: 16})
	}, []string{"X [16]byte // long double x (Go has no floating-point number of 16 bytes)"}},
	{"pointer", func(b *btf) model.TypeID { return b.of(model.KindPtr, 0, "") },
		[]string{"X uint64 // void *x"}},
	{"pointer declares its target type", func(b *btf) model.TypeID {
		return b.of(model.KindPtr, b.structure("event", 4, at("pid", 0, b.i32())), "")
	}, []string{"X uint64 // struct event *x", "type Event struct {", "Pid int32 // int pid"}},
	{"pointer in a struct does not", func(b *btf) model.TypeID {
		far := b.structure("far", 4, at("a", 0, b.i32()))
		return b.structure("near", 8, at("p", 0, b.of(model.KindPtr, far, "")))
	}, []string{"P uint64 // struct far *p", "!type Far"}},
	{"function pointer", func(b *btf) model.TypeID {
		f := b.add(model.Type{Kind: model.KindFuncProto, Elem: b.i32(), Params: []model.Param{{Name: "a", Type: b.u64()}, {}}})
		return b.of(model.KindPtr, f, "")
	}, []string{"X uint64 // int (*x)(unsigned long a, ...)"}},
	{"array", func(b *btf) model.TypeID { return b.array(b.array(b.u32(), 3), 2) },
		[]string{"X [2][3]uint32 // unsigned int x[2][3]"}},
	{"text", func(b *btf) model.TypeID { return b.array(b.char(), 16) },
		[]string{"X [16]byte // char x[16]"}},
	{"chain of typedefs longer than any nesting", func(b *btf) model.TypeID {
		id := b.i32()
		for i := range 1100 {
			id = b.of(model.KindTypedef, id, fmt.Sprintf("t%d", i))
		}
		return b.structure("s", 8, at("a", 0, id), at("b", 4, b.i32()))
	}, []string{"A T1099 // t1099 a", "B int32 // int b"}},
	{"qualifiers and tags", func(b *btf) model.TypeID {
		s := b.of(model.KindTypeTag, b.add(model.Type{Kind: model.KindFwd, Name: "task"}), "kptr")
		return b.of(model.KindConst, b.of(model.KindVolatile, b.of(model.KindPtr, s, ""), ""), "")
	}, []string{"X uint64 // struct task __kptr *volatile const x"}},
	{"struct", func(b *btf) model.TypeID {
		return b.structure("event", 24, at("pid", 0, b.u32()), at("ts", 8, b.u64()), at("c", 16, b.char()))
	}, []string{"// Event is struct event.", "type Event struct {", "Pid uint32 // unsigned int pid", "_ [4]byte",
		"Ts uint64 // unsigned long ts", "C int8 // char c", "_ [7]byte", "_ = zero[unsafe.Sizeof(Event{})-24]",
		"_ = zero[unsafe.Offsetof(Event{}.Ts)-8]"}},
	{"empty struct", func(b *btf) model.TypeID { return b.structure("none", 0) },
		[]string{"func (s *Data) X() None { return None{} }", "type None struct{}"}},
	{"anonymous struct is called as its variable", func(b *btf) model.TypeID {
		return b.structure("", 4, at("a", 0, b.i32()))
	}, []string{"X X // struct { ... } x", "// X is the struct { ... } of x."}},
	{"anonymous member of a struct", func(b *btf) model.TypeID {
		return b.structure("s", 8, at("", 0, b.structure("", 8, at("a", 0, b.i32()), at("b", 4, b.i32()))))
	}, []string{"A int32 // int a", "B int32 // int b"}},
	{"named anonymous struct in a struct", func(b *btf) model.TypeID {
		return b.structure("s", 4, at("in", 0, b.structure("", 4, at("a", 0, b.i32()))))
	}, []string{"In SIn // struct { ... } in", "type SIn struct {"}},
	{"union", func(b *btf) model.TypeID {
		return b.union("u", 8, at("a", 0, b.u64()), at("b", 0, b.array(b.char(), 8)))
	}, []string{"// U is union u. UFields{...}.Pack() makes one.", "type U struct {", "_ [0]uint64", "raw [8]byte // unsigned long a; char b[8]",
		"func (s *U) A() *uint64 { return layout.At[uint64](&s.raw, 0) }",
		"func (s *U) B() *[8]byte { return layout.At[[8]byte](&s.raw, 0) }",
		"// UFields are the members of U as fields. Set the members of a union (A, B)", "type UFields struct {",
		"layout.Merge(&s, func(s *U) { *s.A() = f.A })", "A: *s.A(),", `return layout.Text(&f, "B")`}},
	{"anonymous union of one member is that member", func(b *btf) model.TypeID {
		return b.structure("s", 8, at("", 0, b.union("", 8, at("p", 0, b.u64()))))
	}, []string{"P uint64 // unsigned long p"}},
	{"bitfields", func(b *btf) model.TypeID {
		return b.structure("s", 4, bits("a", 0, 3, b.i32()), bits("b", 3, 1, b.bool()))
	}, []string{"raw [1]byte // int a : 3; _Bool b : 1",
		"func (s *S) A() int32 { return layout.Bits[int32](s.raw[:], 0, 3) }",
		"func (s *S) SetA(v int32) { layout.PutBits(s.raw[:], 0, 3, v) }",
		"func (s *S) B() bool { return layout.Bits[uint8](s.raw[:], 3, 1) != 0 }",
		"func (s *S) SetB(v bool) { layout.PutBits(s.raw[:], 3, 1, layout.Bool(v)) }"}},
	{"bitfield in BTF's older way", func(b *btf) model.TypeID {
		old := b.add(model.Type{Kind: model.KindInt, Name: "unsigned int", Size: 4, Bits: 5, BitOffset: 2})
		return b.structure("s", 4, at("a", 0, old))
	}, []string{"func (s *S) A() uint32 { return layout.Bits[uint32](s.raw[:], 2, 5) }"}},
	{"bitfield of 100 bits", func(b *btf) model.TypeID {
		return b.structure("s", 16, bits("a", 0, 100, b.int("__int128", 16, true)))
	}, []string{"func (s *S) A() Int128 { return layout.Signed128(layout.Bits128(s.raw[:], 0, 100), 100) }"}},
	{"packed member", func(b *btf) model.TypeID {
		return b.structure("s", 5, at("a", 0, b.char()), at("b", 1, b.u32()))
	}, []string{"A int8 // char a", "raw [4]byte // unsigned int b",
		"func (s *S) B() uint32 { return layout.Get[uint32](s.raw[:]) }",
		"func (s *S) SetB(v uint32) { layout.Put(s.raw[:], v) }",
		"type SFields struct {", "s.A = f.A", "s.SetB(f.B)", "A: s.A,", "B: s.B(),"}},
	{"small array that is not aligned", func(b *btf) model.TypeID {
		return b.structure("s", 9, at("a", 1, b.array(b.u32(), 2)))
	}, []string{"func (s *S) A(i int) uint32 { return layout.Element[uint32](s.raw[0:8], i) }",
		"layout.Put(s.raw[0:8], f.A)", "A: layout.Get[[2]uint32](s.raw[0:8]),"}},
	{"members called as methods that structs have", func(b *btf) model.TypeID {
		return b.structure("s", 9, at("string", 1, b.u32()), at("fields", 5, b.char()), at("pack", 6, b.char()))
	}, []string{"func (s *S) String_string() uint32 { return layout.Get[uint32](s.raw[:]) }", "Fields_fields int8 // char fields",
		"Pack_pack int8 // char pack"}},
	{"member called String in a plain struct", func(b *btf) model.TypeID {
		return b.structure("s", 8, at("string", 0, b.u32()), at("pack", 4, b.i32()))
	}, []string{"String_string uint32 // unsigned int string", "Pack int32 // int pack", "func (s S) String() string {", "!type SFields"}},
	{"large array that is not aligned", func(b *btf) model.TypeID {
		return b.structure("s", 401, at("a", 1, b.array(b.u32(), 100)))
	}, []string{"func (s *S) A(i int) uint32 { return layout.Element[uint32](s.raw[0:400], i) }",
		"func (s *S) SetA(i int, v uint32) { layout.PutElement(s.raw[0:400], i, v) }",
		"func (s *S) ALen() int { return 100 }"}},
	{"flexible array", func(b *btf) model.TypeID {
		return b.structure("s", 8, at("n", 0, b.u32()), at("a", 8, b.array(b.u64(), 0)))
	}, []string{"_ [0]uint64", "N uint32 // unsigned int n", "_ [4]byte",
		"func (s *S) A(n int) []uint64 { return layout.Tail[uint64](s, 8, n) }"}},
	{"over-aligned struct", func(b *btf) model.TypeID { return b.structure("s", 64, at("a", 0, b.i32())) },
		[]string{"// C seems to align it to 64 bytes, Go aligns it to 4.", "_ [60]byte"}},
	{"enum", func(b *btf) model.TypeID {
		return b.enum("color", 4, false, model.EnumValue{Name: "RED"}, model.EnumValue{Name: "DARK_BLUE", Value: 7}, model.EnumValue{Name: "LAST", Value: 7})
	}, []string{"X Color // enum color x", "type Color uint32", "DarkBlue Color = 7 // DARK_BLUE", "Last Color = 7 // LAST",
		"case DarkBlue:", "!case Last", `return "DARK_BLUE"`, `return "Color(" + strconv.FormatUint(uint64(e), 10) + ")"`}},
	{"signed enum", func(b *btf) model.TypeID {
		return b.enum("e", 4, true, model.EnumValue{Name: "MINUS", Value: ^uint64(0)})
	}, []string{"type E int32", "Minus E = -1 // MINUS"}},
	{"enum64", func(b *btf) model.TypeID {
		return b.add(model.Type{Kind: model.KindEnum64, Name: "e", Size: 8, Values: []model.EnumValue{{Name: "BIG", Value: 1 << 63}}})
	}, []string{"type E uint64", "Big E = 9223372036854775808 // BIG"}},
	{"anonymous enum", func(b *btf) model.TypeID { return b.enum("", 4, false, model.EnumValue{Name: "ON"}) },
		[]string{"X X // enum { ... } x", "type X uint32", "On X = 0 // ON"}},
	{"typedef of a scalar is an alias", func(b *btf) model.TypeID { return b.of(model.KindTypedef, b.i32(), "pid_t") },
		[]string{"X PidT // pid_t x", "// PidT is typedef int pid_t.", "type PidT = int32"}},
	{"typedefs that Go has names for", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.of(model.KindTypedef, b.u64(), "__u64"), "u64")
	}, []string{"X uint64 // u64 x", "!type U64"}},
	{"typedef that only another typedef refers to", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.of(model.KindTypedef, b.i32(), "__kernel_pid_t"), "pid_t")
	}, []string{"X PidT // pid_t x", "// PidT is typedef __kernel_pid_t pid_t.", "type PidT = int32", "!type KernelPidT"}},
	{"typedef of an array and an alias of it", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.of(model.KindTypedef, b.array(b.of(model.KindTypedef, b.u32(), "id_t"), 2), "pair_t"), "ids_t")
	}, []string{"X IdsT // ids_t x", "type PairT [2]IdT", "IdsT = PairT // typedef pair_t ids_t", "IdT = uint32 // typedef unsigned int id_t"}},
	{"typedef of a typedef that meets it in one Go name", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.of(model.KindTypedef, b.array(b.u32(), 2), "__pair"), "pair")
	}, []string{"X Pair // pair x", "// Pair is typedef __pair pair, typedef unsigned int __pair[2].", "type Pair [2]uint32"}},
	{"typedef of an anonymous struct names it", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.structure("", 4, at("a", 0, b.i32())), "foo_t")
	}, []string{"X FooT // foo_t x", "// FooT is foo_t.", "type FooT struct {"}},
	{"typedef of a struct", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.structure("foo", 4, at("a", 0, b.i32())), "foo_t")
	}, []string{"X FooT // foo_t x", "type Foo struct {", "type FooT = Foo"}},
	{"typedef called as its struct", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.structure("foo", 4, at("a", 0, b.i32())), "foo")
	}, []string{"X Foo // foo x", "type Foo struct {", "!type Foo ="}},
	{"typedef of an array is a type", func(b *btf) model.TypeID {
		return b.of(model.KindTypedef, b.array(b.int("unsigned char", 1, false), 6), "mac_t")
	}, []string{"X MacT // mac_t x", "// MacT is typedef unsigned char mac_t[6].", "type MacT [6]uint8"}},
	{"type that is only declared", func(b *btf) model.TypeID { return b.add(model.Type{Kind: model.KindFwd, Name: "later"}) },
		[]string{"func (s *Data) X() [0]byte { return [0]byte{} }"}},
	{"struct called as a section", func(b *btf) model.TypeID { return b.structure("data", 4, at("a", 0, b.i32())) },
		[]string{"X Data_data // struct data x", "type Data_data struct {"}},
	{"members that meet in one Go name", func(b *btf) model.TypeID {
		return b.structure("s", 12, at("fooBar", 0, b.i32()), at("foo_bar", 4, b.i32()), at("__foo_bar", 8, b.i32()))
	}, []string{"FooBar_fooBar int32 // int fooBar", "FooBar_foo_bar int32 // int foo_bar", "FooBar___foo_bar int32 // int __foo_bar"}},
	{"setter beside a member of its name", func(b *btf) model.TypeID {
		return b.structure("s", 8, bits("x", 0, 3, b.u32()), at("set_x", 4, b.u32()))
	}, []string{"SetX_set_x uint32 // unsigned int set_x", "func (s *S) SetX_x(v uint32) { layout.PutBits(s.raw[:], 0, 3, v) }"}},
	{"name with a line break", func(b *btf) model.TypeID { return b.structure("a\nb", 4, at("c\n}", 0, b.i32())) },
		[]string{"// AB is struct a b.", "C int32 // int c?}"}},
}

func TestKinds(t *testing.T) {
	for _, c := range kinds {
		t.Run(c.name, func(t *testing.T) {
			b := newBTF()
			id := c.build(b)
			size, _ := b.obj.Types.SizeOf(id)
			b.section(".data", 0, size, v{name: "x", typ: id})
			src, _ := b.render(t, gotype.Options{})
			expect(t, src, c.want)
		})
	}
}

// expect checks that the lines are there or, with "!", that no line begins with the text.
func expect(t *testing.T, src string, want []string) {
	t.Helper()
	lines := map[string]bool{}
	for _, l := range strings.Split(src, "\n") {
		lines[strings.Join(strings.Fields(l), " ")] = true
	}
	for _, w := range want {
		absent, negative := strings.CutPrefix(w, "!")
		found := lines[w]
		for l := range lines {
			found = found || negative && strings.HasPrefix(l, absent) || strings.HasSuffix(l, w) && strings.HasPrefix(w, "return")
		}
		if found == negative {
			t.Errorf("%q: found %v in\n%s", w, found, src)
		}
	}
}
