// Package uapi holds the numbers of bpf(2): kinds of map, program and link, where
// programs are attached, commands and flags, as Go types that print as their names.
//
// The numbers are the kernel's and never change, so the package builds and means the
// same on every system. They are those of golang.org/x/sys/unix, which has them for
// Linux only, and those of newer kernels that it lacks. A number that is not here can
// be used all the same: uapi.MapType(99).
package uapi

import (
	"strconv"
	"strings"
)

// A release of Linux is 100*major + minor.
type release int

// newest is the release whose headers the tables were last compared with. A later
// kernel may have numbers that are not here.
const newest release = 703

// A row is one number. A number's second name, which the kernel keeps for old
// programs, is a row behind that of the first.
type row[T ~uint32 | ~uint64] struct {
	value T
	name  string
	since release // 0 if golang.org/x/sys/unix has it, or is not about numbers of this kind
}

// An enum is a table of numbers of which one holds at a time.
type enum[T ~uint32 | ~uint64] struct {
	kind   string // of the numbers, for those without a name
	prefix string // of the kernel's names, which are otherwise those of the rows in upper case
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

// flagText is the names of the flags in v. Unknown ones follow as one number.
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
