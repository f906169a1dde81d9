// Package skel is the run time of the packages that skelgen generates: the life
// cycle of a skeleton, its maps, programs and links. Programs use it through a
// generated package, whose fields have its types.
//
// An OpenSkel is an object that was read; its Load makes the Skel, which
// is in the kernel. Close ends either. All methods may be called from any number
// of goroutines, Close among them: it waits for calls that are under way, and
// every later call returns ErrClosed. The section pointers of a skeleton are
// plain memory and have no such protection: what is copied out of them is unmapped
// by Close.
//
// Nothing is closed by the garbage collector: a pointer into mapped memory does
// not keep its skeleton alive. Call Close.
//
// Errors say operation, object, and map or program, carry what libbpf printed
// during the call, and wrap a syscall.Errno or one of libbpf's own codes. The
// package prints nothing; SetLogger gets what libbpf has to say.
package skel
