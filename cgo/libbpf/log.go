//go:build linux && cgo

package libbpf

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"strings"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/mem"
)

func init() {
	backend.OnLogLevel(func(max Level) { C.bpfskel_set_log_level(C.int(max)) })
}

// takeLog converts a captured log, frees it, and passes it to the sink.
func takeLog(log *C.struct_bpfskel_log) Log {
	if log.records.len == 0 {
		C.bpfskel_text_free(&log.records)
		return nil
	}
	// SAFETY: records.text holds records.len bytes until the free below; C.GoStringN copies.
	raw := C.GoStringN(log.records.text, C.int(log.records.len))
	C.bpfskel_text_free(&log.records)
	var out Log
	for rec := range strings.SplitSeq(strings.TrimSuffix(raw, "\x00"), "\x00") {
		if rec == "" {
			continue
		}
		out = append(out, Message{Level: Level(rec[0] - '0'), Text: trimMessage(rec[1:])})
	}
	backend.Emit(out)
	return out
}

// bytesPtr returns a slice's memory for one call of a shim, NULL for an empty slice.
func bytesPtr(b []byte) *C.uint8_t {
	return (*C.uint8_t)(mem.Of(b))
}
