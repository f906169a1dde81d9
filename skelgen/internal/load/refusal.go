package load

import (
	"cmp"
	"errors"
	"strings"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
)

// newOpenError explains in one line why libbpf did not open an object: libbpf's first
// warning explains more than the error number.
func newOpenError(err error, object []byte) error {
	var e *libbpf.Error
	if !errors.As(err, &e) {
		return err
	}
	warnings := e.Log.Warnings()
	reason := e.Err.Error()
	if len(warnings) > 0 {
		reason = ident.Printable(strings.Join(strings.Fields(warnings[0]), " "))
	}
	if hint := cmp.Or(remedy(reason), incompleteTypeAdvice(reason, object)); hint != "" {
		reason = strings.TrimSuffix(reason, ".") + "; " + hint
	}
	return &openError{reason, e}
}

type openError struct {
	reason string
	cause  *libbpf.Error
}

func (e *openError) Error() string { return "libbpf refuses the object: " + e.reason }
func (e *openError) Unwrap() error { return e.cause }
