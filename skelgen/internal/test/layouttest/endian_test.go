//go:build cgo

package layouttest

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// bigEndian are variables with values, and Go expressions that have to be true.
const bigEndian = `
struct bits { unsigned a : 3; unsigned b : 7; int c : 22; unsigned long d : 40; _Bool e : 1; } bits =
	{ 5, 100, -3, 0x8123456789UL, 1 };
struct __attribute__((packed)) { char x; unsigned a : 9; unsigned long b : 47; int y; } packed =
	{ 1, 300, 0x412345678901UL, -7 };
struct { unsigned __int128 a : 100; } wide = { ((unsigned __int128)9 << 64) | 7 };
unsigned __int128 big = ((unsigned __int128)1 << 64) | 2;
union { unsigned a; unsigned char b[4]; } u = { 0x01020304 };
short plain = -2;
`

const bigEndianChecks = `package main

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
	if runtime.GOARCH == "s390x" {
		all = append(all, p.Big == Uint128{Hi: 1, Lo: 2}, *p.U.A() == 0x01020304, p.U.B()[0] == 1, p.Plain == -2, p.Packed.Y == -7)
	}
	for i, ok := range all {
		if !ok {
			fmt.Println("check", i)
			os.Exit(1)
		}
	}
}
`

// TestBigEndian reads what clang stored in an object of the other byte order:
// bitfields, which are put together byte by byte, on this machine, and all of
// it on one of that order where qemu can run its programs.
func TestBigEndian(t *testing.T) {
	o := compile(t, bigEndian, "-target", "bpfeb")
	if !o.obj.BigEndian {
		t.Fatal("the object is little-endian")
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
	o.module(t, []byte(bigEndianChecks))
	for arch, command := range map[string][]string{runtime.GOARCH: {"./check." + runtime.GOARCH}, "s390x": {"qemu-s390x", "./check.s390x"}} {
		if _, err := exec.LookPath(command[0]); err != nil && arch == "s390x" {
			t.Logf("only bitfields were compared: %v", err)
			continue
		}
		if _, err := run(o.dir, pureGo(arch), nil, "go", "build", "-o", "check."+arch, "."); err != nil {
			t.Fatal(err)
		}
		if out, err := run(o.dir, nil, nil, command[0], command[1:]...); err != nil {
			t.Errorf("%s: %s%v", arch, out, err)
		}
	}
}
