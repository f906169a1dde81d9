package backend

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Refuse returns the error EINVAL of operation op, with a reason.
func Refuse(op, format string, args ...any) error {
	return &Error{Op: op, Err: syscall.EINVAL, Log: Log{{Text: fmt.Sprintf(format, args...)}}}
}

// CheckShape refuses, in operation op, to change the shape of a map whose memory depends
// on it. Back ends call it.
func CheckShape(m Map, op string) error {
	switch {
	case m.Internal():
		return Refuse(op, "a data section is an array of one element")
	case m.Type() == uapi.MapTypeStructOps:
		return Refuse(op, "the kernel's struct decides the shape of a struct_ops map")
	case m.Type() == uapi.MapTypeArena:
		return Refuse(op, "libbpf does not resize the data of an arena")
	}
	return nil
}
