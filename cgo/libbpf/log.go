//go:build linux

package libbpf

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"strings"
	"sync/atomic"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

var logSink atomic.Pointer[func(Log)]

// SetLogSink has sink called with what libbpf printed, after each call of this
// package that made it print, in the goroutine of that call, never inside
// libbpf. Messages above max are not formatted at all. A nil sink ends it. It
// does not touch what others print with libbpf in the same process.
func SetLogSink(max Level, sink func(Log)) {
	if sink == nil {
		C.bpfskel_set_log_level(C.LIBBPF_INFO)
		logSink.Store(nil)
		return
	}
	logSink.Store(&sink)
	C.bpfskel_set_log_level(C.int(max))
}

// libbpf numbers its levels as this package does; anything else does not compile.
var _ = [1]struct{}{}[(C.LIBBPF_WARN-int(LevelWarn))|(C.LIBBPF_INFO-int(LevelInfo))|(C.LIBBPF_DEBUG-int(LevelDebug))]

// takeLog converts a captured log, frees it, and hands it to the sink.
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
	if sink := logSink.Load(); sink != nil {
		(*sink)(out)
	}
	return out
}

// bytesPtr passes a slice's memory to a shim: NULL for an empty one, for
// one call.
func bytesPtr(b []byte) *C.uint8_t {
	return (*C.uint8_t)(mem.Of(b))
}
