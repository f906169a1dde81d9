//go:build linux

package light

import (
	"encoding/binary"
	"fmt"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// loading makes the calls of an object's loader. The loader creates the maps in the order
// of the description, each after the template of its elements if it has one, and loads
// the programs in that order. So each call is known by its place.
type loading struct {
	o   *object
	log backend.Log
	// failure explains the last call that failed. The loader goes on after some failures.
	failure *backend.Error
	fds     map[int]bool // descriptors that the loader opened and that nobody else owns

	nextMap      int
	templateDone bool // of the next map
	nextProgram  int
	targetDone   bool // of the next program
	symbols      map[string]kernelSymbol
	kernel       *kernelTypes // kept for the next look-up
	btfErr       error        // why the object's BTF is not in the kernel
	// fatal is set by a look-up that failed for another reason than that the kernel does not
	// have the name: the loader goes on as if a weak one were missing.
	fatal bool
	// missing are the weak functions that the kernel does not have and the next program
	// calls, missingNames their names.
	missing      []missingFunction
	refusal      backend.Log // of the last program that the kernel did not load
	missingNames []string
	poison       func(insns []byte, start uint64) // replaces those calls, nil if there are none
}

type missingFunction struct {
	name string
	insn uint64 // the loader's address of an instruction that calls it
}

// placeholderFD is the first of the numbers that the loader gets as descriptors of maps that are
// not created; no descriptor is that large.
const placeholderFD = 1 << 30

// recordFailure records a failure and returns it.
func (l *loading) recordFailure(err error, why ...backend.Message) error {
	if errno, ok := err.(syscall.Errno); ok {
		err = errnoOf(errno)
	}
	l.failure = &backend.Error{Op: "load", Err: err, Log: append(slices.Clip(l.log), why...)}
	return l.failure
}

// failureResult records a failure and returns the helper's result.
func (l *loading) failureResult(err error, why ...backend.Message) int64 {
	_ = l.recordFailure(err, why...)
	if errno, ok := err.(syscall.Errno); ok {
		return -int64(errno)
	}
	return -int64(syscall.EINVAL)
}

// closeLater notes a new descriptor, which the loader closes or passes on.
func (l *loading) closeLater(fd int) int64 {
	l.fds[fd] = true
	return int64(fd)
}

func (l *loading) closeFD(fd int32) int64 {
	if l.fds[int(fd)] {
		delete(l.fds, int(fd))
		unix.Close(int(fd))
	}
	return 0
}

// closeRest closes what a failed or damaged loader has left open.
func (l *loading) closeRest() {
	for fd := range l.fds {
		unix.Close(fd)
	}
	clear(l.fds)
}

// attributes reads a command's union bpf_attr, in which the loader's addresses are those of
// the machine. What lies beyond its end is 0.
type attributes struct {
	m    *machine
	attr []byte
}

func (a attributes) word(offset int) uint32 {
	if offset+4 > len(a.attr) {
		return 0
	}
	return binary.NativeEndian.Uint32(a.attr[offset:])
}

// memory is size bytes at the address in the field at offset; nil if the loader does not
// have them.
func (a attributes) memory(offset int, size uint64) []byte {
	if offset+8 > len(a.attr) {
		return nil
	}
	return a.m.bytes(binary.NativeEndian.Uint64(a.attr[offset:]), size)
}

// name is a name field.
func (a attributes) name(offset int) string {
	const size = 16
	if offset+size > len(a.attr) {
		return ""
	}
	return unix.ByteSliceToString(a.attr[offset : offset+size])
}

func (l *loading) bpf(m *machine, cmd uapi.Cmd, attr []byte) int64 {
	a := attributes{m, attr}
	switch cmd {
	case uapi.CmdBTFLoad:
		return l.loadBTF(a)
	case uapi.CmdMapCreate:
		return l.createMap(a)
	case uapi.CmdMapUpdateElem:
		return l.updateMap(a)
	case uapi.CmdMapFreeze:
		return l.freezeMap(a)
	case uapi.CmdProgLoad:
		return l.loadProgram(a)
	}
	return l.failureResult(fmt.Errorf("%w: %w (it calls %v)", syscall.EINVAL, errDamaged, cmd))
}

var errAddress = fmt.Errorf("%w: %w (an address is not the loader's)", syscall.EINVAL, errDamaged)

// loadBTF loads the object's BTF. Without it, maps and programs are created without
// types, as libbpf does.
func (l *loading) loadBTF(a attributes) int64 {
	data := a.memory(0, uint64(a.word(16)))
	if data == nil {
		return l.failureResult(errAddress)
	}
	fd, err := bpf.LoadBTF(data, nil)
	if err != nil {
		l.btfErr = err
		l.log = append(l.log, backend.Message{Text: fmt.Sprintf("BTF loading error: %v. BTF is optional, ignoring.", err)})
		return placeholderFD
	}
	l.o.btfFD = fd
	return int64(fd) // the object owns it
}

// btf returns the descriptor in the field at offset, 0 if the object's BTF is not in the
// kernel.
func (l *loading) btf(a attributes, offset int) int {
	if fd := int(a.word(offset)); fd == l.o.btfFD {
		return fd
	}
	return 0
}
