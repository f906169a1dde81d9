package model

import (
	"fmt"
	"slices"
	"strings"
)

// bigEndian are the GOARCH names of Linux whose byte order is big endian.
var bigEndian = []string{"mips", "mips64", "ppc64", "s390x"}

// registers identify the architecture of an object that was compiled to read registers:
// a struct of registers in its BTF has a member that no other architecture has. A BPF
// program finds its arguments by the offsets in that struct; on another architecture,
// other arguments are at these offsets.
var registers = []struct {
	member string
	archs  []string // of both byte orders: only those of the object's order count
}{
	{"r15", []string{"amd64"}},
	{"orig_ax", []string{"386"}},  // amd64 has r15 too, which comes first
	{"orig_eax", []string{"386"}}, // user space's name for it
	{"pstate", []string{"arm64"}},
	{"orig_x0", []string{"arm64"}},
	{"uregs", []string{"arm"}},
	{"orig_gpr2", []string{"s390x"}},
	{"gprs", []string{"s390x"}},
	{"nip", []string{"ppc64", "ppc64le"}},
	{"epc", []string{"riscv64"}},
	{"ra", []string{"riscv64"}},
	{"csr_era", []string{"loong64"}},
	{"cp0_epc", []string{"mips", "mips64", "mips64le", "mipsle"}},
}

// registerStructs are the types that bpf_tracing.h finds registers with.
var registerStructs = []string{"pt_regs", "user_pt_regs", "user_regs_struct"}

// Archs returns the GOARCH names that the object was compiled for, nil for an object
// that is not tied to any.
func (o *Object) Archs() []string {
	for i := range o.Types {
		t := &o.Types[i]
		if t.Kind != KindStruct && t.Kind != KindTypedef || !slices.Contains(registerStructs, t.Name) {
			continue
		}
		t = o.Types.At(o.Types.Skip(TypeID(i), true)) // s390 has a typedef
		for _, r := range registers {
			if slices.ContainsFunc(t.Members, func(m Member) bool { return m.Name == r.member }) {
				return slices.DeleteFunc(slices.Clone(r.archs), func(arch string) bool {
					return slices.Contains(bigEndian, arch) != o.BigEndian
				})
			}
		}
	}
	return nil
}

// CheckArch refuses an object that programs for goarch could not use: it has the other
// byte order, or reads another architecture's registers.
func (o *Object) CheckArch(goarch string) error {
	if goarch == "" {
		return nil
	}
	if slices.Contains(bigEndian, goarch) != o.BigEndian {
		return fmt.Errorf("the object is %s, but %s is not: compile the object for %s", o.byteOrder(), goarch, goarch)
	}
	if archs := o.Archs(); archs != nil && !slices.Contains(archs, goarch) {
		return fmt.Errorf("the object reads the registers of %s, which %s does not have: compile the object for %s",
			strings.Join(archs, ", "), goarch, goarch)
	}
	return nil
}

// ArchWarning names the only architectures that the package works on, "" if it works on
// all; goarch is the architecture that the user asked for.
func (o *Object) ArchWarning(goarch string) string {
	archs := o.Archs()
	switch {
	case goarch != "":
		return ""
	case archs != nil:
		return fmt.Sprintf("the object reads registers, so the package works on %s only: use --goarch to generate files for one architecture at a time", strings.Join(archs, ", "))
	case o.BigEndian:
		return fmt.Sprintf("the object is big endian, so the package works on %s only", strings.Join(bigEndian, ", "))
	}
	return ""
}

func (o *Object) byteOrder() string {
	if o.BigEndian {
		return "big endian"
	}
	return "little endian"
}
