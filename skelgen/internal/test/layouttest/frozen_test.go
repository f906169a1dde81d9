//go:build cgo

package layouttest

import (
	"strings"
	"testing"
)

// TestFrozenCannotBeAssigned compiles assignments to variables that load has frozen.
func TestFrozenCannotBeAssigned(t *testing.T) {
	o := compile(t, `
const volatile int my_pid = 1;
const volatile char name[16] = "x";
const volatile int tbl[4] = {1};
const volatile struct { int a : 3; long b[40]; } cfg = {1};
const volatile union { int a; long b; } u = {1};
int hits;
`)
	const head = "package main\n\nfunc main() {\n\tvar rodata RodataView\n\tvar bss Bss\n\t_, _ = rodata, bss\n\t"
	for _, c := range []struct{ name, statement, want string }{
		{"a writable variable can be", "bss.Hits = 1", ""},
		{"a getter can be called", "_ = func() int32 { return rodata.MyPid() + rodata.Tbl(1) + int32(rodata.TblLen()) + rodata.Cfg().A() + rodata.U().A() }", ""},
		{"an array can be iterated over", "for i, x := range rodata.TblAll() { _, _ = i, x }", ""},
		{"a copy can be changed", "x := rodata.Cfg().Value(); x.SetA(1)", ""},
		{"a getter is not a variable", "rodata.MyPid() = 1", "cannot assign to rodata.MyPid() (neither addressable nor a map index expression)"},
		{"there is no field", "rodata.MyPid = 1", "cannot assign to rodata.MyPid (neither addressable nor a map index expression)"},
		{"an element of an array", "rodata.Tbl(1) = 1", "cannot assign to rodata.Tbl(1)"},
		{"a byte of a text", "rodata.Name()[0] = 1", "cannot assign to rodata.Name()[0]"},
		{"a member of a struct", "rodata.Cfg().B(1) = 1", "cannot assign to rodata.Cfg().B(1)"},
		{"a bitfield", "rodata.Cfg().SetA(1)", "rodata.Cfg().SetA undefined"},
		{"a member of a union", "*rodata.U().A() = 1", "invalid operation: cannot indirect rodata.U().A()"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.module(t, []byte(head+c.statement+"\n}\n"))
			_, err := run(o.dir, pureGo("amd64"), nil, "go", "vet", ".")
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s: %v, want %q", c.statement, err, c.want)
			}
		})
	}
}
