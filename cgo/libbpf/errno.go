//go:build linux && cgo

package libbpf

/*
#include "shim.h"
*/
import "C"

import (
	"strings"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// Failures and what libbpf printed are those of package backend.
type (
	Error   = backend.Error
	Log     = backend.Log
	Message = backend.Message
	Level   = backend.Level
)

// libbpf's levels.
const (
	LevelWarn  = backend.LevelWarn
	LevelInfo  = backend.LevelInfo
	LevelDebug = backend.LevelDebug
)

// libbpf's numbers are those of package backend; anything else does not compile.
var (
	_ = [1]struct{}{}[(C.__LIBBPF_ERRNO__START-int(backend.ErrLibelf))|(C.LIBBPF_ERRNO__NLPARSE-int(backend.ErrNetlink))]
	_ = [1]struct{}{}[(C.LIBBPF_WARN-int(LevelWarn))|(C.LIBBPF_INFO-int(LevelInfo))|(C.LIBBPF_DEBUG-int(LevelDebug))]
)

// result is nil for a shim's result that is not negative, otherwise an *Error.
func result[Int ~int | ~int32](op string, rc Int, log Log) error {
	switch {
	case rc >= 0:
		return nil
	case backend.IsCode(int(-rc)):
		return &Error{Op: op, Err: backend.Code(-rc), Log: log}
	}
	return &Error{Op: op, Err: backend.Errno(int(-rc)), Log: log}
}

// trimMessage makes one line of a message of libbpf's.
func trimMessage(s string) string {
	return strings.TrimSpace(strings.TrimPrefix(s, "libbpf: "))
}
