package ident

import (
	"go/token"
	"math/rand"
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
		{"bytes that are no UTF-8", "a\xffb", "AB"},
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
				t.Errorf("Go(%q) = %q is no exported identifier", c.c, got)
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
		{"snake case keeps the name", nil,
			[]string{"__foo_bar", "fooBar", "foo_bar"},
			[]string{"FooBar___foo_bar", "FooBar_fooBar", "FooBar"}},
		{"without snake case the shortest does", nil,
			[]string{"__foo_bar", "fooBar"}, []string{"FooBar___foo_bar", "FooBar"}},
		{"of two equally long the first in byte order", nil,
			[]string{"fooBar", "FooBar"}, []string{"FooBar_fooBar", "FooBar"}},
		{"a name of ours", []string{"Skel"}, []string{"skel"}, []string{"Skel_skel"}},
		{"a static variable beside a global one", nil,
			[]string{"a.b", "a_b"}, []string{"AB_a_b", "AB"}},
		{"equal C names are numbered", nil,
			[]string{"foo", "foo", "foo"}, []string{"Foo", "Foo_foo", "Foo_foo_2"}},
		{"names without letters", nil,
			[]string{"_", "__"}, []string{"X", "X___"}},
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

func TestScopeNewNameRenamesNoOther(t *testing.T) {
	before := NewScope().Add("x_y", "__x_y", "z")
	after := NewScope().Add("x_y", "__x_y", "z", "xY", "X_y")
	if !slices.Equal(before, after[:3]) {
		t.Errorf("two more variables turned %q into %q", before, after[:3])
	}
}

func TestDerive(t *testing.T) {
	s := NewScope()
	s.Add("set_x", "x")
	if got := s.Derive("SetX", "x"); got != "SetX_x" {
		t.Errorf("the setter of x beside set_x is %q, want SetX_x", got)
	}
	if got := s.Taken(); !slices.Equal(got, []string{"SetX", "SetX_x", "X"}) {
		t.Errorf("Taken() = %q", got)
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
