package bpf

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// call calls bpf(2) and tells the scheduler, so that other goroutines continue if it
// takes long.
func call(cmd uapi.Cmd, attr unsafe.Pointer, size uintptr) (int, Errno) {
	// SAFETY: attr is a struct of size bytes that stays where it is during the
	// call: a stack does not move in a system call. What it points to is kept by
	// its typed pointers, since it lives as long.
	r, _, errno := syscall.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(attr), size)
	return int(r), errno
}

// quickCall calls bpf(2) without telling the scheduler, which saves 30 to 90 ns. Use it
// only for calls that neither block nor take long: until the call returns, other
// goroutines of this processor do not run, and a garbage collection waits.
func quickCall(cmd uapi.Cmd, attr unsafe.Pointer, size uintptr) Errno {
	// SAFETY: as in call.
	_, _, errno := syscall.RawSyscall(unix.SYS_BPF, uintptr(cmd), uintptr(attr), size)
	return errno
}

// callFD makes a call whose result is a file descriptor. It replaces 0, 1 and 2: 0
// means "none" in union bpf_attr, and a program may write to 1 and 2 blindly.
func callFD(cmd uapi.Cmd, attr unsafe.Pointer, size uintptr) (int, error) {
	fd, errno := call(cmd, attr, size)
	if errno != 0 {
		return -1, errno
	}
	if fd > 2 {
		return fd, nil
	}
	good, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	unix.Close(fd)
	if err != nil {
		return -1, err
	}
	return good, nil
}

// readKernelFile reads a file of /proc or /sys.
func readKernelFile(path string) ([]byte, error) { return os.ReadFile(path) }

// readKernelLink reads a symbolic link of /proc.
func readKernelLink(path string) (string, error) { return os.Readlink(path) }

func isPerfEvent(fd int) bool {
	var id uint64
	// SAFETY: the kernel writes 8 bytes, on every architecture.
	_, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.PERF_EVENT_IOC_ID, uintptr(unsafe.Pointer(&id)))
	return errno == 0
}

const errBadState = unix.EBADFD

// Signals that stay deliverable in withoutSignals: faults, which Go's run time turns
// into panics, and the two by which C libraries change something in all threads.
var undeferrableSignals = []syscall.Signal{
	unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGSYS, 32, 33, 34,
}

// withoutSignals calls f on a thread on which signals wait until it returns. A call
// that any signal interrupts would otherwise fail in a program that uses a profiler or
// starts processes.
func withoutSignals(f func()) {
	var block, before unix.Sigset_t
	for i := range block.Val {
		block.Val[i] = ^block.Val[i]
	}
	for _, s := range undeferrableSignals {
		word := 8 * int(unsafe.Sizeof(block.Val[0])) // bits of one; only its size is used
		block.Val[int(s-1)/word] &^= 1 << (int(s-1) % word)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.PthreadSigmask(unix.SIG_BLOCK, &block, &before) == nil {
		defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	}
	f()
}

// raiseMemlock removes the limit of locked memory if maps count against it: kernels
// before 5.11 refuse a map beyond the limit with EPERM. It reports whether a retry
// makes sense.
func raiseMemlock() bool {
	var name unix.Utsname
	if unix.Uname(&name) != nil || !releaseBefore(unix.ByteSliceToString(name.Release[:]), 5, 11) {
		return false
	}
	limit := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	return unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil
}
