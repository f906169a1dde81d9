// Package guard keeps a crash of a C library from becoming a Go traceback: a program
// that imports it runs as the child of a process that only waits, and that reports in
// one line what the child was doing when it died.
//
// Use it in short-lived commands. The fork happens before Go's run time starts.
package guard

/*
#include <stdlib.h>
#include "guard.h"
*/
import "C"

import (
	"time"
	"unsafe"
)

// Call runs f, which calls into C on data that may be damaged. A crash in it (SIGSEGV,
// SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP), or more than limit of CPU time, ends the
// program with exit status 1 and one line on standard error that begins with what. A
// signal from another process ends the program as usual. While f runs, a nil pointer in
// Go code counts as a crash too. Only one call runs at a time; limit is rounded up to
// whole seconds.
func Call(what string, limit time.Duration, f func()) {
	cwhat := C.CString(what)
	defer C.free(unsafe.Pointer(cwhat)) // SAFETY: our own C memory; copied by enter
	C.bpfskel_guard_enter(cwhat, C.uint((limit+time.Second-1)/time.Second))
	defer C.bpfskel_guard_leave()
	f()
}
