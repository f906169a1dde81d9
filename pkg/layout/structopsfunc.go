package layout

import (
	"structs"
	"syscall"
	"unsafe"
)

// StructOpsFunc is a function pointer of a struct_ops map before load: the program that the
// kernel will call, or none. It has 8 bytes, as in C, on every host.
type StructOpsFunc struct {
	_ structs.HostLayout
	p [8 / unsafe.Sizeof(uintptr(0))]uintptr // the pointer is the word that libbpf reads
}

// Function is a program that a StructOpsFunc can hold: a *skel.OpenProgram.
type Function interface {
	// Pointer returns its struct bpf_program, nil after the program is closed.
	Pointer() unsafe.Pointer
}

// Set makes the kernel call f, which must belong to the same object and to a section
// "struct_ops"; Load refuses others. The error is EINVAL if f is closed. Load loads
// only the programs that are set, unless SetAutoload decided otherwise.
func (s *StructOpsFunc) Set(f Function) error {
	if s == nil || f == nil {
		return syscall.EINVAL
	}
	p := f.Pointer()
	if p == nil {
		return syscall.EINVAL
	}
	*s = StructOpsFunc{}
	s.p[0] = uintptr(p)
	return nil
}

// Clear makes the kernel use its default for the function, if it has one.
func (s *StructOpsFunc) Clear() {
	if s != nil {
		*s = StructOpsFunc{}
	}
}

// String returns "set" or "not set".
func (s StructOpsFunc) String() string {
	if s.IsSet() {
		return "set"
	}
	return "not set"
}

// IsSet reports whether a program is set, here or by the object.
func (s *StructOpsFunc) IsSet() bool { return s != nil && *s != StructOpsFunc{} }
