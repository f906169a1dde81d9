package backend

import "strings"

// Level is the level that libbpf gave a message (enum libbpf_print_level).
type Level int

// libbpf's levels.
const (
	LevelWarn Level = iota
	LevelInfo
	LevelDebug
)

// Message is one message of libbpf's. Text has no "libbpf: " before it and no
// line end after it; a verifier log makes it many lines long.
type Message struct {
	Level Level
	Text  string
}

// Log is what libbpf printed during one call, in order.
type Log []Message

// FirstWarning returns the first line of the first warning that may be a reason,
// which a verifier log is not, or "".
func (l Log) FirstWarning() string { return l.Reason(Subject{}) }

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
