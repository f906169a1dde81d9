package cheader

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// variable is a variable of an integer type for the test objects.
type variable struct {
	name           string
	offset, size   int
	align          int
	linkage        model.Linkage
	decl, typeDecl string
}

// dataObject is an object with one section.
func dataObject(section string, vars ...variable) *model.Object {
	obj := &model.Object{
		Name:   "x",
		Bytes:  []byte("\x7fELF\x00"),
		HasBTF: true,
		Types:  model.Types{{}, {Kind: model.KindInt, Name: "int", Size: 4}},
		Maps:   []model.Map{{Name: "x" + section, Internal: true, Flags: uapi.MapFlagMmapable}},
	}
	sec := model.Type{Kind: model.KindDatasec, Name: section}
	for _, v := range vars {
		sec.Vars = append(sec.Vars, model.SecVar{
			Type: model.TypeID(len(obj.Types)), Offset: v.offset, Size: v.size, Align: v.align, Decl: v.decl, TypeDecl: v.typeDecl,
		})
		obj.Types = append(obj.Types, model.Type{Kind: model.KindVar, Name: v.name, Elem: 1, Linkage: v.linkage})
	}
	obj.Types = append(obj.Types, sec)
	return obj
}

func global(name string, offset, size, align int) variable {
	return variable{name, offset, size, align, model.LinkageGlobal, "T " + name, "T"}
}

