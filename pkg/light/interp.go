package light

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// The interpreter runs the loader that libbpf wrote: a BPF program that calls bpf(2). It
// supports only the instructions that such a loader contains. The loader's addresses are not
// addresses of memory: the upper half of a register is the number of a region, the lower
// half is an offset in it. A damaged loader cannot access other memory. A call converts
// each address, so the kernel only gets addresses inside the regions.

// region is a part of memory that the loader may use.
type region uint32

const (
	noRegion region = iota
	blobRegion
	stackRegion
	contextRegion
	regions
)

func (r region) address(offset uint32) uint64 { return uint64(r)<<32 | uint64(offset) }

// The loader's stack. Its register R10 points to top, and the file descriptors of
// programs beyond the 32nd, for which libbpf does not reserve space, lie above.
const (
	stackTop    = 512
	slotOfStack = 4
)

// machine is the state of a loader that runs.
type machine struct {
	insns  string // 8 bytes each
	memory [regions][]byte
	calls  caller
	reg    [11]uint64
}

// caller makes the calls of a loader. Results are those of the helpers: negative errno
// values are errors.
type caller interface {
	// bpf makes a bpf(2) call; attr is the command's union bpf_attr.
	bpf(m *machine, cmd uapi.Cmd, attr []byte) int64
	closeFD(fd int32) int64
	// findBTF returns the id of a kernel type in the lower half, and the descriptor of
	// the module's BTF that has it, 0 for vmlinux, in the upper half.
	findBTF(m *machine, name string, kind uapi.BTFKind) int64
	// findSymbol returns the address of a symbol of the kernel.
	findSymbol(name string) (address uint64, result int64)
}

// errDamaged is the error for a loader that libbpf cannot have written.
var errDamaged = errors.New("the package's loader is damaged: run skelgen generate again")

type damage struct {
	at  int // index of the instruction
	why string
}

func (e *damage) Error() string {
	return fmt.Sprintf("%v (instruction %d: %s)", errDamaged, e.at, e.why)
}

func (e *damage) Unwrap() []error { return []error{errDamaged, syscall.EINVAL} }

// newMachine prepares a run of a loader with the given number of programs.
func newMachine(insns string, blob, context []byte, programs int, calls caller) *machine {
	m := &machine{insns: insns, calls: calls}
	m.memory[blobRegion] = blob
	m.memory[stackRegion] = make([]byte, stackTop+programs*slotOfStack)
	m.memory[contextRegion] = context
	return m
}

// The parts of an instruction's code (include/uapi/linux/bpf.h).
const (
	classMask  = 0x07
	classLd    = 0x00
	classLdx   = 0x01
	classSt    = 0x02
	classStx   = 0x03
	classAlu   = 0x04
	classJmp   = 0x05
	classAlu64 = 0x07

	sourceReg  = 0x08
	opMask     = 0xf0
	modeMask   = 0xe0
	modeMem    = 0x60
	loadImm64  = 0x18 // BPF_LD | BPF_IMM | BPF_DW
	pseudoBlob = 6    // BPF_PSEUDO_MAP_IDX_VALUE: an address in the blob

	aluAdd, aluOr, aluAnd, aluLsh, aluRsh, aluMov         = 0x00, 0x40, 0x50, 0x60, 0x70, 0xb0
	jumpAlways, jumpEq, jumpSet, jumpNe, jumpSge          = 0x00, 0x10, 0x40, 0x50, 0x70
	jumpSgt, jumpSlt, jumpSle, callHelper, exitLoader     = 0x60, 0xc0, 0xd0, 0x80, 0x90
	helperPrintk, helperReadKernel, helperCopyFromUser    = 6, 113, 148
	helperBPF, helperFindBTF, helperClose, helperKallsyms = 166, 167, 168, 179
)

// insn is one instruction.
type insn struct {
	code        uint8
	dst, source uint8
	offset      int16
	imm         int32
}

func (m *machine) insn(i int) insn {
	b := []byte(m.insns[i*8 : i*8+8])
	dst, source := b[1]&0xf, b[1]>>4
	if isBigEndian {
		dst, source = source, dst
	}
	return insn{b[0], dst, source, int16(binary.NativeEndian.Uint16(b[2:])), int32(binary.NativeEndian.Uint32(b[4:]))}
}

var isBigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// run runs the loader and returns its result, which is negative after a failed call. The
// error is a *damage. Each instruction runs at most twice, because the only jump backward
// is to the code that closes descriptors after a failure.
func (m *machine) run() (result int64, err error) {
	count := len(m.insns) / 8
	m.reg[1] = contextRegion.address(0)
	m.reg[10] = stackRegion.address(stackTop)
	at := 0
	for range 2 * count {
		if at < 0 || at >= count {
			return 0, &damage{at, "it jumps out of the loader"}
		}
		i := m.insn(at)
		if i.dst > 10 || i.source > 10 {
			return 0, &damage{at, "the register does not exist"}
		}
		next := at + 1
		var why string
		switch i.code & classMask {
		case classLd:
			if i.code != loadImm64 || next >= count {
				why = "unknown load"
				break
			}
			why = m.loadImm64(i, m.insn(next).imm)
			next++
		case classLdx, classSt, classStx:
			why = m.move(i)
		case classAlu, classAlu64:
			why = m.compute(i)
		case classJmp:
			switch i.code {
			case classJmp | exitLoader:
				return int64(m.reg[0]), nil
			case classJmp | callHelper:
				why = m.call(i.imm)
			default:
				var taken bool
				if taken, why = m.condition(i); taken {
					next += int(i.offset)
				}
			}
		default:
			why = "unknown class"
		}
		if why != "" {
			return 0, &damage{at, why}
		}
		at = next
	}
	return 0, &damage{at, "it does not end"}
}

