//go:build linux

package light

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// encode is an instruction in bytes.
func encode(code, dst, source uint8, offset int16, imm int32) []byte {
	b := []byte{code, source<<4 | dst, 0, 0, 0, 0, 0, 0}
	if isBigEndian {
		b[1] = dst<<4 | source
	}
	binary.NativeEndian.PutUint16(b[2:], uint16(offset))
	binary.NativeEndian.PutUint32(b[4:], uint32(imm))
	return b
}

// load64 sets a register to any number.
func load64(dst uint8, v uint64) []byte {
	return append(encode(loadImm64, dst, 0, 0, int32(v)), encode(0, 0, 0, 0, int32(v>>32))...)
}

const exit = classJmp | exitLoader

// inKernel runs instructions in the kernel and returns R0. It runs them twice, since a test
// run returns 32 bits.
func inKernel(t *testing.T, code []byte) uint64 {
	t.Helper()
	run := func(code []byte) uint64 {
		fd, err := bpf.LoadProgram(&bpf.ProgramSpec{Type: uapi.ProgTypeSocketFilter, License: "GPL", Insns: code})
		testkit.Must(t, err)
		defer unix.Close(fd)
		result, err := bpf.Run(fd, &bpf.RunOptions{Data: make([]byte, 64)})
		testkit.Must(t, err)
		return uint64(result.Return)
	}
	body := code[:len(code)-8]
	high := slices.Concat(body, encode(classAlu64|aluRsh, 0, 0, 0, 32), encode(exit, 0, 0, 0, 0))
	return run(code) | run(high)<<32
}

func interpret(t *testing.T, code []byte) uint64 {
	t.Helper()
	result, err := newMachine(string(code), nil, nil, 0, nil).run()
	testkit.Must(t, err)
	return uint64(result)
}

// numbers are the edges of the sizes that instructions use.
var numbers = []uint64{0, 1, 2, 31, 32, 63, 64, 0x7f, 0x80, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff,
	0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000, 0xffffffffffffffff, 0x0123456789abcdef}

// Each operation of the interpreter has the result that the kernel's has.
func TestOperationsAreTheKernels(t *testing.T) {
	testkit.NeedRoot(t)
	random := rand.New(rand.NewSource(1))
	for _, class := range []uint8{classAlu, classAlu64} {
		for _, op := range []uint8{aluMov, aluAdd, aluAnd, aluOr, aluLsh, aluRsh} {
			for _, a := range numbers {
				b := numbers[random.Intn(len(numbers))]
				code := slices.Concat(load64(0, a), load64(1, b), encode(class|op|sourceReg, 0, 1, 0, 0), encode(exit, 0, 0, 0, 0))
				if got, want := interpret(t, code), inKernel(t, code); got != want {
					t.Errorf("%#x: %#x with register %#x: %#x, in the kernel %#x", class|op, a, b, got, want)
				}
				if op == aluLsh || op == aluRsh { // the verifier refuses more bits than there are
					b %= 32
				}
				code = slices.Concat(load64(0, a), encode(class|op, 0, 0, 0, int32(b)), encode(exit, 0, 0, 0, 0))
				if got, want := interpret(t, code), inKernel(t, code); got != want {
					t.Errorf("%#x: %#x with %#x: %#x, in the kernel %#x", class|op, a, int32(b), got, want)
				}
			}
		}
	}
}

func TestConditionsAreTheKernels(t *testing.T) {
	testkit.NeedRoot(t)
	random := rand.New(rand.NewSource(2))
	for _, op := range []uint8{jumpEq, jumpSet, jumpNe, jumpSge, jumpSgt, jumpSlt, jumpSle} {
		for _, a := range numbers {
			for range 4 {
				b := numbers[random.Intn(len(numbers))]
				for _, jump := range [][]byte{
					slices.Concat(load64(2, b), encode(classJmp|op|sourceReg, 1, 2, 1, 0)),
					encode(classJmp|op, 1, 0, 1, int32(b)),
				} {
					code := slices.Concat(load64(1, a), encode(classAlu64|aluMov, 0, 0, 0, 1), jump, encode(classAlu64|aluMov, 0, 0, 0, 0), encode(exit, 0, 0, 0, 0))
					if got, want := interpret(t, code), inKernel(t, code); got != want {
						t.Errorf("%#x: %#x and %#x: %d, in the kernel %d", op, a, b, got, want)
					}
				}
			}
		}
	}
}

