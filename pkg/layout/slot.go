package layout

import (
	"structs"
	"syscall"
	"unsafe"
)

// FuncSlot is a function pointer of a struct_ops map before load: the program that
// the kernel will call, or none. It has C's size, 8 bytes whatever the host.
type FuncSlot struct {
	_ structs.HostLayout
	p [8 / unsafe.Sizeof(uintptr(0))]uintptr // the pointer is the word that libbpf reads
}

// Function is a program that a FuncSlot can hold: a *skel.OpenProgram.
type Function interface {
	// Pointer returns its struct bpf_program, nil once that is closed.
	Pointer() unsafe.Pointer
}

// Set makes the kernel call f. It is of the same object, and of a section
// "struct_ops"; Load refuses others. A closed f is EINVAL. The programs
// that are set are the ones that Load loads, unless SetAutoload decided otherwise.
func (s *FuncSlot) Set(f Function) error {
	if s == nil || f == nil {
		return syscall.EINVAL
	}
	p := f.Pointer()
	if p == nil {
		return syscall.EINVAL
	}
	*s = FuncSlot{}
	s.p[0] = uintptr(p)
	return nil
}

// Clear leaves the function to the kernel's default, if it has one.
func (s *FuncSlot) Clear() {
	if s != nil {
		*s = FuncSlot{}
	}
}

// String returns "set" or "not set".
func (s FuncSlot) String() string {
	if s.IsSet() {
		return "set"
	}
	return "not set"
}

// IsSet reports whether a program is set, here or by the object.
func (s *FuncSlot) IsSet() bool { return s != nil && *s != FuncSlot{} }
