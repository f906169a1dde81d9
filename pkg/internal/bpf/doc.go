// Package bpf makes, in Go, the bpf(2) system calls that only need a file descriptor.
// It is independent of objects, skeletons, and libbpf.
//
// Numbers (kinds of map, attach types, flags) are the kernel's. An error is the
// kernel's errno, without text: the caller knows the operation. File descriptors are
// int, as in package os; a result is closed on exec, never 0, 1 or 2, and belongs to
// the caller. On systems other than Linux, every call returns ENOSYS, which is
// errors.ErrUnsupported.
//
// Each command has its own struct for its part of union bpf_attr. All padding is
// explicit, because the kernel refuses bytes that are not zero behind the last field
// that it knows; the layout is asserted in layout.go for every architecture.
package bpf
