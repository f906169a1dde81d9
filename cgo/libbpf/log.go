package libbpf

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"strings"
	"sync/atomic"
	"unsafe"
)

// Level is the level that libbpf gave a message (enum libbpf_print_level).
type Level int

// libbpf's levels.
const (
	LevelWarn  Level = C.LIBBPF_WARN
	LevelInfo  Level = C.LIBBPF_INFO
	LevelDebug Level = C.LIBBPF_DEBUG
)

// Message is one message of libbpf's. Text has no "libbpf: " before it and no
// line end after it; a verifier log makes it many lines long.
type Message struct {
	Level Level
	Text  string
}

// Log is what libbpf printed during one call, in order.
type Log []Message

// FirstWarning returns the first line of the first warning that is not a
// verifier log, or "".
func (l Log) FirstWarning() string {
	for _, m := range l {
		if m.Level != LevelWarn || strings.Contains(m.Text, "BEGIN PROG LOAD LOG") {
			continue
		}
		line, _, _ := strings.Cut(m.Text, "\n")
		return line
	}
	return ""
}

// Warnings returns the texts of the warnings.
func (l Log) Warnings() []string {
	var out []string
	for _, m := range l {
		if m.Level == LevelWarn {
			out = append(out, m.Text)
		}
	}
	return out
}

// String is the whole log, a line or more for each message.
func (l Log) String() string {
	lines := make([]string, len(l))
	for i, m := range l {
		lines[i] = m.Text
	}
	return strings.Join(lines, "\n")
}

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

// bytesPtr passes a slice's memory to a shim: NULL for an empty one.
func bytesPtr(b []byte) *C.uint8_t {
	// SAFETY: SliceData keeps to the slice's own array, and the pointer is
	// used for one call only.
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b)))
}
