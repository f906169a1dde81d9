// Package bpf makes the bpf(2) system calls that need nothing but a file
// descriptor, in Go. It knows nothing of objects, skeletons, and libbpf.
//
// Numbers (kinds of map, attach types, flags) are the kernel's. An error is the
// errno as it came from the kernel, without text: the caller knows what it was
// doing. File descriptors are int, as in package os; a result is closed on exec,
// never 0, 1 or 2, and belongs to the caller. Programs that were built for another
// system than Linux get ENOSYS from every call, which is errors.ErrUnsupported.
//
// Each command has a struct of its own for its part of union bpf_attr. All padding
// is explicit, because the kernel refuses bytes that are not zero behind the last
// field that it knows; the layout is asserted in layout.go for every architecture.
package bpf
