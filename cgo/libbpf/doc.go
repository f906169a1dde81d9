//go:build linux && cgo

// Package libbpf is a thin binding of libbpf, the library that loads BPF
// objects: one file for each of libbpf's nouns, no C type in its API, and no
// policy. It is the back end of generated packages (pkg/backend), and what the
// generator reads objects with.
//
// Memory that a function returns is Go's, unless its comment says otherwise.
// Every failure is an *Error that wraps a syscall.Errno or a Code.
//
// It links the libbpf that pkg-config finds. Go's build cache does not see a
// change of that library: build with the settings that "skelgen env" prints.
package libbpf
