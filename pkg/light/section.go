//go:build linux

package light

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// progInfo is what attaching reads of a program.
type progInfo struct {
	name, section string // section without '?'
	kind          uapi.ProgType
	attachType    uapi.AttachType
	// kprobes and uprobes are those of the Object.
	kprobes, uprobes Sections
}

// Targets that sections name, beside those of package backend.
type (
	// traced is the target that the program was loaded for.
	traced struct{}
	// iterated is the kind of iterator that the program was loaded for.
	iterated struct{}
	// rawTracepoint is a raw tracepoint, by its name.
	rawTracepoint struct{ name string }
)

// A badSection is the error of a section that does not have the form of its kind: EINVAL.
// Its text is libbpf's message, "" for none.
type badSection string

func (e badSection) Error() string { return string(e) }

func malformed(format string, args ...any) error { return badSection(fmt.Sprintf(format, args...)) }

// sectionTarget returns the target that the program's section names, nil if it does not
// name one. The rules are those of libbpf's table section_defs and of the functions in it,
// each of which reads the section in its own way:
//
//  1. A kind of section ends at the first slash. A kind that libbpf does not know, or that
//     needs an argument such as a network interface, does not name a target.
//  2. Programs whose target is fixed by load name it, whatever follows the slash.
//  3. Other kinds name a target only if they have a slash.
func (p *progInfo) sectionTarget() (any, error) {
	kind, rest, named := strings.Cut(p.section, "/")
	switch kind {
	case "tp_btf", "lsm", "lsm.s", "fentry", "fentry.s", "fexit", "fexit.s", "fmod_ret", "fmod_ret.s", "fsession", "fsession.s":
		return traced{}, nil
	case "freplace":
		return backend.Freplace{}, nil
	case "iter", "iter.s":
		return iterated{}, nil
	}
	if !named {
		return nil, nil
	}
	switch kind {
	case "tp", "tracepoint":
		category, name, ok := strings.Cut(rest, "/")
		if !ok {
			return nil, malformed("")
		}
		return backend.Tracepoint{Category: category, Name: name}, nil
	case "raw_tp", "raw_tp.w", "raw_tracepoint", "raw_tracepoint.w":
		return rawTracepoint{rest}, nil
	case "kprobe", "kretprobe", "ksyscall", "kretsyscall", "kprobe.multi", "kretprobe.multi", "kprobe.session":
		return p.read(p.kprobes, kind, rest)
	case "uprobe", "uprobe.s", "uretprobe", "uretprobe.s", "uprobe.multi", "uprobe.multi.s", "uretprobe.multi", "uretprobe.multi.s", "uprobe.session", "uprobe.session.s":
		return p.read(p.uprobes, kind, rest)
	case "usdt", "usdt.s":
		return backend.USDT{}, nil
	}
	return nil, nil
}

func (p *progInfo) read(s Sections, kind, rest string) (any, error) {
	if s == nil {
		return nil, malformed("prog '%s': the package does not name what sections such as '%s' need: run skelgen generate again", p.name, p.section)
	}
	return s(p, kind, rest)
}

// Kprobes reads sections that name functions of the kernel.
func Kprobes(_ *progInfo, kind, rest string) (any, error) {
	switch kind {
	case "kprobe", "kretprobe":
		return kprobeTarget(rest, kind == "kretprobe")
	case "ksyscall", "kretsyscall":
		return ksyscalled{backend.Ksyscall{Name: rest, Return: kind == "kretsyscall"}}, nil
	}
	return kprobeMultiTarget(kind, rest)
}

// Uprobes reads sections that name functions of files.
func Uprobes(p *progInfo, kind, rest string) (any, error) {
	if strings.Contains(kind, ".multi") || strings.Contains(kind, ".session") {
		return p.uprobeMultiTarget(kind, rest)
	}
	return p.uprobeTarget(rest, strings.HasPrefix(kind, "uret"))
}

// allProcesses is the PID of probes in files, by sections.
const allProcesses = -1

