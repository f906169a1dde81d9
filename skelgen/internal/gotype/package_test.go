package gotype_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/emit/gopkg"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

const frozen = uapi.MapFlagReadOnlyProg

func TestSections(t *testing.T) {
	b := newBTF()
	i32, u64 := b.i32(), b.u64()
	b.section(".data", 0, 12, v{name: "limit", typ: u64}, v{name: "last", typ: i32, offset: 8})
	b.section(".rodata", frozen, 4, v{name: "my_pid", typ: i32})
	b.section(".bss.hot", 0, 4, v{name: "hits", typ: i32})
	b.section(".kconfig", 0, 4, v{name: "LINUX_KERNEL_VERSION", typ: i32})
	b.section(".rodata.cold", frozen, 4, v{name: "cold", typ: i32})
	b.obj.Maps[3].Flags |= frozen
	src, p := b.render(t, gotype.Options{})
	type short struct {
		Map               int
		Field, Type, View string
		Frozen, Kconfig   bool
	}
	var got []short
	for _, s := range p.Sections {
		got = append(got, short{s.Map, s.Field, s.Type, s.View, s.Frozen, s.Kconfig})
	}
	want := []short{
		{0, "Data", "Data", "", false, false},
		{1, "Rodata", "Rodata", "RodataView", true, false},
		{2, "BssHot", "BssHot", "", false, false},
		{3, "Kconfig", "Kconfig", "KconfigView", true, true},
		{4, "RodataCold", "RodataCold", "RodataColdView", true, false},
	}
	if !slices.Equal(got, want) {
		t.Errorf("sections %+v, want %+v", got, want)
	}
	expect(t, src, []string{
		"Limit uint64 // unsigned long limit", "_ = zero[unsafe.Sizeof(Data{})-16]", // as C pads it
		"type RodataView struct{ p *Rodata }",
		"func (v RodataView) MyPid() int32 { return v.at().MyPid }",
		"func (v KconfigView) LinuxKernelVersion() int32 { return v.at().LinuxKernelVersion }",
	})
}

