package skel

import (
	"context"
	"log/slog"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// SetLogger sends what libbpf prints during calls of this package to logger:
// its warnings, its information and, if logger is enabled for them now, its debug
// messages. It is called after the libbpf call that printed, in the goroutine of
// that call, and must not call back into the skeleton. With nil, as at first,
// nothing is logged; errors carry their messages in any case. The setting is the
// process's. (libbpf_set_print)
func SetLogger(logger *slog.Logger) {
	if logger == nil {
		libbpf.SetLogSink(libbpf.LevelInfo, nil)
		return
	}
	highest := libbpf.LevelInfo
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		highest = libbpf.LevelDebug
	}
	libbpf.SetLogSink(highest, func(log libbpf.Log) {
		for _, m := range log {
			logger.Log(context.Background(), slogLevel(m.Level), m.Text, "source", "libbpf")
		}
	})
}

func slogLevel(l libbpf.Level) slog.Level {
	switch l {
	case libbpf.LevelWarn:
		return slog.LevelWarn
	case libbpf.LevelInfo:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
