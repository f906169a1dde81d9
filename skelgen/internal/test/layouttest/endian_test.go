//go:build cgo

package layouttest

import (
	"debug/elf"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// stored are variables with values, storedChecks Go expressions that have to be true.
const stored = `
struct bits { unsigned a : 3; unsigned b : 7; int c : 22; unsigned long d : 40; _Bool e : 1; } bits =
	{ 5, 100, -3, 0x8123456789UL, 1 };
struct __attribute__((packed)) { char x; unsigned a : 9; unsigned long b : 47; int y; } packed =
	{ 1, 300, 0x412345678901UL, -7 };
struct { unsigned __int128 a : 100; } wide = { ((unsigned __int128)9 << 64) | 7 };
unsigned __int128 big = ((unsigned __int128)1 << 64) | 2;
union { unsigned a; unsigned char b[4]; } u = { 0x01020304 };
union { unsigned a; unsigned char b[4]; } bytes = { .b = { 0, 9, 0, 255 } };
struct { long kind; union { int id; struct { unsigned lo : 12; int hi : 20; }; }; } member = { 1, { .id = -5 } };
struct { long kind; union { int id; struct { unsigned lo : 12; int hi : 20; }; }; } parts = { 2, { .lo = 4095, .hi = -1000 } };
struct __attribute__((packed)) { char x; int a[3]; struct { short s; int t : 5; } in; } arrays = { -1, { 1, -2, 3 }, { -7, -8 } };
short plain = -2;
`

const storedChecks = `package main

import (
	_ "embed"
	"fmt"
	"os"
	"runtime"
	"unsafe"
)

//go:embed data
var data string

func main() {
	memory := make([]uint64, (len(data)+15)/8)
	p := (*Data)(unsafe.Pointer(&memory[0]))
	copy(unsafe.Slice((*byte)(unsafe.Pointer(p)), len(data)), data)
	checks(p)
	p.Bits.SetA(0)
	p.Bits.SetC(5)
	p.Bits.SetC(-3)
	p.Bits.SetA(5)
	p.Packed.SetB(0)
	p.Packed.SetB(0x412345678901)
	checks(p)
}

func checks(p *Data) {
	all := []bool{p.Bits.A() == 5, p.Bits.B() == 100, p.Bits.C() == -3, p.Bits.D() == 0x8123456789, p.Bits.E(),
		p.Packed.X == 1, p.Packed.A() == 300, p.Packed.B() == 0x412345678901, p.Wide.A() == Uint128{Hi: 9, Lo: 7}}
	all = append(all,
		BitsFields{A: 5, B: 100, C: -3, D: 0x8123456789, E: true}.Pack() == p.Bits,
		BitsFields{C: 5 << 22 - 3, B: 128 + 100}.Pack() == BitsFields{C: -3, B: 100}.Pack(),
		WideFields{A: Uint128{Hi: 9, Lo: 7}}.Pack() == p.Wide,
		BytesFields{B: [4]uint8{0, 9, 0, 255}}.Pack() == p.Bytes,
		BytesFields{B: [4]uint8{0, 9, 0, 254}}.Pack() != p.Bytes)
	if runtime.GOARCH == "s390x" || !bigEndian { // the machine's integers are the object's
		in := p.Arrays.In()
		all = append(all, p.Big == Uint128{Hi: 1, Lo: 2}, *p.U.A() == 0x01020304, p.Plain == -2, p.Packed.Y == -7,
			PackedFields{X: 1, A: 300, B: 0x412345678901, Y: -7}.Pack() == p.Packed,
			UFields{A: 0x01020304}.Pack() == p.U,
			MemberFields{Kind: 1, Id: -5}.Pack() == p.Member,
			PartsFields{Kind: 2, Lo: 4095, Hi: -1000}.Pack() == p.Parts,
			ArraysFields{X: -1, A: [3]int32{1, -2, 3}, In: ArraysInFields{S: -7, T: -8}.Pack()}.Pack() == p.Arrays,
			p.Parts.Fields().Hi == -1000, p.Arrays.Fields().A[1] == -2, in.T() == -8)
		if got, want := p.Arrays.String(), "{X:-1 A:[1 -2 3] In:{S:-7 T:-8}}"; got != want {
			fmt.Println(got, "is not", want)
			all = append(all, false)
		}
	}
	for i, ok := range all {
		if !ok {
			fmt.Println("check", i)
			os.Exit(1)
		}
	}
}
`

// TestStored compares the values with those that clang stored in an object of either byte
// order. In this machine's byte order it compares all values here. In the other order it
// compares bitfields and bytes here, and all values on a machine of that order if qemu
// can run its programs.
func TestStored(t *testing.T) {
	for target, archs := range map[string][]string{"bpfel": {runtime.GOARCH}, "bpfeb": {runtime.GOARCH, "s390x"}} {
		t.Run(target, func(t *testing.T) {
			o := compile(t, stored, "-target", target)
			if big := target == "bpfeb"; o.obj.BigEndian != big {
				t.Fatalf("the object is big-endian: %v", !big)
			}
			f, err := elf.Open(filepath.Join(o.dir, "x.bpf.o"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			data, err := f.Section(".data").Data()
			if err != nil {
				t.Fatal(err)
			}
			write(t, o.dir, "data", data)
			o.module(t, fmt.Appendf(nil, "%s\nconst bigEndian = %v\n", storedChecks, o.obj.BigEndian))
			for _, arch := range archs {
				o.runStored(t, arch)
			}
		})
	}
}

// runStored builds and runs the checks for one architecture.
func (o *object) runStored(t *testing.T, arch string) {
	t.Helper()
	command := []string{"./check." + arch}
	if arch == "s390x" {
		if _, err := exec.LookPath("qemu-s390x"); err != nil {
			t.Logf("only bitfields and bytes were compared: %v", err)
			return
		}
		command = append([]string{"qemu-s390x"}, command...)
	}
	if _, err := run(o.dir, pureGo(arch), nil, "go", "build", "-o", "check."+arch, "."); err != nil {
		t.Fatal(err)
	}
	if out, err := run(o.dir, nil, nil, command[0], command[1:]...); err != nil {
		t.Errorf("%s: %s%v", arch, out, err)
	}
}
