//go:build linux && cgo

// Package libbpf is a thin binding of libbpf, the library that loads BPF objects: one
// file per noun of libbpf, without C types in its API, and without policy. It is the
// back end of generated packages (pkg/backend), and the generator reads objects with
// it.
//
// Functions return Go memory, unless their comments say otherwise. Every failure is an
// *Error that wraps a syscall.Errno or a Code.
//
// It links the libbpf that pkg-config finds. Go's build cache does not see a
// change of that library: build with the settings that "skelgen env" prints.
package libbpf
