// Package backend is the layer between a skeleton and the library that opens, loads and
// attaches its object: interfaces, and the plain data that pass through them. Of this
// module it imports only the kernel's numbers.
//
// Package skel itself does everything that requires only a file descriptor: elements of
// maps, pins, information, test runs, and the kinds of attachment that are one system
// call. A back end does the rest. Package cgo/libbpf is the back end with libbpf.
//
// Applications do not use this package: generated packages choose their back end.
package backend
