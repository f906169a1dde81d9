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

// Errors and messages have the types of package backend.
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

// This compiles only if libbpf's numbers are the same as in package backend.
var (
	_ = [1]struct{}{}[(C.__LIBBPF_ERRNO__START-int(backend.ErrLibelf))|(C.LIBBPF_ERRNO__NLPARSE-int(backend.ErrNetlink))]
	_ = [1]struct{}{}[(C.LIBBPF_WARN-int(LevelWarn))|(C.LIBBPF_INFO-int(LevelInfo))|(C.LIBBPF_DEBUG-int(LevelDebug))]
)

// result returns nil if a shim's result is not negative, otherwise an *Error.
func result[Int ~int | ~int32](op string, rc Int, log Log) error {
	switch {
	case rc >= 0:
		return nil
	case backend.IsCode(int(-rc)):
		return &Error{Op: op, Err: backend.Code(-rc), Log: log}
	}
	return &Error{Op: op, Err: backend.Errno(int(-rc)), Log: log}
}

// trimMessage removes the prefix and surrounding space from a message of libbpf.
func trimMessage(s string) string {
	return strings.TrimSpace(strings.TrimPrefix(s, "libbpf: "))
}
