//go:build linux

package ringbuf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// The programs of these tests have a few instructions, written here: they need neither
// a compiler nor libbpf, and their maps can have any kind and size.

const (
	cmdMapCreate = 0
	cmdProgLoad  = 5
	cmdProgRun   = 10

	mapArray = 2

	helperOutput      = 130
	helperReserve     = 131
	helperDiscard     = 133
	typeSyscall       = 31
	maxPayload        = 1 << 12
	flagNoWakeup      = 1 // BPF_RB_NO_WAKEUP
	flagForceWakeup   = 2 // BPF_RB_FORCE_WAKEUP
	insnSize          = 8
	pseudoMapFD       = 1
	pseudoMapValue    = 2
	opMov, opMovImm   = 0xbf, 0xb7
	opAnd, opLoad     = 0x57, 0x79
	opCall, opExit    = 0x85, 0x95
	opLoadImm, opJump = 0x18, 0x15
)

func bpfCall(cmd uintptr, attr []byte) (int, error) {
	// SAFETY: the kernel reads len(attr) bytes; callers keep the memory that they point to alive.
	n, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(unsafe.SliceData(attr))), uintptr(len(attr)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

// needKernel skips a test if the user may not load programs. In CI it fails the test.
func needKernel(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, unix.EPERM) && os.Getenv("CI") == "" {
		t.Skip("loading BPF programs is not permitted: run as root")
	}
	must(t, err)
}

func createMap(t testing.TB, kind, key, value, entries, flags uint32) skel.FD {
	t.Helper()
	attr := make([]byte, 72)
	for i, v := range []uint32{kind, key, value, entries, flags} {
		binary.NativeEndian.PutUint32(attr[4*i:], v)
	}
	copy(attr[28:], "test_map")
	fd, err := bpfCall(cmdMapCreate, attr)
	needKernel(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return skel.FD(fd)
}

func createRing(t testing.TB, size uint32) skel.FD {
	return createMap(t, uint32(uapi.MapTypeRingBuf), 0, 0, size, 0)
}

// insn is one BPF instruction.
func insn(op, dst, src uint8, off int16, imm int32) []byte {
	b := []byte{op, src<<4 | dst}
	b = binary.NativeEndian.AppendUint16(b, uint16(off))
	return binary.NativeEndian.AppendUint32(b, uint32(imm))
}

func loadMap(dst uint8, m skel.FD) []byte {
	return append(insn(opLoadImm, dst, pseudoMapFD, 0, int32(m)), insn(0, 0, 0, 0, 0)...)
}

func call(helper int32) []byte { return insn(opCall, 0, 0, 0, helper) }

func loadProgram(t testing.TB, kind uint32, code ...[]byte) int {
	t.Helper()
	var insns []byte
	for _, c := range code {
		insns = append(insns, c...)
	}
	license := append([]byte("GPL"), 0)
	log := make([]byte, 1<<14)
	attr := make([]byte, 72)
	binary.NativeEndian.PutUint32(attr[0:], kind)
	binary.NativeEndian.PutUint32(attr[4:], uint32(len(insns)/insnSize))
	putPointer(attr[8:], insns)
	putPointer(attr[16:], license)
	binary.NativeEndian.PutUint32(attr[24:], 1)
	binary.NativeEndian.PutUint32(attr[28:], uint32(len(log)))
	putPointer(attr[32:], log)
	if kind == typeSyscall {
		binary.NativeEndian.PutUint32(attr[44:], 1<<4) // BPF_F_SLEEPABLE
	}
	fd, err := bpfCall(cmdProgLoad, attr)
	runtime.KeepAlive(insns)
	runtime.KeepAlive(license)
	runtime.KeepAlive(log)
	if err != nil && !errors.Is(err, unix.EPERM) {
		t.Fatalf("%v: %s", err, bytes.Trim(log, "\x00"))
	}
	needKernel(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// putPointer stores a slice's address. The caller keeps the slice alive.
func putPointer(attr, to []byte) {
	onHeap.Store(&to) // memory on a stack may move
	binary.NativeEndian.PutUint64(attr, uint64(uintptr(unsafe.Pointer(unsafe.SliceData(to)))))
}

var onHeap atomic.Pointer[[]byte]

// producer is a program that sends one record for each run. Its runs exclude each
// other.
type producer struct {
	t       testing.TB
	fd      int
	payload []byte // an array's memory, which the program sends
}

// outputTo sends its input through bpf_ringbuf_output.
func outputTo(t testing.TB, m skel.FD) producer {
	array := createMap(t, mapArray, 4, maxPayload, 1, 1<<10) // BPF_F_MMAPABLE
	payload, err := unix.Mmap(int(array), 0, maxPayload, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	must(t, err)
	t.Cleanup(func() { must(t, unix.Munmap(payload)) })
	return producer{t, loadProgram(t, typeSyscall,
		insn(opMov, 6, 1, 0, 0),
		loadMap(1, m),
		insn(opLoadImm, 2, pseudoMapValue, 0, int32(array)), insn(0, 0, 0, 0, 0),
		insn(opLoad, 3, 6, 0, 0), insn(opAnd, 3, 0, 0, maxPayload-1),
		insn(opLoad, 4, 6, 8, 0),
		call(helperOutput),
		insn(opExit, 0, 0, 0, 0),
	), payload}
}

// discardRecord reserves a record and discards it.
func discardRecord(t testing.TB, m skel.FD) producer {
	return producer{t: t, fd: loadProgram(t, typeSyscall,
		insn(opMov, 6, 1, 0, 0),
		loadMap(1, m),
		insn(opMovImm, 2, 0, 0, 16), insn(opMovImm, 3, 0, 0, 0),
		call(helperReserve),
		insn(opJump, 0, 0, 3, 0), // full: return 0
		insn(opMov, 1, 0, 0, 0),
		insn(opLoad, 2, 6, 8, 0),
		call(helperDiscard),
		insn(opMovImm, 0, 0, 0, 0),
		insn(opExit, 0, 0, 0, 0),
	)}
}

// run makes the program send data, and returns its result: 0 or -errno.
func (p producer) run(data []byte, flags uint64) int32 {
	ctx := make([]byte, 16)
	binary.NativeEndian.PutUint64(ctx, uint64(len(data)))
	binary.NativeEndian.PutUint64(ctx[8:], flags)
	copy(p.payload, data)
	attr := make([]byte, 80)
	binary.NativeEndian.PutUint32(attr, uint32(p.fd))
	binary.NativeEndian.PutUint32(attr[40:], uint32(len(ctx)))
	putPointer(attr[48:], ctx)
	_, err := bpfCall(cmdProgRun, attr)
	runtime.KeepAlive(ctx)
	if err != nil {
		p.t.Errorf("run the program: %v", err)
	}
	return int32(binary.NativeEndian.Uint32(attr[4:]))
}

func (p producer) send(data []byte, flags uint64) {
	p.t.Helper()
	if rc := p.run(data, flags); rc != 0 {
		p.t.Fatalf("the program could not send a record of %d bytes: %d", len(data), rc)
	}
}

// copyOf returns a new file for a map.
func copyOf(t testing.TB, m skel.FD) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(uintptr(m), unix.F_DUPFD_CLOEXEC, 3)
	must(t, err)
	file := os.NewFile(uintptr(fd), "map")
	t.Cleanup(func() { file.Close() })
	return file
}
