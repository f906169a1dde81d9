// Package uapi holds the numbers of bpf(2): kinds of map, program and link, where
// programs are attached, commands and flags, as Go types that print as their names.
//
// The numbers are part of the kernel's interface and never change, so the package
// builds on every system. It has the numbers that golang.org/x/sys/unix has for Linux,
// and the numbers of newer kernels. A number that the package lacks can still be used:
// uapi.MapType(99).
package uapi

import (
	"strconv"
	"strings"
)

// A release of Linux is 100*major + minor.
type release int

// newest is the release whose headers the tables were last compared with. A later
// kernel may have numbers that the tables lack.
const newest release = 703

// A row is one number and its name. If the kernel has two names for a number, the row
// with the name that String returns comes first.
type row[T ~uint32 | ~uint64] struct {
	value T
	name  string
	since release // the first release that has it; 0 if golang.org/x/sys/unix has it, or none of its type
}

// An enum is a table of alternatives, as opposed to flags.
type enum[T ~uint32 | ~uint64] struct {
	kind   string // the word with which String prints a number without a name
	prefix string // the kernel's names are this prefix and the rows' names in upper case
	rows   []row[T]
}

func (e *enum[T]) text(v T) string {
	for i := range e.rows {
		if e.rows[i].value == v {
			return e.rows[i].name
		}
	}
	return e.kind + "(" + strconv.FormatUint(uint64(v), 10) + ")"
}

// flagText returns the names of the flags in v, joined by "|". Flags without a name
// follow as one number.
func flagText[T ~uint32 | ~uint64](rows []row[T], v T) string {
	var names []string
	rest := v
	for i := range rows {
		if r := &rows[i]; r.value == v || r.value != 0 && rest&r.value == r.value {
			names = append(names, r.name)
			rest &^= r.value
		}
	}
	switch {
	case rest != 0:
		names = append(names, "0x"+strconv.FormatUint(uint64(rest), 16))
	case len(names) == 0:
		return "0"
	}
	return strings.Join(names, "|")
}