func TestLoadsAndStoresAreTheKernels(t *testing.T) {
	testkit.NeedRoot(t)
	for _, size := range []uint8{0x00, 0x08, 0x10, 0x18} {
		for _, v := range numbers {
			for _, store := range [][]byte{
				slices.Concat(load64(1, v), encode(classStx|modeMem|size, 10, 1, -8, 0)),
				encode(classSt|modeMem|size, 10, 0, -8, int32(v)),
			} {
				for _, load := range []uint8{size, 0x18} {
					code := slices.Concat(encode(classSt|modeMem|0x18, 10, 0, -8, -2), store, encode(classLdx|modeMem|load, 0, 10, -8, 0), encode(exit, 0, 0, 0, 0))
					if got, want := interpret(t, code), inKernel(t, code); got != want {
						t.Errorf("size %#x of %#x: %#x, in the kernel %#x", size, v, got, want)
					}
				}
			}
		}
	}
}

// All other codes of an instruction are refused.
func TestUnknownInstructionsAreRefused(t *testing.T) {
	known := map[uint8]bool{loadImm64: true, exit: true, classJmp | callHelper: true, classJmp: true, classJmp | sourceReg: true}
	for _, class := range []uint8{classAlu, classAlu64} {
		for _, op := range []uint8{aluMov, aluAdd, aluAnd, aluOr, aluLsh, aluRsh} {
			known[class|op], known[class|op|sourceReg] = true, true
		}
	}
	for _, op := range []uint8{jumpEq, jumpSet, jumpNe, jumpSge, jumpSgt, jumpSlt, jumpSle} {
		known[classJmp|op], known[classJmp|op|sourceReg] = true, true
	}
	for _, class := range []uint8{classLdx, classSt, classStx} {
		for _, size := range []uint8{0x00, 0x08, 0x10, 0x18} {
			known[class|modeMem|size] = true
		}
	}
	delete(known, loadImm64) // with another register it is refused, and the helper 0 is unknown
	delete(known, classJmp|callHelper)
	for code := range 256 {
		offset := int16(-8) // in the stack
		if code&classMask == classJmp {
			offset = 0
		}
		insns := slices.Concat(encode(uint8(code), 10, 10, offset, 0), encode(exit, 0, 0, 0, 0), encode(exit, 0, 0, 0, 0))
		_, err := newMachine(string(insns), nil, nil, 0, &calls{}).run()
		if errors.Is(err, errDamaged) == known[uint8(code)] {
			t.Errorf("code %#x: %v", code, err)
		}
	}
}

// calls notes the calls that a loader makes, and lends it memory.
type calls struct {
	list []string
}

func (c *calls) note(format string, args ...any) {
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

func (c *calls) bpf(_ *machine, cmd uapi.Cmd, attr []byte) int64 {
	c.note("bpf %d, %d bytes", cmd, len(attr))
	return 77
}

func (c *calls) closeFD(fd int32) int64 {
	c.note("close %d", fd)
	return 0
}

func (c *calls) findBTF(_ *machine, name string, kind uapi.BTFKind) int64 {
	c.note("find %s %d", name, kind)
	return 5 | 6<<32
}

func (c *calls) findSymbol(name string) (uint64, int64) {
	c.note("symbol %s", name)
	return 0xffffffff81000000, 0
}

// blob16 is an instruction that loads an address in the blob.
func blob16(dst uint8, offset uint32) []byte {
	return append(encode(loadImm64, dst, pseudoBlob, 0, 0), encode(0, 0, 0, 0, int32(offset))...)
}

func TestHelpers(t *testing.T) {
	call := func(n int32) []byte { return encode(classJmp|callHelper, 0, 0, 0, n) }
	mov := func(dst uint8, v int32) []byte { return encode(classAlu64|aluMov, dst, 0, 0, v) }
	for _, c := range []struct {
		name   string
		code   [][]byte
		result int64
		call   string
		blob   string // afterwards
	}{
		{"bpf", [][]byte{mov(1, 5), blob16(2, 8), mov(3, 8), call(helperBPF)}, 77, "bpf 5, 8 bytes", "name\x00\x00\x00\x0012345678"},
		{"close", [][]byte{mov(1, 9), call(helperClose)}, 0, "close 9", "name\x00\x00\x00\x0012345678"},
		{"find a type", [][]byte{blob16(1, 0), mov(2, 5), mov(3, 12), mov(4, 0), call(helperFindBTF)}, 5 | 6<<32, "find name 12", "name\x00\x00\x00\x0012345678"},
		{"find a symbol", [][]byte{blob16(1, 0), mov(2, 5), mov(3, 0), blob16(4, 8), call(helperKallsyms)}, 0, "symbol name", "name\x00\x00\x00\x00\x00\x00\x00\x81\xff\xff\xff\xff"},
		{"copy", [][]byte{blob16(1, 8), mov(2, 4), blob16(3, 0), call(helperReadKernel)}, 0, "", "name\x00\x00\x00\x00name5678"},
		{"copy from user space", [][]byte{blob16(1, 8), mov(2, 4), blob16(3, 0), call(helperCopyFromUser)}, 0, "", "name\x00\x00\x00\x00name5678"},
		{"copy of nothing clears", [][]byte{blob16(1, 8), mov(2, 4), mov(3, 0), call(helperReadKernel)}, -int64(syscall.EFAULT), "", "name\x00\x00\x00\x00\x00\x00\x00\x005678"},
		{"print", [][]byte{blob16(1, 0), mov(2, 5), call(helperPrintk)}, 0, "", "name\x00\x00\x00\x0012345678"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if isBigEndian && c.call == "symbol name" {
				t.Skip("the bytes are those of little endian")
			}
			blob := []byte("name\x00\x00\x00\x0012345678")
			var made calls
			code := slices.Concat(slices.Concat(c.code...), encode(exit, 0, 0, 0, 0))
			result, err := newMachine(string(code), blob, nil, 0, &made).run()
			testkit.Must(t, err)
			if want := []string{c.call}; result != c.result || c.call != "" && !slices.Equal(made.list, want) || string(blob) != c.blob {
				t.Errorf("result %d, calls %q, blob %q", result, made.list, blob)
			}
		})
	}
}

