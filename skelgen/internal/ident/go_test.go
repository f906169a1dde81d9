package ident

import (
	"go/token"
	"math/rand"
	"reflect"
	"slices"
	"testing"
)

func TestGo(t *testing.T) {
	for _, c := range []struct{ name, c, want string }{
		{"snake case", "my_pid", "MyPid"},
		{"one letter", "x", "X"},
		{"camel case stays", "fooBar", "FooBar"},
		{"upper case word inside stays", "my_XDP_prog", "MyXDPProg"},
		{"all capitals", "EVENT_EXEC", "EventExec"},
		{"all capitals, one word", "RED", "Red"},
		{"kernel configuration", "CONFIG_X86_64", "ConfigX86_64"},
		{"leading underscores", "__foo_bar", "FooBar"},
		{"double and trailing underscores", "foo__bar_", "FooBar"},
		{"CO-RE flavour", "task_struct___old", "TaskStructOld"},
		{"digits stay apart", "v_1_2", "V1_2"},
		{"digits after a letter", "sha256sum", "Sha256sum"},
		{"leading digit", "1st", "X1st"},
		{"underscore and digit", "_1st", "X1st"},
		{"static variable with a dot", "handle.count", "HandleCount"},
		{"section", "rodata_str1_1", "RodataStr1_1"},
		{"dollar", "a$b", "AB"},
		{"only underscores", "__", "X"},
		{"empty", "", "X"},
		{"accented letter", "éa", "Éa"},
		{"letters without case", "日本", "X日本"},
		{"letter without an upper case", "ßa", "Xßa"},
		{"bytes that are not UTF-8", "a\xffb", "AB"},
		{"keyword", "func", "Func"},
		{"predeclared", "len", "Len"},
		{"128-bit integer", "__int128", "Int128"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Go(c.c)
			if got != c.want {
				t.Errorf("Go(%q) = %q, want %q", c.c, got, c.want)
			}
			if !token.IsExported(got) || !token.IsIdentifier(got) {
				t.Errorf("Go(%q) = %q is not an exported identifier", c.c, got)
			}
		})
	}
}

func TestScope(t *testing.T) {
	for _, c := range []struct {
		name     string
		reserved []string
		c, want  []string
	}{
		{"nothing meets", nil, []string{"a", "b"}, []string{"A", "B"}},
		{"of names that meet each has its C name behind it", nil,
			[]string{"__foo_bar", "fooBar", "foo_bar", "foo"},
			[]string{"FooBar___foo_bar", "FooBar_fooBar", "FooBar_foo_bar", "Foo"}},
		{"a name of ours", []string{"Skel"}, []string{"skel"}, []string{"Skel_skel"}},
		{"a static variable beside a global one", nil,
			[]string{"a.b", "a_b"}, []string{"AB_adotb", "AB_a_b"}},
		{"bytes that are not text", nil,
			[]string{"a\xffb", "a\xfeb"}, []string{"AB_axffb", "AB_axfeb"}},
		{"equal C names are numbered", nil,
			[]string{"foo", "foo", "foo"}, []string{"Foo_foo", "Foo_foo_2", "Foo_foo_3"}},
		{"names without letters", nil,
			[]string{"_", "__"}, []string{"X__", "X___"}},
		{"a resolved name is never a C name's own", []string{"Foo"},
			[]string{"foo", "foo_foo"}, []string{"Foo_foo", "FooFoo"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := NewScope(c.reserved...).Add(c.c...); !slices.Equal(got, c.want) {
				t.Errorf("Add(%q) = %q, want %q", c.c, got, c.want)
			}
		})
	}
}

func TestScopeIgnoresOrder(t *testing.T) {
	names := []string{"a_b", "aB", "AB", "__a_b", "a.b", "c", "C", "c_", "a1_2", "a12", "a_12"}
	want := map[string]string{}
	for i, g := range NewScope("C").Add(names...) {
		want[names[i]] = g
	}
	r := rand.New(rand.NewSource(1))
	for range 50 {
		r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for i, g := range NewScope("C").Add(names...) {
			if g != want[names[i]] {
				t.Fatalf("%q is %q after a shuffle, %q before", names[i], g, want[names[i]])
			}
		}
	}
}

