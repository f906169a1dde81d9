// Package ctest holds the tests of the C headers that need libbpf, a C
// compiler, the reference bpftool or a kernel. The fixtures are in
// skelgen/testdata: NAME/NAME.bpf.c, its object, and want.skel.h and
// want_subskel.h, its headers.
package ctest