// Each of the following returns why an instruction cannot be run, or "".

func (m *machine) loadImm64(i insn, upper int32) (why string) {
	switch i.source {
	case 0:
		m.reg[i.dst] = uint64(uint32(i.imm)) | uint64(upper)<<32
	case pseudoBlob:
		m.reg[i.dst] = blobRegion.address(uint32(upper))
	default:
		return "unknown load"
	}
	return ""
}

// sizes are the sizes of loads and stores by the bits of the code.
var sizes = map[uint8]int{0x00: 4, 0x08: 2, 0x10: 1, 0x18: 8}

func (m *machine) move(i insn) (why string) {
	if i.code&modeMask != modeMem {
		return "unknown load or store"
	}
	size := sizes[i.code&0x18]
	base := i.dst
	if i.code&classMask == classLdx {
		base = i.source
	}
	mem := m.bytes(m.reg[base]+uint64(int64(i.offset)), uint64(size))
	if mem == nil {
		return "access to memory that is not the loader's"
	}
	switch i.code & classMask {
	case classLdx:
		m.reg[i.dst] = readWord(mem)
	case classStx:
		writeWord(mem, m.reg[i.source])
	default:
		writeWord(mem, uint64(int64(i.imm)))
	}
	return ""
}

// readWord reads a number of 1, 2, 4 or 8 bytes.
func readWord(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.NativeEndian.Uint16(b))
	case 4:
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

func writeWord(b []byte, v uint64) {
	switch len(b) {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.NativeEndian.PutUint16(b, uint16(v))
	case 4:
		binary.NativeEndian.PutUint32(b, uint32(v))
	default:
		binary.NativeEndian.PutUint64(b, v)
	}
}

// bytes returns size bytes of a region, nil if it does not have them.
func (m *machine) bytes(address, size uint64) []byte {
	r, offset := address>>32, address&0xffffffff
	if r >= uint64(regions) {
		return nil
	}
	mem := m.memory[r]
	if size > uint64(len(mem)) || offset > uint64(len(mem))-size {
		return nil
	}
	return mem[offset : offset+size : offset+size]
}

// text returns a string of size bytes that ends with a NUL.
func (m *machine) text(address, size uint64) (s string, ok bool) {
	b := m.bytes(address, size)
	if len(b) == 0 || b[len(b)-1] != 0 {
		return "", false
	}
	return string(b[:len(b)-1]), true
}

func (m *machine) operand(i insn) uint64 {
	if i.code&sourceReg != 0 {
		return m.reg[i.source]
	}
	return uint64(int64(i.imm))
}

func (m *machine) compute(i insn) (why string) {
	to, by := m.reg[i.dst], m.operand(i)
	narrow := i.code&classMask == classAlu
	bits := uint64(64)
	if narrow {
		to, by, bits = to&0xffffffff, by&0xffffffff, 32
	}
	switch i.code & opMask {
	case aluMov:
		to = by
	case aluAdd:
		to += by
	case aluAnd:
		to &= by
	case aluOr:
		to |= by
	case aluLsh:
		to <<= by & (bits - 1)
	case aluRsh:
		to >>= by & (bits - 1)
	default:
		return "unknown operation"
	}
	if narrow {
		to &= 0xffffffff
	}
	m.reg[i.dst] = to
	return ""
}

func (m *machine) condition(i insn) (taken bool, why string) {
	a, b := int64(m.reg[i.dst]), int64(m.operand(i))
	switch i.code & opMask {
	case jumpAlways:
		return true, ""
	case jumpEq:
		return a == b, ""
	case jumpNe:
		return a != b, ""
	case jumpSet:
		return a&b != 0, ""
	case jumpSge:
		return a >= b, ""
	case jumpSgt:
		return a > b, ""
	case jumpSlt:
		return a < b, ""
	case jumpSle:
		return a <= b, ""
	}
	return false, "unknown condition"
}

// call calls a helper function. As in the kernel, R1 to R5 are lost.
func (m *machine) call(helper int32) (why string) {
	r := m.reg
	defer clear(m.reg[1:6])
	result := -int64(syscall.EFAULT) // of a helper that is given other memory
	switch helper {
	case helperBPF:
		attr := m.bytes(r[2], r[3])
		if attr == nil {
			return "a call with attributes that are not the loader's"
		}
		result = m.calls.bpf(m, uapi.Cmd(r[1]), attr)
	case helperClose:
		result = m.calls.closeFD(int32(r[1]))
	case helperFindBTF:
		name, ok := m.text(r[1], r[2])
		if !ok {
			return "a look-up without a name"
		}
		result = m.calls.findBTF(m, name, uapi.BTFKind(r[3]))
	case helperKallsyms:
		name, ok := m.text(r[1], r[2])
		to := m.bytes(r[4], 8)
		if !ok || to == nil {
			return "a look-up without a name"
		}
		var address uint64
		address, result = m.calls.findSymbol(name)
		writeWord(to, address)
	case helperReadKernel, helperCopyFromUser:
		to := m.bytes(r[1], r[2]&0xffffffff)
		if to == nil {
			return "a copy to memory that is not the loader's"
		}
		if from := m.bytes(r[3], uint64(len(to))); from != nil {
			copy(to, from)
			result = 0
		} else {
			clear(to)
		}
	case helperPrintk:
		result = 0
	default:
		return "unknown helper"
	}
	m.reg[0] = uint64(result)
	return ""
}