func TestPaddingBetweenVariables(t *testing.T) {
	static := global("hidden", 4, 4, 4)
	static.linkage = model.LinkageStatic
	for _, c := range []struct {
		name string
		vars []variable
		want string
	}{
		{"none if the compiler aligns by itself", []variable{global("a", 0, 1, 1), global("b", 4, 4, 4)}, "T a; T b;"},
		{"8-byte alignment may be 4 on the host", []variable{global("a", 0, 4, 4), global("b", 8, 8, 8)}, "T a; char __pad0[4]; T b;"},
		{"a static variable leaves a gap", []variable{global("a", 0, 4, 4), static, global("b", 8, 4, 4)}, "T a; char __pad0[4]; T b;"},
		{"a gap at the start", []variable{global("a", 64, 1, 1)}, "char __pad0[64]; T a;"},
		{"each gap has a number", []variable{global("a", 3, 1, 1), global("b", 9, 1, 1)}, "char __pad0[3]; T a; char __pad1[5]; T b;"},
		{"a packed member at an odd offset", []variable{global("a", 0, 1, 1), global("b", 1, 9, 1)}, "T a; T b;"},
		{"no variables", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := skeleton(t, dataObject(".data", c.vars...))
			got := strings.Join(strings.Fields(between(t, text, "struct x__data {", "} *data;")), " ")
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSectionsThatCannotBeLaidOut(t *testing.T) {
	pad := global("__pad0", 8, 4, 4)
	for _, c := range []struct {
		name string
		vars []variable
		want string
	}{
		{"overlapping variables", []variable{global("a", 0, 8, 4), global("b", 4, 4, 4)}, "the previous one ends at 8"},
		{"a type without alignment", []variable{global("a", 0, 4, 0)}, `alignment of variable "a" is unknown`},
		{"a type whose alignment libbpf rejects", []variable{global("a", 0, 4, -22)}, `alignment of variable "a" is unknown`},
		{"a variable called as padding is", []variable{global("a", 4, 4, 4), pad}, `uses the name "__pad0" for padding`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := Skeleton(dataObject(".data", c.vars...))
			if err == nil || !strings.Contains(err.Error(), c.want) || out != nil {
				t.Errorf("error %v with %d bytes, want %q with none", err, len(out), c.want)
			}
		})
	}
}

func TestASectionWithoutTypesIsAnEmptyStruct(t *testing.T) {
	obj := dataObject(".data")
	obj.Types = obj.Types[:2]
	text := skeleton(t, obj)
	if got := between(t, text, "struct x__data {\n", "} *data;"); strings.TrimSpace(got) != "" {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(text, "map->mmaped = (void **)&obj->data;") {
		t.Error("its memory is not reached")
	}
}

func TestAnObjectWithoutBTFHasNoDataAndNoAsserts(t *testing.T) {
	obj := dataObject(".data", global("a", 0, 4, 4))
	obj.HasBTF = false
	text := skeleton(t, obj)
	for _, s := range []string{"x__data", "x__assert", "SKEL_OPAQUE_DATA"} {
		if strings.Contains(text, s) {
			t.Errorf("it has %s", s)
		}
	}
	if !strings.Contains(text, "struct bpf_map *data;") {
		t.Error("the map is missing")
	}
	if _, err := Subskeleton(obj); err == nil || !strings.Contains(err.Error(), "compile with -g") {
		t.Errorf("a subskeleton of it: %v", err)
	}
}

func structOps(members ...model.ShadowMember) *model.Object {
	return &model.Object{
		Name: "x", HasBTF: true,
		Types: model.Types{{}, {Kind: model.KindInt, Size: 4}, {Kind: model.KindPtr}, {Kind: model.KindStruct, Name: "ops", Size: 32},
			{Kind: model.KindFwd}},
		Maps: []model.Map{{Name: "my", Type: uapi.MapTypeStructOps, ValueType: 3, Shadow: members}},
	}
}

func shadowMember(name string, kind model.ShadowKind, typ model.TypeID, offset int) model.ShadowMember {
	return model.ShadowMember{Member: model.Member{Name: name, Type: typ, BitOffset: 8 * offset}, Kind: kind, ScalarDecl: "int " + name}
}

func TestStructOpsShadow(t *testing.T) {
	obj := structOps(
		shadowMember("a", model.ShadowScalar, 1, 0),
		shadowMember("run", model.ShadowFunc, 2, 8),
		shadowMember("data", model.ShadowUnsupported, 2, 16),
	)
	got := strings.Join(strings.Fields(between(t, skeleton(t, obj), "struct x__my__ops {", "} *my;")), " ")
	want := "int a; char __padding_1[4]; struct bpf_program *run; char __unsupported_2[8]; char __padding_end[8];"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, members := range map[string][]model.ShadowMember{
		"of unknown size":     {shadowMember("a", model.ShadowUnsupported, 4, 0)},
		`is called "__padd`:   {shadowMember("__padding_1", model.ShadowScalar, 1, 0), shadowMember("b", model.ShadowScalar, 1, 8)},
		`is called "__unsupp`: {shadowMember("__unsupported_1", model.ShadowScalar, 1, 0), shadowMember("b", model.ShadowUnsupported, 1, 4)},
	} {
		if _, err := Skeleton(structOps(members...)); err == nil {
			t.Errorf("a member that %s is not an error", name)
		}
	}
}

func TestOnlyStructOpsNeedsANewerMapSkeleton(t *testing.T) {
	const guard = "#if LIBBPF_MAJOR_VERSION > 1"
	if n := strings.Count(skeleton(t, structOps()), guard); n != 2 {
		t.Errorf("%d version guards for one struct_ops map, want one for the size and one for the link", n)
	}
	text := skeleton(t, dataObject(".bss", global("a", 0, 4, 4)))
	if strings.Contains(text, guard) || !strings.Contains(text, "s->map_skel_sz = 24;") {
		t.Error("the header of an object without struct_ops needs a newer libbpf than necessary")
	}
	sub, err := Subskeleton(structOps())
	if err != nil || strings.Contains(string(sub), guard) {
		t.Errorf("a subskeleton has links: %v", err)
	}
}

func TestSubskeletonVariables(t *testing.T) {
	obj := dataObject(".data", global("a.b", 0, 4, 4), global("list", 4, 8, 4), global("hook", 16, 8, 8))
	obj.Maps[0].Name = ".data"
	n := model.TypeID(len(obj.Types))
	obj.Types = append(obj.Types,
		model.Type{Kind: model.KindArray, Elem: 1, Len: 2},
		model.Type{Kind: model.KindFuncProto},
		model.Type{Kind: model.KindPtr, Elem: n + 1})
	obj.Types[3].Elem, obj.Types[4].Elem = n, n+2
	out, err := Subskeleton(obj)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\t\tT *a_b;\n", "\t\t__typeof__(T) *list;\n", "\t\t__typeof__(T) *hook;\n", // their types
		"\t\tvoid *a_b;\n",                            // for who hides them
		"s->var_cnt = 3;", `s->vars[0].name = "a.b";`, // libbpf looks up the original name
		"s->vars[0].addr = (void **) &obj->data.a_b;",    // and fills in ours
		"s->vars[2].map = &obj->maps.data;", "} data;\n", // of the section's map
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in it", want)
		}
	}
}

func TestEmbeddedBytes(t *testing.T) {
	h := newHeader(&model.Object{}, 0)
	data := append(bytes.Repeat([]byte{0}, 39), 'A', '"', '\\', 0xff)
	h.embed(data)
	want := strings.Repeat(`\0`, 39) + "\\\n" + `\x41\x22\x5c\xff`
	if string(h.buf) != want {
		t.Errorf("got %q, want %q", h.buf, want)
	}
	h = newHeader(&model.Object{}, 0)
	h.embed(bytes.Repeat([]byte{1}, 20))
	if want := strings.Repeat(`\x01`, 19) + "\\\n" + `\x01`; string(h.buf) != want {
		t.Errorf("got %q, want %q", h.buf, want)
	}
}

func TestNamesInsideCStrings(t *testing.T) {
	for in, want := range map[string]string{
		"plain.name": "plain.name", `a"b`: `a\"b`, `a\b`: `a\\b`, "a\nb": `a\012b`, "é": "é",
	} {
		if got := cString(in); got != want {
			t.Errorf("cString(%q) = %q, want %q", in, got, want)
		}
	}
}

func skeleton(t *testing.T, obj *model.Object) string {
	t.Helper()
	out, err := Skeleton(obj)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from)
	inner, _, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("no %q ... %q in the header", from, to)
	}
	return inner
}

func BenchmarkEmbed5MB(b *testing.B) {
	data := bytes.Repeat([]byte{0, 1, 2, 0xff, 0, 'a', 0, 0}, 5<<17)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		newHeader(&model.Object{}, len(data)*embedFactor).embed(data)
	}
}

// A header that belongs to a Go package has one more definition; its declarations do
// not differ from a standalone header's.
func TestGenerationIsOneDefinition(t *testing.T) {
	obj := dataObject(".data", global("first", 0, 4, 4))
	alone := skeleton(t, obj)
	obj.Generation = "0badcafe"
	packaged := skeleton(t, obj)
	definition := "\n#define " + ident.GenerationC(obj.Name) + " 0x0badcafe\n"
	if got := strings.Replace(packaged, definition, "", 1); got != alone || packaged == alone {
		t.Errorf("without its generation the header is\n%s", got)
	}
}
