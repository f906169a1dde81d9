package ident

import (
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// object is an object with one section of integers called names.
func object(section string, names ...string) *model.Object {
	obj := &model.Object{
		Name:   "x_bpf",
		HasBTF: true,
		Types:  model.Types{{}, {Kind: model.KindInt, Name: "int", Size: 4}},
		Maps:   []model.Map{{Name: section, Internal: true, Flags: uapi.MapFlagMmapable}},
	}
	sec := model.Type{Kind: model.KindDatasec, Name: section}
	for i, name := range names {
		sec.Vars = append(sec.Vars, model.SecVar{Type: model.TypeID(len(obj.Types)), Offset: 4 * i, Size: 4})
		obj.Types = append(obj.Types, model.Type{Kind: model.KindVar, Name: name, Elem: 1, Linkage: model.LinkageGlobal})
	}
	obj.Types = append(obj.Types, sec)
	return obj
}

func programs(names ...string) []model.Program {
	var list []model.Program
	for _, n := range names {
		list = append(list, model.Program{Name: n})
	}
	return list
}

func TestCheckC(t *testing.T) {
	shadow := func(kind model.ShadowKind, names ...string) *model.Object {
		m := model.Map{Name: "ops", Type: uapi.MapTypeStructOps}
		for _, n := range names {
			m.Shadow = append(m.Shadow, model.ShadowMember{Member: model.Member{Name: n}, Kind: kind})
		}
		return &model.Object{Name: "x", Maps: []model.Map{m}}
	}
	static := object(".data", "f.count", "f_count")
	static.Types[2].Linkage = model.LinkageStatic

	for _, c := range []struct {
		name string
		obj  *model.Object
		errs []string // what the error must name; none for no error
	}{
		{"variables of one section", object(".data", "a", "b"), nil},
		{"two variables that are one identifier", object(".data", "a.b", "a_b"), []string{`"a.b"`, `"a_b"`, ".data"}},
		{"a static variable", static, nil},
		{"a variable without a name", object(".bss", ""), []string{"empty name", ".bss"}},
		{"a variable called as a keyword", object(".data", "register"), []string{`"register"`, "C keyword"}},
		{"a variable that begins with a digit once changed", object(".data", "1.x"), []string{`"1.x"`, "is not a C identifier"}},
		{"two sections that are one identifier", &model.Object{Name: "x", Maps: []model.Map{
			{Name: ".data.a_b", Internal: true}, {Name: ".data.a.b", Internal: true},
		}}, []string{`".data.a_b"`, `".data.a.b"`}},
		{"a map called as a section is", &model.Object{Name: "x", Maps: []model.Map{
			{Name: "data"}, {Name: "x.data", Internal: true},
		}}, []string{`map "data"`, `section "x.data"`}},
		{"a map with a dot", &model.Object{Name: "x", Maps: []model.Map{{Name: "a.b"}}}, []string{`"a.b"`, "is not a C identifier"}},
		{"a map called as a keyword", &model.Object{Name: "x", Maps: []model.Map{{Name: "static"}}}, []string{`"static"`, "C keyword"}},
		{"a program called as a keyword", &model.Object{Name: "x", Programs: programs("typeof")}, []string{`"typeof"`, "C keyword"}},
		{"a map and a program of one name", &model.Object{Name: "x", Maps: []model.Map{{Name: "a"}}, Programs: programs("a")}, nil},
		{"a struct_ops map and a program of one name", &model.Object{
			Name: "x", Maps: []model.Map{{Name: "a", Type: uapi.MapTypeStructOps}}, Programs: programs("a"),
		}, []string{`program "a"`, `map "a"`}},
		{"members of a struct_ops map", shadow(model.ShadowScalar, "a", "b"), nil},
		{"a member called as a keyword", shadow(model.ShadowFunc, "goto"), []string{`"goto"`, `"ops"`}},
		{"a member that is bytes keeps no name", shadow(model.ShadowUnsupported, "goto", "goto", ""), nil},
		{"an object called as a keyword", &model.Object{Name: "int"}, []string{`"int"`}},
		{"an object without a name", &model.Object{}, []string{"empty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CheckC(c.obj)
			if (err != nil) != (len(c.errs) > 0) {
				t.Fatalf("error %v", err)
			}
			for _, e := range c.errs {
				if !strings.Contains(err.Error(), e) {
					t.Errorf("error %q does not say %q", err, e)
				}
			}
		})
	}
}

func TestCheckCWarns(t *testing.T) {
	obj := object(".data", "class", "a", "template")
	obj.Programs = programs("new")
	obj.Maps = append(obj.Maps, model.Map{Name: "x.odd", Internal: true}, model.Map{Name: "delete", Type: uapi.MapTypeStructOps})
	warnings, err := CheckC(obj)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`variable "class" of .data is a C++ keyword`,
		`variable "template" of .data is a C++ keyword`,
		`program "new" is a C++ keyword`,
		`map "delete" is a C++ keyword`,
		`ignoring unrecognized internal map "x.odd"`,
	} {
		n := 0
		for _, w := range warnings {
			if strings.Contains(w, want) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d warnings say %q: %q", n, want, warnings)
		}
	}
	if len(warnings) != 5 {
		t.Errorf("%d warnings: %q", len(warnings), warnings)
	}
}