// Code that was written for one variable must never refer to another: after a C name is
// added, each Go name still belongs to the same C name, or to none.
func TestScopeKeepsOwners(t *testing.T) {
	pool := []string{"x_y", "xY", "__x_y", "X_Y", "x.y", "x$y", "set_x", "setX", "x", "x_len", "xLen", "set_x_y", "set", "len", "skel", "error", "as"}
	r := rand.New(rand.NewSource(1))
	for range 5000 {
		r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		n := 1 + r.Intn(len(pool)-1)
		before, after := owners(pool[:n]), owners(pool[:n+1])
		for name, c := range before {
			if now, ok := after[name]; ok && now != c {
				t.Fatalf("after %q was added to %q, %s is the identifier of %q instead of %q", pool[n], pool[:n], name, now, c)
			}
		}
	}
}

// owners maps each Go name, derived ones included, to its C name.
func owners(c []string) map[string]string {
	var items []Item
	for i, name := range c {
		it := Item{C: name, Method: i%2 == 0}
		if len(name)%2 == 1 {
			it.Derived = []Affix{{Prefix: "Set"}, {Suffix: "Len"}}
		}
		items = append(items, it)
	}
	out := map[string]string{}
	for i, names := range NewScope("Skel").AddItems(items) {
		for j, name := range names {
			out[name] = c[i] + string(rune('0'+j))
		}
	}
	return out
}

func TestDerived(t *testing.T) {
	set := []Affix{{Prefix: "Set"}}
	for _, c := range []struct {
		name  string
		items []Item
		want  [][]string
	}{
		{"a setter", []Item{{C: "x", Derived: set}}, [][]string{{"X", "SetX"}}},
		{"a setter that meets a member", []Item{{C: "x", Derived: set}, {C: "set_x"}}, [][]string{{"X", "SetX_x"}, {"SetX_set_x"}}},
		{"setters of names that meet", []Item{{C: "x_y", Derived: set}, {C: "xY"}}, [][]string{{"XY_x_y", "SetXY_x_y"}, {"XY_xY"}}},
		{"a method of the standard library", []Item{{C: "format", Method: true}, {C: "scan"}}, [][]string{{"Format_format"}, {"Scan"}}},
	} {
		if got := NewScope().AddItems(c.items); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPackage(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"plain", "minimal.bpf.o", "minimal"},
		{"with a path", "/a/b/minimal.bpf.o", "minimal"},
		{"only .o", "minimal.o", "minimal"},
		{"no suffix", "minimal", "minimal"},
		{"upper case and dash", "My-Prog.bpf.o", "my_prog"},
		{"dots inside", "a.b.bpf.o", "a_b"},
		{"keyword", "func.bpf.o", "funcbpf"},
		{"main", "main.bpf.o", "mainbpf"},
		{"internal", "internal.bpf.o", "internalbpf"},
		{"vendor", "vendor.bpf.o", "vendorbpf"},
		{"testdata", "testdata.bpf.o", "testdatabpf"},
		{"test package", "x_test.bpf.o", "x_testbpf"},
		{"a package that go ignores", "documentation.bpf.o", "documentationbpf"},
		{"a folder that go ignores", "_x.bpf.o", "x"},
		{"a function's name", "init.bpf.o", "initbpf"},
		{"a device of Windows", "CON.bpf.o", "conbpf"},
		{"leading digit", "1st.bpf.o", "x1st"},
		{"nothing left", "__.bpf.o", "bpf"},
		{"hidden file", ".bpf.o", "bpf"},
		{"not ASCII", "é.bpf.o", "bpf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Package(c.file)
			if got != c.want {
				t.Errorf("Package(%q) = %q, want %q", c.file, got, c.want)
			}
			if !Importable(got) {
				t.Errorf("Package(%q) = %q cannot be imported", c.file, got)
			}
		})
	}
}