func TestSectionNamedLikeAnother(t *testing.T) {
	b := newBTF()
	i32 := b.i32()
	b.section(".data.foo_bar", 0, 4, v{name: "a", typ: i32})
	b.section(".data.fooBar", 0, 4, v{name: "b", typ: i32})
	b.section(".rodata.foo", frozen, 4, v{name: "c", typ: i32})
	b.section(".rodata.foo_view", frozen, 4, v{name: "d", typ: i32})
	_, p := b.render(t, gotype.Options{})
	var got []string
	for _, s := range p.Sections {
		got = append(got, s.Field, s.Type, s.View)
	}
	want := []string{
		"DataFooBar_data_foo_bar", "DataFooBar_section_data_foo_bar", "", "DataFooBar_data_fooBar", "DataFooBar_section_data_fooBar", "",
		"RodataFoo", "RodataFoo", "RodataFooView_section_rodata_foo",
		"RodataFooView", "RodataFooView_section_rodata_foo_view", "RodataFooView_section_rodata_foo_viewView",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSectionsWithoutMemory(t *testing.T) {
	b := newBTF()
	b.section(".rodata.str1.1", frozen, 8)
	b.obj.Maps[0].Flags = frozen // not mmap-able: it has no BTF
	b.obj.Maps[0].ValueType = 0
	_, p := b.render(t, gotype.Options{})
	if len(p.Sections) != 0 {
		t.Errorf("sections %+v, want none", p.Sections)
	}
	if got := p.Maps[0].Field; got != "RodataStr1_1" {
		t.Errorf("its map is %q, which can be reached before load", got)
	}
}

func TestStaticVariables(t *testing.T) {
	b := newBTF()
	i32 := b.i32()
	b.section(".bss", 0, 16, v{name: "handle.count", typ: i32, static: true},
		v{name: "count", typ: i32, offset: 8}, v{name: "handle_count", typ: i32, offset: 12})
	src, _ := b.render(t, gotype.Options{})
	expect(t, src, []string{"_ [8]byte", "Count int32 // int count", "HandleCount int32 // int handle_count", "!handledotcount",
		"// Variables without a field, because they are static or hidden in C:", "// handle.count (4 bytes)."})
	src, _ = b.render(t, gotype.Options{Static: true})
	expect(t, src, []string{"HandleCount_handledotcount int32 // int handle.count", "HandleCount_handle_count int32 // int handle_count",
		"!// Variables without"})
}

func TestPrivateVariablesAreMentioned(t *testing.T) {
	b := newBTF()
	c := b.char()
	vars := []v{{name: "run.____fmt", typ: b.array(c, 5), static: true}, {name: "run.____fmt.1", typ: c, static: true}}
	for i := range 12 {
		vars = append(vars, v{name: fmt.Sprintf("s%d", i), typ: c, offset: i, static: true})
	}
	b.section(".bss", 0, 12, vars...)
	src, p := b.render(t, gotype.Options{})
	if s := p.Decls[0].(*gotype.Struct); len(s.Private) != 12 || s.Private[11] != (gotype.Private{Name: "s11", Size: 1}) {
		t.Errorf("private variables %v, want s0 to s11", s.Private)
	}
	text := strings.ReplaceAll(src, "\n// ", " ")
	if want := "hidden in C: s0 (1 byte), s1 (1 byte), "; !strings.Contains(text, want) || !strings.Contains(text, "s9 (1 byte), and 2 more.") {
		t.Errorf("%q and %q are not in\n%s", want, "and 2 more", src)
	}
}

func TestVariableThatIsLargerThanItsType(t *testing.T) {
	b := newBTF()
	s := b.structure("flex", 4, at("n", 0, b.i32()), at("a", 4, b.array(b.i32(), 0)))
	b.section(".data", 0, 20, v{name: "x", typ: s, size: 16}, v{name: "y", typ: b.i32(), offset: 16})
	src, _ := b.render(t, gotype.Options{})
	expect(t, src, []string{"X Flex // struct flex x", "_ [12]byte", "_ = zero[unsafe.Offsetof(Data{}.Y)-16]"})
}

func TestViews(t *testing.T) {
	b := newBTF()
	i32, text := b.i32(), b.array(b.char(), 16)
	smallS := b.structure("pair", 8, at("a", 0, i32), at("value", 4, i32))
	large := b.structure("cfg", 204, at("limits", 0, b.array(i32, 50)), at("pid", 200, i32))
	flags := b.structure("flags", 4, bits("on", 0, 1, b.u32()))
	b.section(".rodata", frozen, 1024,
		v{name: "name", typ: text}, v{name: "names", typ: b.array(text, 4), offset: 16},
		v{name: "tbl", typ: b.array(b.array(i32, 3), 2), offset: 80}, v{name: "tbl_len", typ: i32, offset: 104},
		v{name: "pair", typ: smallS, offset: 108}, v{name: "cfg", typ: large, offset: 116},
		v{name: "cfgs", typ: b.array(large, 2), offset: 320}, v{name: "flags", typ: flags, offset: 728},
		v{name: "pairs", typ: b.array(smallS, 3), offset: 732})
	src, _ := b.render(t, gotype.Options{})
	expect(t, src, []string{
		"func (v RodataView) Name() string { return layout.CString(v.at().Name[:]) }",
		"func (v RodataView) Names(i int) string { return layout.CString(v.at().Names[i][:]) }",
		"func (v RodataView) NamesLen() int { return len(v.at().Names) }",
		"func (v RodataView) Tbl(i, j int) int32 { return v.at().Tbl[i][j] }",
		"func (v RodataView) TblLen_tbl_len() int32 { return v.at().TblLen }",
		"func (v RodataView) TblLen_tbl() int { return len(v.at().Tbl) }",
		"func (v RodataView) Pair() PairView { return PairView{&v.at().Pair} }",
		"func (v RodataView) Pairs(i int) PairView { return PairView{&v.at().Pairs[i]} }",
		"func (v RodataView) PairsAll() iter.Seq2[int, PairView] {", "return layout.Each(3, func(i int) PairView { return v.Pairs(i) })",
		"func (v PairView) A() int32 { return v.at().A }",
		"func (v PairView) Value_value() int32 { return v.at().Value }",
		"func (v PairView) Value() Pair { return *v.at() }",
		"func (v PairView) String() string { return v.at().String() }",
		"func (s Pair) String() string {", "return layout.Text(&s)",
		"func (s *Rodata) String() string {", `return layout.Text(s, "Name", "Names")`,
		"func (v RodataView) NamesAll() iter.Seq2[int, string] {", "return layout.Each(4, func(i int) string { return v.Names(i) })",
		"func (v RodataView) TblAll(i int) iter.Seq2[int, int32] {", "return layout.Each(3, func(j int) int32 { return v.Tbl(i, j) })",
		"func (v RodataView) Cfg() CfgView { return CfgView{&v.at().Cfg} }",
		"func (v RodataView) Cfgs(i int) CfgView { return CfgView{&v.at().Cfgs[i]} }",
		"func (v CfgView) Limits(i int) int32 { return v.at().Limits[i] }",
		"func (v RodataView) Flags() FlagsView { return FlagsView{&v.at().Flags} }",
		"func (v FlagsView) On() uint32 { return v.at().On() }",
	})
}

func TestMapsAndTheirTypes(t *testing.T) {
	b := newBTF()
	key := b.structure("key", 4, at("pid", 0, b.i32()))
	val := b.structure("", 8, at("n", 0, b.u64()))
	u64 := b.of(model.KindTypedef, b.u64(), "__u64")
	b.obj.Maps = []model.Map{
		{Name: "counts", Type: uapi.MapTypeHash, KeyType: key, KeySize: 4, ValueType: u64, ValueSize: 8},
		{Name: "info", Type: uapi.MapTypeHash, KeySize: 4, ValueType: val, ValueSize: 8},
		{Name: "short", Type: uapi.MapTypeHash, KeyType: key, KeySize: 6},
	}
	src, p := b.render(t, gotype.Options{})
	expect(t, src, []string{"type Key struct {", "// InfoValue is the struct { ... } of info.", "type InfoValue struct {"})
	for i, want := range [][2]string{{"Key", "uint64"}, {"[4]byte", "InfoValue"}, {"[6]byte", "[0]byte"}} {
		if m := p.Maps[i]; m.Key != want[0] || m.Value != want[1] {
			t.Errorf("%s: Map[%s, %s], want %q", m.Field, m.Key, m.Value, want)
		}
	}
	if got := p.Maps[0].CValue; got != "__u64" {
		t.Errorf("the value of counts is %q in C", got)
	}
}

func TestFieldNames(t *testing.T) {
	b := newBTF()
	b.section(".data", 0, 4, v{name: "x", typ: b.i32()})
	b.obj.Maps = append(b.obj.Maps, model.Map{Name: "data"}, model.Map{Name: "foo_bar"}, model.Map{Name: "fooBar"},
		model.Map{Name: "init", Type: uapi.MapTypeStructOps})
	b.obj.Programs = []model.Program{{Name: "init"}, {Name: "main"}, {Name: "func"}, {Name: "copy"}}
	_, p := b.render(t, gotype.Options{})
	var fields, links []string
	for _, m := range p.Maps {
		fields, links = append(fields, m.Field), append(links, m.Link)
	}
	if want := []string{"Data_data", "Data_data_2", "FooBar_foo_bar", "FooBar_fooBar", "Init"}; !slices.Equal(fields, want) {
		t.Errorf("maps %q, want %q", fields, want)
	}
	if want := []string{"Init_init", "Main", "Func", "Copy"}; !slices.Equal(p.Programs, want) {
		t.Errorf("programs %q, want %q", p.Programs, want)
	}
	if want := []string{"", "", "", "", "Init_init_2"}; !slices.Equal(links, want) {
		t.Errorf("links of maps %q, want %q", links, want)
	}
}

func TestStructOps(t *testing.T) {
	b := newBTF()
	f := b.of(model.KindPtr, b.add(model.Type{Kind: model.KindFuncProto}), "")
	ops := b.structure("my_ops", 16, at("init", 0, f), at("flags", 8, b.u32()))
	b.obj.Maps = []model.Map{{Name: "ops", Type: uapi.MapTypeStructOps, ValueType: ops, HasData: true}}
	src, p := b.render(t, gotype.Options{})
	expect(t, src, []string{"Init StructOpsFunc // void (*init)(void)", "Flags uint32 // unsigned int flags", "type StructOpsFunc = layout.StructOpsFunc"})
	if want := []gotype.Shadow{{Map: 0, Field: "Ops", Type: "MyOps"}}; !slices.Equal(p.Shadows, want) {
		t.Errorf("shadows %+v, want %+v", p.Shadows, want)
	}
}

func TestExtraTypes(t *testing.T) {
	b := newBTF()
	b.structure("event_exec", 4, at("pid", 0, b.i32()))
	b.structure("event_exit", 4, at("code", 0, b.i32()))
	b.structure("other", 4, at("a", 0, b.i32()))
	b.add(model.Type{Kind: model.KindFwd, Name: "later"})
	src, _ := b.render(t, gotype.Options{Extra: []string{"event_*"}})
	expect(t, src, []string{"type EventExec struct {", "type EventExit struct {", "!type Other"})
	b.of(model.KindTypedef, b.of(model.KindTypedef, b.u32(), "__u32"), "id_t")
	src, _ = b.render(t, gotype.Options{Extra: []string{"id_t"}})
	expect(t, src, []string{"type IdT = uint32", "!type U32", "!U32 ="})
	src, _ = b.render(t, gotype.Options{Extra: []string{"*u32"}})
	expect(t, src, []string{"type U32 = uint32", "!IdT"})
	for pattern, want := range map[string]string{
		"nothing*": `no type of the object matches "nothing*"`,
		"later":    `type "later" is only declared in the object, without its members`,
		"gone":     `type "gone" is not in the object: the compiler omits types that no variable, map or function uses; to include it, add a global variable "struct gone *unused_gone;"`,
		"[":        "syntax error",
	} {
		if _, err := gotype.New(&b.obj, gotype.Options{Extra: []string{pattern}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("pattern %q: %v, want %q", pattern, err, want)
		}
	}
}

func TestSeveralTypesOfOneName(t *testing.T) {
	b := newBTF()
	one := b.structure("s", 4, at("a", 0, b.i32()))
	same := b.structure("s", 4, at("a", 0, b.i32()))
	other := b.structure("s", 8, at("a", 0, b.u64()))
	b.section(".data", 0, 16, v{name: "x", typ: one}, v{name: "y", typ: same, offset: 4}, v{name: "z", typ: other, offset: 8})
	src, _ := b.render(t, gotype.Options{})
	expect(t, src, []string{"X S_s // struct s x", "Y S_s // struct s y", "Z S_s_2 // struct s z"})
}

// A variable that comes later must not take over the name of another: code that uses
// it would compile, and mean the new one.
func TestANewVariableDoesNotTakeTheNameOfAnother(t *testing.T) {
	fields := func(names ...string) string {
		b := newBTF()
		var vars []v
		for i, name := range names {
			vars = append(vars, v{name: name, typ: b.i32(), offset: 4 * i})
		}
		b.section(".data", 0, 4*len(names), vars...)
		src, _ := b.render(t, gotype.Options{})
		return src
	}
	expect(t, fields("fooBar"), []string{"FooBar int32 // int fooBar"})
	expect(t, fields("foo_bar", "fooBar"), []string{"FooBar_fooBar int32 // int fooBar", "FooBar_foo_bar int32 // int foo_bar", "!FooBar int32 //"})
}

func TestNamesOfThePackageAreReserved(t *testing.T) {
	names := []string{"data", "arena", "kconfig", "rodata_view", "struct_ops", "int128", "struct_ops_func", "maps"}
	build := func(more func(b *btf)) string {
		b := newBTF()
		var vars []v
		for i, name := range names {
			vars = append(vars, v{name: "v_" + name, typ: b.structure(name, 4, at("a", 0, b.i32())), offset: 4 * i})
		}
		b.section(".bss", 0, 4*len(names), vars...)
		more(b)
		src, _ := b.render(t, gotype.Options{})
		return src
	}
	expect(t, build(func(*btf) {}), []string{
		"type Data struct {", "type Arena struct {", "type Kconfig struct {", "type RodataView struct {", "type StructOps struct {",
		"type Int128 struct {", "type StructOpsFunc struct {", "type Maps_maps struct {",
	})
	expect(t, build(func(b *btf) {
		b.section(".data", 0, 16, v{name: "wide", typ: b.int("__int128", 16, true)})
		b.section(".rodata", frozen, 4, v{name: "x", typ: b.i32()})
		ops := b.structure("my_ops", 4, at("flags", 0, b.u32()))
		b.obj.Maps = append(b.obj.Maps, model.Map{Name: "ops", Type: uapi.MapTypeStructOps, ValueType: ops, HasData: true})
	}), []string{
		"type Data_data struct {", "type Data_section_data struct {", "type RodataView_rodata_view struct {",
		"type RodataView_section_rodata struct{ p *Rodata }", "type StructOps_struct_ops struct {", "type Int128_int128 struct {",
		"type StructOpsFunc_struct_ops_func struct {", "type Arena struct {",
	})
}

func TestArchitecture(t *testing.T) {
	b := newBTF()
	b.section(".data", 0, 4, v{name: "x", typ: b.i32()})
	src, _ := b.render(t, gotype.Options{GoArch: "arm64"})
	if want := "// Code generated by skelgen; DO NOT EDIT.\n\n//go:build arm64\n\npackage test\n"; !strings.HasPrefix(src, want) {
		t.Errorf("it begins with %q, want %q", src[:min(len(src), len(want))], want)
	}
}

func TestBigEndian(t *testing.T) {
	b := newBTF()
	b.obj.BigEndian = true
	b.section(".data", 0, 4, v{name: "x", typ: b.structure("s", 4, bits("a", 0, 3, b.u32()))})
	src, _ := b.render(t, gotype.Options{})
	expect(t, src, []string{"func (s *S) A() uint32 { return layout.BitsBE[uint32](s.raw[:], 0, 3) }",
		"func (s *S) SetA(v uint32) { layout.PutBitsBE(s.raw[:], 0, 3, v) }"})
}

func TestSameBytesEveryTime(t *testing.T) {
	var first string
	for range 20 {
		b := newBTF()
		var vars []v
		for i, k := range kinds {
			id := k.build(b)
			size, ok := b.obj.Types.SizeOf(id)
			if ok {
				vars = append(vars, v{name: "v" + strings.Repeat("_", i%3) + k.name, typ: id, offset: i * 512, size: size})
			}
		}
		b.section(".rodata", frozen, len(kinds)*512, vars...)
		src, _ := b.render(t, gotype.Options{})
		if first == "" {
			first = src
		}
		if src != first {
			t.Fatal("two runs differ")
		}
	}
}

func TestNoVariables(t *testing.T) {
	src, _ := newBTF().render(t, gotype.Options{})
	if want := "// Code generated by skelgen; DO NOT EDIT.\n\npackage test\n"; src != want {
		t.Errorf("got %q, want %q", src, want)
	}
}

// TestDamaged changes numbers of a valid BTF at random: the result has to be an
// error or Go that compiles.
func TestDamaged(t *testing.T) {
	rounds := 2000
	if testing.Short() {
		rounds = 300
	}
	failures := 0
	for seed := range rounds {
		r := rand.New(rand.NewSource(int64(seed)))
		b := newBTF()
		var vars []v
		for i := range 6 {
			id := kinds[r.Intn(len(kinds))].build(b)
			size, _ := b.obj.Types.SizeOf(id)
			vars = append(vars, v{name: "v" + string(rune('a'+i)), typ: id, offset: i * 512, size: size})
		}
		b.section(".rodata", uapi.MapFlags(r.Intn(2))*frozen, 3072, vars...)
		for range 1 + r.Intn(4) {
			b.damage(r)
		}
		p, err := gotype.New(&b.obj, gotype.Options{Static: true})
		if err != nil {
			failures++
			continue
		}
		src, err := gopkg.Types("test", &b.obj, p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := typeCheck(string(src), []string{"amd64", "386"}[seed%2]); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
	}
	if failures > rounds/4 {
		t.Errorf("%d of %d were refused", failures, rounds)
	}
}

// damage changes one number of one type.
func (b *btf) damage(r *rand.Rand) {
	n := len(b.obj.Types)
	t := &b.obj.Types[1+r.Intn(n-1)]
	number := func() int { return []int{0, 1, 3, 7, 8, 64, 4096, 1 << 30, -8}[r.Intn(9)] }
	switch r.Intn(8) {
	case 0:
		t.Elem = model.TypeID(r.Intn(n + 2))
	case 1:
		t.Size = max(number(), 0)
	case 2:
		t.Len = max(number(), 0)
	case 3:
		t.Kind = model.Kind(r.Intn(20))
	case 4:
		t.Bits, t.BitOffset = max(number(), 0), max(number(), 0)
	case 5:
		t.Name = []string{"", "a b", "\n", "é", "func"}[r.Intn(5)]
	case 6:
		for i := range t.Members {
			m := &t.Members[i]
			m.BitOffset, m.BitSize, m.Type = number(), max(number(), 0), model.TypeID(r.Intn(n))
		}
	case 7:
		for i := range t.Vars {
			t.Vars[i].Offset, t.Vars[i].Size = number(), max(number(), 0)
		}
	}
}
