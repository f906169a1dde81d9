package backend

import "strings"

// Level is libbpf's level of a message (enum libbpf_print_level).
type Level int

// libbpf's levels.
const (
	LevelWarn Level = iota
	LevelInfo
	LevelDebug
)

// Message is one message of libbpf. Text does not include the prefix "libbpf: " or the
// final line end; with a verifier log it has many lines.
type Message struct {
	Level Level
	Text  string
}

// Log holds the messages that libbpf printed during one call, in order.
type Log []Message

// FirstWarning returns the first line of the first warning that may be a reason, or "".
// A verifier log is not a reason.
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

// String returns the whole log, with one or more lines per message.
func (l Log) String() string {
	lines := make([]string, len(l))
	for i, m := range l {
		lines[i] = m.Text
	}
	return strings.Join(lines, "\n")
}
