//go:build linux

package bpf

import (
	"errors"
	"fmt"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

var must, needRoot, needKernel, kernelHas, bpffs = testkit.Must, testkit.NeedRoot, testkit.NeedKernel, testkit.KernelHas, testkit.BPFFS

func TestMain(m *testing.M) { testkit.Main(m, nil) }

// closeAtEnd returns fd, and closes it at the end of the test. It takes both results of a call.
func closeAtEnd(t testing.TB) func(fd int, err error) int {
	return func(fd int, err error) int {
		t.Helper()
		must(t, err)
		if fd < 3 {
			t.Fatalf("fd %d", fd)
		}
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
}

func newMap(t testing.TB, s *MapSpec) int {
	t.Helper()
	needRoot(t)
	return closeAtEnd(t)(CreateMap(s))
}

// elemsOf returns the calls on the elements of a map created from s.
func elemsOf(fd int, s *MapSpec) Elems {
	return NewElems(fd, MapShape{Type: s.Type, KeySize: s.KeySize, ValueSize: s.ValueSize, MaxEntries: s.MaxEntries})
}

// wantErrno fails the test unless err is that errno.
func wantErrno(t testing.TB, what string, err error, want unix.Errno) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// SAFETY: the address of a variable of the test, for one call.
func at[T any](v *T) unsafe.Pointer { return unsafe.Pointer(v) }

// An insn is one instruction (struct bpf_insn).
type insn struct {
	code, registers uint8
	offset          int16
	value           int32
}

func returns(value int32) []insn { return []insn{{code: 0xb7, value: value}, {code: 0x95}} }

// registers is the byte for two of them, each a half, in the machine's order.
func registers(to, from uint8) uint8 {
	if bigEndian {
		return to<<4 | from
	}
	return from<<4 | to
}

// usesMap returns 0 and mentions a map.
func usesMap(fd int) []insn {
	const mapFD = 1 // BPF_PSEUDO_MAP_FD
	return append([]insn{{code: 0x18, registers: registers(1, mapFD), value: int32(fd)}, {}}, returns(0)...)
}

var bigEndian = func() bool {
	word := uint16(1)
	return *(*byte)(at(&word)) == 0 // SAFETY: its first byte
}()

// program is a program that a test loads.
type program struct {
	kind       uapi.ProgType
	attachType uapi.AttachType
	code       []insn
	name       string
	flags      uapi.ProgFlags
	btfTarget  uint32 // a type in vmlinux
	btf        int
	functions  []funcInfo
	lines      []lineInfo
}

type funcInfo struct{ offset, typ uint32 }

type lineInfo struct{ offset, file, line, column uint32 }

// bytesOf is the memory of a slice.
func bytesOf[T any](s []T) []byte {
	size := len(s) * int(unsafe.Sizeof(*new(T)))
	return unsafe.Slice((*byte)(mem.Of(s)), size) // SAFETY: the slice's own memory
}

func table[T any](s []T) Table {
	return Table{Data: bytesOf(s), RecordSize: uint32(unsafe.Sizeof(*new(T))), Count: uint32(len(s))} // SAFETY: a size
}

func loadProgram(p program) (int, error) {
	log := make([]byte, 1<<16)
	fd, err := LoadProgram(&ProgramSpec{
		Type: p.kind, AttachType: p.attachType, Name: p.name, License: "GPL", Insns: bytesOf(p.code), Flags: p.flags,
		BTFFD: p.btf, FuncInfo: table(p.functions), LineInfo: table(p.lines), AttachBTF: p.btfTarget, Log: log, LogLevel: 1,
	})
	if err != nil {
		return -1, fmt.Errorf("%w: %s", err, goString(log))
	}
	return fd, nil
}

func newProgram(t testing.TB, p program) int {
	t.Helper()
	needRoot(t)
	return closeAtEnd(t)(loadProgram(p))
}

func socketFilter(t testing.TB, value int32) int {
	t.Helper()
	return newProgram(t, program{kind: uapi.ProgTypeSocketFilter, code: returns(value), name: "filter"})
}