// kprobeTarget reads FUNCTION[+OFFSET]. Whatever follows is ignored.
func kprobeTarget(rest string, onReturn bool) (any, error) {
	function := rest[:span(rest, "_.")]
	if function == "" {
		return nil, malformed("kprobe name is invalid: %s", rest)
	}
	var offset int64
	if number, ok := strings.CutPrefix(rest[len(function):], "+"); ok {
		offset, _, _ = scanInt(number)
	}
	if onReturn && offset != 0 {
		return nil, malformed("kretprobes do not support offset specification")
	}
	return kprobed{backend.Kprobe{Function: function, Offset: uint64(offset), Return: onReturn}}, nil
}

// kprobeMultiTarget reads PATTERN. Whatever follows is ignored.
func kprobeMultiTarget(kind, rest string) (any, error) {
	pattern, session := rest[:span(rest, "_.*?")], kind == "kprobe.session"
	if pattern == "" && session {
		return nil, malformed("kprobe session pattern is invalid: %s", rest)
	} else if pattern == "" {
		return nil, malformed("kprobe multi pattern is invalid: %s", rest)
	}
	return kprobedMulti{backend.KprobeMulti{Pattern: pattern, Targets: backend.Targets{Return: kind == "kretprobe.multi", Session: session}}}, nil
}

// uprobeTarget reads FILE:FUNCTION[+OFFSET]. A plus that no number follows is part of the
// function's name.
func (p *progInfo) uprobeTarget(rest string, onReturn bool) (any, error) {
	file, function, parts := fileAndFunction(rest)
	switch parts {
	case 0:
		return nil, nil
	case 1:
		return nil, malformed("prog '%s': section '%s' missing ':function[+offset]' specification", p.name, p.section)
	}
	var offset int64
	if i := strings.LastIndexByte(function, '+'); i >= 0 {
		if n, size, ok := scanInt(function[i+1:]); ok && i+1+size == len(function) {
			function, offset = function[:i], n
		}
	}
	if onReturn && offset != 0 {
		return nil, malformed("prog '%s': uretprobes do not support offset specification", p.name)
	}
	return namedUprobe{backend.Uprobe{PID: allProcesses, Path: file, Function: function, Offset: uint64(offset), Return: onReturn}}, nil
}

// uprobeMultiTarget reads FILE:PATTERN.
func (p *progInfo) uprobeMultiTarget(kind, rest string) (any, error) {
	file, pattern, parts := fileAndFunction(rest)
	switch parts {
	case 0:
		return nil, nil
	case 1:
		return nil, malformed("prog '%s': invalid format of section definition '%s'", p.name, p.section)
	}
	return uprobedMulti{backend.UprobeMulti{PID: allProcesses, Path: file, Pattern: pattern, Targets: backend.Targets{
		Return: strings.HasPrefix(kind, "uretprobe"), Session: strings.HasPrefix(kind, "uprobe.session"),
	}}}, nil
}

// fileAndFunction splits FILE:FUNCTION. parts is how many of the two there are.
func fileAndFunction(rest string) (file, function string, parts int) {
	file, function, _ = strings.Cut(rest, ":")
	function, _, _ = strings.Cut(function, "\n")
	switch {
	case file == "":
		return "", "", 0
	case function == "":
		return file, "", 1
	}
	return file, function, 2
}

// span returns how many bytes s begins with that are letters, digits or in more.
func span(s, more string) int {
	i := strings.IndexFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune(more, r)
	})
	if i < 0 {
		return len(s)
	}
	return i
}

// scanInt reads a number as scanf's %li does: after spaces, with a sign, in base 8, 10 or
// 16 as its prefix says. A number that is too large becomes the largest one. size is the
// number of bytes read.
func scanInt(s string) (n int64, size int, ok bool) {
	digits := strings.TrimLeft(s, " \t\n\v\f\r")
	sign := ""
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		sign, digits = digits[:1], digits[1:]
	}
	base, set, prefix := 10, "0123456789", 0
	switch {
	case strings.HasPrefix(digits, "0x") || strings.HasPrefix(digits, "0X"):
		base, set, prefix = 16, "0123456789abcdefABCDEF", 2
	case strings.HasPrefix(digits, "0"):
		base, set = 8, "01234567"
	}
	number := digits[prefix:]
	number = number[:len(number)-len(strings.TrimLeft(number, set))]
	if number == "" && prefix == 0 {
		return 0, 0, false
	}
	size = len(s) - len(digits) + prefix + len(number)
	if number != "" {
		n, _ = strconv.ParseInt(sign+number, base, 64) // the error is one of range
	}
	return n, size, true
}
