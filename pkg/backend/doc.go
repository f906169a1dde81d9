// Package backend is what stands between a skeleton and the library that opens, loads
// and attaches its object: interfaces, and the plain data that pass through them. It
// imports nothing else of this module but the kernel's numbers.
//
// Package skel does all that needs nothing but a file descriptor by itself: elements of
// maps, pins, information, test runs, and the kinds of attachment that are one system
// call. A back end has the rest. Package cgo/libbpf is the one with libbpf.
//
// A program uses none of it: generated packages choose their back end.
package backend
