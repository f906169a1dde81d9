package skel

import (
	"context"
	"log/slog"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// SetLogger sends the messages that libbpf prints during calls of this package to logger:
// warnings, information and, if logger is enabled for them when SetLogger is called, debug
// messages. The logger is called after the libbpf call that printed, in the goroutine of
// that call, and must not call back into the skeleton. With nil, the default, nothing is
// logged; errors carry their messages in any case. The setting is process-wide.
// (libbpf_set_print)
func SetLogger(logger *slog.Logger) {
	if logger == nil {
		backend.SetLogSink(backend.LevelInfo, nil)
		return
	}
	highest := backend.LevelInfo
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		highest = backend.LevelDebug
	}
	backend.SetLogSink(highest, func(log backend.Log) {
		for _, m := range log {
			logger.Log(context.Background(), slogLevel(m.Level), m.Text, "source", "libbpf")
		}
	})
}

func slogLevel(l backend.Level) slog.Level {
	switch l {
	case backend.LevelWarn:
		return slog.LevelWarn
	case backend.LevelInfo:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
