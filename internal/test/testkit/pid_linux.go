package testkit

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// firstNamespace is the initial PID namespace. (PROC_PID_INIT_INO)
const firstNamespace = "pid:[4026531836]"

// PID returns the PID of this process that BPF programs see (bpf_get_current_pid_tgid),
// which in a container differs from its own. In a namespace other than the first, it asks
// the kernel with a program of three instructions; without the right to load it, the result
// is os.Getpid().
var PID = sync.OnceValue(func() int32 {
	if name, err := os.Readlink("/proc/self/ns/pid"); err == nil && name != firstNamespace {
		if pid, err := pidFromKernel(); err == nil {
			return pid
		}
	}
	return int32(os.Getpid())
})

const (
	commandLoad, commandRun = 5, 10
	typeRawTracepoint       = 17
)

// pidFromKernel runs a program that returns the PID.
func pidFromKernel() (int32, error) {
	program := []uint64{
		instruction(0x85, 14), // r0 = bpf_get_current_pid_tgid()
		instruction(0x77, 32), // r0 >>= 32
		instruction(0x95, 0),  // return r0
	}
	license := []byte("GPL\x00")
	var load [48]byte
	binary.NativeEndian.PutUint32(load[0:], typeRawTracepoint)
	binary.NativeEndian.PutUint32(load[4:], uint32(len(program)))
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&program[0])
	pins.Pin(&license[0])
	// SAFETY: the kernel reads both during the call, for which they are pinned.
	binary.NativeEndian.PutUint64(load[8:], uint64(uintptr(unsafe.Pointer(&program[0]))))
	binary.NativeEndian.PutUint64(load[16:], uint64(uintptr(unsafe.Pointer(&license[0]))))
	fd, err := bpf(commandLoad, load[:])
	if err != nil {
		return 0, fmt.Errorf("load a program: %w", err)
	}
	defer unix.Close(fd)
	var run [80]byte
	binary.NativeEndian.PutUint32(run[0:], uint32(fd))
	if _, err := bpf(commandRun, run[:]); err != nil {
		return 0, fmt.Errorf("run a program: %w", err)
	}
	return int32(binary.NativeEndian.Uint32(run[4:])), nil
}

// instruction is one without registers but r0.
func instruction(op uint8, value int32) uint64 {
	b := [8]byte{op}
	binary.NativeEndian.PutUint32(b[4:], uint32(value))
	return binary.NativeEndian.Uint64(b[:])
}

func bpf(command uintptr, attr []byte) (int, error) {
	// SAFETY: the kernel reads and writes len(attr) bytes, during the call.
	n, _, errno := unix.Syscall(unix.SYS_BPF, command, uintptr(unsafe.Pointer(&attr[0])), uintptr(len(attr)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
