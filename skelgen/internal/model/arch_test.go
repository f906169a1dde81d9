package model

import (
	"slices"
	"strings"
	"testing"
)

func TestArchs(t *testing.T) {
	for _, c := range []struct {
		name, structure string
		typedef, big    bool
		members         string
		want            string
	}{
		{"amd64", "pt_regs", false, false, "r15 r14 di orig_ax", "amd64"},
		{"amd64, user space's", "user_regs_struct", false, false, "r15 rdi orig_rax", "amd64"},
		{"386", "pt_regs", false, false, "bx cx orig_ax", "386"},
		{"386, user space's", "pt_regs", false, false, "ebx ecx orig_eax", "386"},
		{"arm64", "user_pt_regs", false, false, "regs sp pc pstate", "arm64"},
		{"arm", "pt_regs", false, false, "uregs", "arm"},
		{"s390x", "user_pt_regs", true, true, "args psw gprs", "s390x"},
		{"ppc64le", "pt_regs", false, false, "gpr nip msr", "ppc64le"},
		{"ppc64", "pt_regs", false, true, "gpr nip msr", "ppc64"},
		{"riscv64", "user_regs_struct", false, false, "pc ra sp", "riscv64"},
		{"loong64", "user_pt_regs", false, false, "regs orig_a0 csr_era", "loong64"},
		{"mips in little endian", "pt_regs", false, false, "regs lo hi cp0_epc", "mips64le mipsle"},
		{"a struct of another name", "event", false, false, "r15 ra", ""},
		{"registers that are only declared", "pt_regs", false, false, "", ""},
	} {
		o := &Object{BigEndian: c.big, Types: Types{{}, {Kind: KindStruct, Name: c.structure}}}
		for _, m := range strings.Fields(c.members) {
			o.Types[1].Members = append(o.Types[1].Members, Member{Name: m})
		}
		if c.typedef {
			o.Types[1].Name = ""
			o.Types = append(o.Types, Type{Kind: KindTypedef, Name: c.structure, Elem: 1})
		}
		if got := o.Archs(); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for _, arch := range []string{"386", "amd64", "arm", "arm64", "s390x", "ppc64", "ppc64le", "riscv64", "loong64", "mips", "mips64le"} {
			allowed := slices.Contains(bigEndian, arch) == c.big && (c.want == "" || slices.Contains(strings.Fields(c.want), arch))
			if err := o.CheckArch(arch); (err == nil) != allowed {
				t.Errorf("%s for %s: %v", c.name, arch, err)
			}
		}
	}
}
