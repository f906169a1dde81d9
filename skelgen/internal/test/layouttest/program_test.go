//go:build cgo

package layouttest

import (
	"bytes"
	"fmt"
	"math/rand"

	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// variable is one global variable and its probes.
type variable struct {
	name   string
	goType string
	// packed: its type has a struct of all members.
	packed bool
	// section and offset are its location.
	section *gotype.Section
	offset  int
	probes  []probe
	values  [][]value
}

// variables finds the probes of all variables of an object's mapped sections.
func (o *object) variables(r *rand.Rand) []variable {
	var out []variable
	for i := range o.pkg.Sections {
		s := &o.pkg.Sections[i]
		for _, v := range o.obj.Types.At(o.obj.Maps[s.Map].ValueType).Vars {
			t := o.obj.Types.At(v.Type)
			if t.Kind != model.KindVar || t.Linkage == model.LinkageStatic {
				continue
			}
			size, _ := o.obj.Types.SizeOf(t.Elem)
			x := variable{name: t.Name, goType: o.pkg.Types[o.obj.Types.Skip(t.Elem, false)], section: s, offset: v.Offset}
			s1 := structs(o.pkg)[x.goType]
			x.packed = s1 != nil && s1.Literal != nil
			x.probes = probes(o.obj.Types, o.pkg, t.Elem, t.Name)
			if s.View != "" {
				views := frozen(o.obj.Types, o.pkg, s, t)
				for j := range x.probes {
					x.probes[j].view = views[x.probes[j].c]
				}
			}
			x.probes = sample(r, x.probes, size)
			for _, p := range x.probes {
				if p.kind == address {
					x.values = append(x.values, nil)
				} else {
					x.values = append(x.values, p.values(r))
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// maxOutput limits C's output about one variable, in bytes.
const maxOutput = 1 << 20

// sample picks some members if a variable is so large that its bytes after an
// assignment to each member would be too many.
func sample(r *rand.Rand, all []probe, size int) []probe {
	n := max(4, maxOutput/(3*max(size, 1)))
	if n >= len(all) {
		return all
	}
	out := make([]probe, n)
	for i, j := range r.Perm(len(all))[:n] {
		out[i] = all[j]
	}
	return out
}

// The two programs go through variables, probes and values in the same order.
// The C program writes, for each probe, the sizes of the variable and of the
// member and the member's offset, then the variable's bytes after each
// assignment, on a background of zeros and ones in turn. The Go program reads
// that and compares: the value that it reads from these bytes, and the bytes that the
// same assignment leaves in Go.

func background(i int) byte { return byte(-(i & 1)) }

const cHead = `#include <stdio.h>
#include <string.h>
#include <stddef.h>
#define const
#define volatile
#include "decl.h"
static void put(unsigned long v) { fwrite(&v, 8, 1, stdout); }
#define HEAD(v, off, size) put(sizeof(v)), put(off), put(size)
#define OFF(v, m) (unsigned long)((char *)&m - (char *)&v)
#define SET(v, bg, m, val) memset(&v, bg, sizeof(v)), m = val, fwrite(&v, 1, sizeof(v), stdout)
`

// cProgram is the C program, which writes the results of the assignments to standard
// output.
func cProgram(vars []variable) []byte {
	var b bytes.Buffer
	b.WriteString(cHead)
	for i, v := range vars {
		fmt.Fprintf(&b, "static void probe%d(void) {\n", i)
		for j, p := range v.probes {
			switch {
			case p.kind == address:
				fmt.Fprintf(&b, "HEAD(%s, OFF(%s, %s), -1UL);\n", v.name, v.name, p.c)
			case p.bitfield:
				fmt.Fprintf(&b, "HEAD(%s, -1UL, -1UL);\n", v.name)
			default:
				fmt.Fprintf(&b, "HEAD(%s, OFF(%s, %s), sizeof(%s));\n", v.name, v.name, p.c, p.c)
			}
			for k, val := range v.values[j] {
				fmt.Fprintf(&b, "SET(%s, %d, %s, %s);\n", v.name, background(k), p.c, p.cValue(val))
			}
		}
		b.WriteString("}\n")
	}
	b.WriteString("int main(void) {\n")
	for i := range vars {
		fmt.Fprintf(&b, "probe%d();\n", i)
	}
	b.WriteString("return fflush(stdout) != 0;\n}\n")
	return b.Bytes()
}

const goHead = `package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/layout"
)

var (
	input  = bufio.NewReader(os.Stdin)
	buffer []byte
	failed int
	_      = layout.Bool
)

func fail(format string, args ...any) {
	if failed++; failed <= 20 {
		fmt.Printf(format+"\n", args...)
	}
}

func one(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func as[T layout.Integer | ~float32 | ~float64](_ T, v uint64) T { return T(v) }

// next returns n bytes of C's output, until it is called again.
func next(n int) []byte {
	if n > len(buffer) {
		buffer = make([]byte, n)
	}
	if _, err := io.ReadFull(input, buffer[:n]); err != nil {
		fmt.Println("C's output is too short:", err)
		os.Exit(1)
	}
	return buffer[:n]
}

func number() uint64 {
	var v uint64
	for i, b := range next(8) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

// memory is aligned to 8 bytes, with room for a section and for an element of a
// flexible array behind it.
var memory [memorySize / 8]uint64

// scalar is a scalar in memory.
type scalar struct {
	p           unsafe.Pointer
	size, align uintptr
	get         func() (uint64, uint64)
	set         func(v [2]uint64)
}

func at[T any](p *T) scalar {
	return scalar{p: unsafe.Pointer(p), size: unsafe.Sizeof(*p), align: unsafe.Alignof(*p)}
}

func number1[T layout.Integer | ~float32 | ~float64](p *T) scalar {
	s := at(p)
	s.get = func() (uint64, uint64) { return uint64(*p), 0 }
	s.set = func(v [2]uint64) { *p = T(v[0]) }
	return s
}

func bool1(p *bool) scalar {
	s := at(p)
	s.get = func() (uint64, uint64) { return one(*p), 0 }
	s.set = func(v [2]uint64) { *p = v[0] != 0 }
	return s
}

func signed128(p *layout.Int128) scalar {
	s := at(p)
	s.get = func() (uint64, uint64) { return p.Lo, uint64(p.Hi) }
	s.set = func(v [2]uint64) { *p = layout.Int128{Lo: v[0], Hi: int64(v[1])} }
	return s
}

func unsigned128(p *layout.Uint128) scalar {
	s := at(p)
	s.get = func() (uint64, uint64) { return p.Lo, p.Hi }
	s.set = func(v [2]uint64) { *p = layout.Uint128{Lo: v[0], Hi: v[1]} }
	return s
}

type access struct {
	name string
	size uintptr
	ref  func(p unsafe.Pointer) scalar // nil if the field has no address
	get  func(p unsafe.Pointer) (uint64, uint64)
	set  func(p unsafe.Pointer, v [2]uint64)
	view func(p unsafe.Pointer) (uint64, uint64) // p is the section's
	off  int                                     // in the section
	pack func(p unsafe.Pointer)                  // reads all members, and makes the variable of them
	vals [][2]uint64
}

func probe(a access) {
	size, off, psize := number(), number(), number()
	p := unsafe.Pointer(&memory)
	if size != uint64(a.size) {
		fail("%s: the variable has %d bytes in C, %d in Go", a.name, size, a.size)
	}
	if a.ref != nil {
		s := a.ref(p)
		if got := uintptr(s.p) - uintptr(p); uint64(got) != off {
			fail("%s is at %d in C, %d in Go", a.name, off, got)
		} else if got%s.align != 0 {
			fail("%s is at offset %d in Go, but its type needs alignment %d", a.name, got, s.align)
		}
		if psize != ^uint64(0) && psize != uint64(s.size) {
			fail("%s has %d bytes in C, %d in Go", a.name, psize, s.size)
		}
		a.get = func(unsafe.Pointer) (uint64, uint64) { return s.get() }
		a.set = func(_ unsafe.Pointer, v [2]uint64) { s.set(v) }
	}
	buf := unsafe.Slice((*byte)(p), size)
	for i, v := range a.vals {
		want := next(int(size))
		copy(buf, want)
		if lo, hi := a.get(p); lo != v[0] || hi != v[1] {
			fail("%s: C stored %#x, Go reads %#x %#x from % x", a.name, v, lo, hi, want)
		}
		if a.view != nil {
			copy(unsafe.Slice((*byte)(p), a.off+int(size))[a.off:], want)
			if lo, hi := a.view(p); lo != v[0] || hi != v[1] {
				fail("%s: C stored %#x, the view reads %#x %#x from % x", a.name, v, lo, hi, want)
			}
		}
		if padding := byte(-(i & 1)); a.pack != nil && padding == 0 {
			copy(buf, want)
			if a.pack(p); !bytes.Equal(buf, want) {
				fail("%s = %#x: C leaves % x, Pack % x", a.name, v, want, buf)
			}
		}
		for j := range buf {
			buf[j] = byte(-(i & 1))
		}
		if a.set(p, v); !bytes.Equal(buf, want) {
			fail("%s = %#x: C leaves % x, Go % x", a.name, v, want, buf)
		}
	}
}

func main() {
	all()
	if _, err := input.ReadByte(); err != io.EOF {
		fail("some of C's output is left")
	}
	if failed > 0 {
		fmt.Println(failed, "differences")
		os.Exit(1)
	}
}
`

// goProgram is the Go program, which compares them with the results in Go.
func (o *object) goProgram(vars []variable) []byte {
	var b bytes.Buffer
	b.WriteString(goHead)
	size := 0
	for _, v := range vars {
		size = max(size, o.obj.Maps[v.section.Map].DataSize)
	}
	fmt.Fprintf(&b, "const memorySize = %d\n", size/8*8+1<<16)
	for i, v := range vars {
		fmt.Fprintf(&b, "func probe%d() {\n", i)
		for j, p := range v.probes {
			goProbe(&b, v, p, v.values[j])
		}
		b.WriteString("}\n")
	}
	b.WriteString("func all() {\n")
	for i := range vars {
		fmt.Fprintf(&b, "probe%d()\n", i)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

func goProbe(b *bytes.Buffer, v variable, p probe, values []value) {
	fmt.Fprintf(b, "probe(access{name: %q, size: unsafe.Sizeof(*new(%s)),\n", p.c, v.goType)
	head := func(signature string) {
		fmt.Fprintf(b, "%s {\nx := (*%s)(p)\n", signature, v.goType)
		for _, s := range p.pre {
			fmt.Fprintln(b, s)
		}
	}
	if p.ref != "" {
		head("ref: func(p unsafe.Pointer) scalar")
		fmt.Fprintf(b, "return %s\n},\n", p.ref)
	} else {
		head("get: func(p unsafe.Pointer) (uint64, uint64)")
		fmt.Fprintf(b, "return %s\n},\n", p.get)
		head("set: func(p unsafe.Pointer, v [2]uint64)")
		fmt.Fprintln(b, p.set)
		for _, s := range p.post {
			fmt.Fprintln(b, s)
		}
		b.WriteString("},\n")
	}
	if p.view != "" {
		fmt.Fprintf(b, "off: %d, view: func(p unsafe.Pointer) (uint64, uint64) {\nview := %s{(*%s)(p)}\nreturn %s\n},\n",
			v.offset, v.section.View, v.section.Type, p.view)
	}
	if v.packed {
		fmt.Fprintf(b, "pack: func(p unsafe.Pointer) {\nx := (*%s)(p)\n*x = x.Fields().Pack()\n},\n", v.goType)
	}
	b.WriteString("vals: [][2]uint64{")
	for _, val := range values {
		fmt.Fprintf(b, "{%#x, %#x}, ", val[0], val[1])
	}
	b.WriteString("}})\n")
}