// No helper is given memory that is not the loader's.
func TestHelpersRefuseOtherMemory(t *testing.T) {
	call := func(n int32) []byte { return encode(classJmp|callHelper, 0, 0, 0, n) }
	mov := func(dst uint8, v int32) []byte { return encode(classAlu64|aluMov, dst, 0, 0, v) }
	for name, code := range map[string][][]byte{
		"attributes beyond the blob":   {mov(1, 5), blob16(2, 8), mov(3, 9), call(helperBPF)},
		"attributes of no size":        {mov(1, 5), blob16(2, 8), mov(3, -1), call(helperBPF)},
		"attributes at 0":              {mov(1, 5), mov(2, 0), mov(3, 8), call(helperBPF)},
		"a name without an end":        {blob16(1, 8), mov(2, 4), mov(3, 12), call(helperFindBTF)},
		"a name of no size":            {blob16(1, 0), mov(2, 0), mov(3, 12), call(helperFindBTF)},
		"a symbol to other memory":     {blob16(1, 0), mov(2, 5), mov(4, 0), call(helperKallsyms)},
		"a copy to other memory":       {mov(1, 0), mov(2, 8), blob16(3, 0), call(helperReadKernel)},
		"a copy beyond the blob":       {blob16(1, 12), mov(2, 8), blob16(3, 0), call(helperReadKernel)},
		"an unknown helper":            {call(1)},
		"a store beyond the stack":     {encode(classStx|modeMem|0x18, 10, 1, 0, 0)},
		"a store below the stack":      {encode(classStx|modeMem|0x18, 10, 1, -520, 0)},
		"a load from a number":         {mov(1, 4096), encode(classLdx|modeMem, 0, 1, 0, 0)},
		"a load at the blob's end":     {blob16(1, 13), encode(classLdx|modeMem, 0, 1, 0, 0)},
		"a jump out of the loader":     {encode(classJmp, 0, 0, 100, 0)},
		"a jump before the loader":     {encode(classJmp, 0, 0, -100, 0)},
		"a loop":                       {encode(classJmp, 0, 0, -1, 0)},
		"a register that is not there": {encode(classAlu64|aluMov, 11, 0, 0, 0)},
	} {
		blob := []byte("name\x00\x00\x00\x0012345678")
		before := string(blob)
		var made calls
		whole := slices.Concat(slices.Concat(code...), encode(exit, 0, 0, 0, 0))
		_, err := newMachine(string(whole), blob, nil, 0, &made).run()
		if !errors.Is(err, errDamaged) || !errors.Is(err, syscall.EINVAL) || len(made.list) != 0 || string(blob) != before {
			t.Errorf("%s: %v, calls %q, blob %q", name, err, made.list, blob)
		}
	}
}

// FuzzMachine runs damaged loaders: no panic, no end that never comes, no access to other
// memory, which would be a panic.
func FuzzMachine(f *testing.F) {
	f.Add(slices.Concat(load64(0, 1), encode(exit, 0, 0, 0, 0)), []byte("blob"))
	f.Add(slices.Concat(blob16(1, 0), encode(classLdx|modeMem|0x18, 0, 1, 0, 0), encode(exit, 0, 0, 0, 0)), make([]byte, 64))
	f.Fuzz(func(t *testing.T, insns, blob []byte) {
		insns = insns[:len(insns)/8*8]
		before := slices.Clone(blob[len(blob):cap(blob)])
		if _, err := newMachine(string(insns), blob, make([]byte, 64), 4, &calls{}).run(); err != nil && !errors.Is(err, errDamaged) {
			t.Errorf("%v", err)
		}
		if !slices.Equal(before, blob[len(blob):cap(blob)]) {
			t.Error("it wrote beyond the blob")
		}
	})
}
