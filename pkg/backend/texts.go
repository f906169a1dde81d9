package backend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Only this file knows texts that libbpf prints, apart from texts about opening an
// object, which only the generator reads (skelgen/internal/load/advice.go). They are
// not part of its API: each is taken from the sources of 1.5.0 and 1.7.0, and
// texts_test.go compares each with the linked libbpf. How a text prints an error number
// differs between versions, so nothing depends on that. If a text changes, an error
// loses a name or a hint, but is never wrong.

// unrelatedWarnings are substrings of warnings that never explain a failure.
var unrelatedWarnings = []string{
	"BEGIN PROG LOAD LOG",
	// Kernels from 5.11 on do not count locked memory, and on older ones the next
	// failure reports it.
	"Failed to bump RLIMIT_MEMLOCK",
	// libbpf continues without BTF.
	"Retrying without BTF", "BTF loading error: ", "BEGIN BTF LOAD LOG", "BTF is optional",
	// A program without them is still loaded.
	"missing .BTF.ext function info", "missing .BTF.ext line info",
}

// Warnings about a program, map or external symbol, with its name.
var (
	programWarning = pattern{"prog '", "': "}
	mapWarnings    = []pattern{{"map '", "': "}, {"struct_ops init_kern ", " func ptr "}, {"struct_ops init_kern ", ": "}}
	externWarnings = []pattern{{"extern '", "'"}, {"extern (var ksym) '", "'"}, {"extern (func ksym) '", "'"}, {"extern (ksym) '", "'"}, {"extern (kcfg) '", "'"}}
)

// The text that libbpf prints around the verifier's log, after the name of the program.
const (
	verifierBegin  = "-- BEGIN PROG LOAD LOG --\n"
	verifierEnd    = "-- END PROG LOAD LOG --"
	programRefused = "BPF program load failed"
)

// Topic is information that libbpf provides only in a text.
type Topic int

// The topics, each with the name that Find returns for it.
const (
	NotOnBPFFS     Topic = iota // the path of a pin
	PinDiffers                  // the path of a map that does not match
	NoKernelBTF                 // the path where it should be
	NoBTFTarget                 // the function, hook or tracepoint that is not in the kernel's BTF
	UnknownSection              // a program's section that does not determine a type
	NoFile                      // the name of a program or library
	UnreadableFile              // the path of one
	NoSymbol                    // the function that a file does not have
	NoUSDT                      // the section that a file without USDT probes lacks
)

var topics = [...][]pattern{
	NotOnBPFFS:     {{"specified path ", " is not on BPF FS"}},
	PinDiffers:     {{"couldn't reuse pinned map at '", "': parameter mismatch"}},
	NoKernelBTF:    {{"kernel BTF is missing at '", "'"}},
	NoBTFTarget:    {{"': failed to find kernel BTF type ID of '", "'"}, {"", " is not found in vmlinux BTF"}},
	UnknownSection: {{"': missing BPF prog type, check ELF section name '", "'"}},
	NoFile:         {{"': failed to resolve full path for '", "'"}},
	UnreadableFile: {{"elf: failed to open ", ": "}},
	// The second is printed for a static program, which has only one symbol table.
	NoSymbol: {{"elf: failed to find symbol '", "'"}, {"elf: '", "' is 0 in symtab for '"}},
	NoUSDT:   {{"usdt: no USDT notes section (", ")"}},
}

// pattern is a text with a name in it: the text before the name, and after it.
type pattern struct{ before, after string }

// cut returns the name if s contains the pattern. The name must be in one line.
func (p pattern) cut(s string) (name string, ok bool) {
	_, rest, ok := strings.Cut(s, p.before)
	if !ok {
		return "", false
	}
	name, _, ok = strings.Cut(rest, p.after)
	return name, ok && !strings.Contains(name, "\n")
}

// cutPrefix is like cut, but s must begin with the pattern.
func (p pattern) cutPrefix(s string) (name string, ok bool) {
	if !strings.HasPrefix(s, p.before) {
		return "", false
	}
	return p.cut(s)
}

func cutFirstPrefix(patterns []pattern, s string) (name string, ok bool) {
	for _, p := range patterns {
		if name, ok = p.cutPrefix(s); ok {
			return name, true
		}
	}
	return "", false
}

// Find returns the name that the log contains for a topic.
func (l Log) Find(topic Topic) (name string, ok bool) {
	for _, m := range l {
		if m.Level != LevelWarn {
			continue
		}
		for _, t := range topics[topic] {
			if name, ok = t.cut(m.Text); ok {
				return name, true
			}
		}
	}
	return "", false
}

// Subject is the program or map that failed, if libbpf named it.
type Subject struct {
	Program, Map string // at most one of them is set
	Extern       string
}

// Subject returns the subject of the failure: the one that libbpf named last, since it
// stopped there.
func (l Log) Subject() (s Subject) {
	for _, m := range l {
		if m.Level != LevelWarn || containsAny(m.Text, unrelatedWarnings) {
			continue
		}
		if name, ok := programWarning.cutPrefix(m.Text); ok {
			s.Program, s.Map = name, ""
		} else if name, ok := cutFirstPrefix(mapWarnings, m.Text); ok {
			s.Program, s.Map = "", name
		} else if name, ok := cutFirstPrefix(externWarnings, m.Text); ok {
			s.Extern = name
		}
	}
	return s
}

// Reason returns the first line of the first warning that may be the reason of a
// failure of s, without the name in s; "" if there is none.
func (l Log) Reason(s Subject) string {
	for _, m := range l {
		if m.Level != LevelWarn || containsAny(m.Text, unrelatedWarnings) {
			continue
		}
		line, _, _ := strings.Cut(m.Text, "\n")
		if name, ok := programWarning.cutPrefix(line); ok && s.Program != "" {
			if name != s.Program {
				continue
			}
			line = strings.TrimPrefix(line, programWarning.before+name+programWarning.after)
		} else if name, ok := mapWarnings[0].cutPrefix(line); ok && s.Map != "" {
			if name != s.Map {
				continue
			}
			line = strings.TrimPrefix(line, mapWarnings[0].before+name+mapWarnings[0].after)
		}
		return line
	}
	return ""
}

// Refused returns the program that the kernel did not load, "" if the load failed for
// another reason.
func (l Log) Refused() string {
	for _, m := range l {
		name, ok := programWarning.cutPrefix(m.Text)
		if ok && m.Level == LevelWarn && strings.HasPrefix(m.Text, programWarning.before+name+programWarning.after+programRefused) {
			return name
		}
	}
	return ""
}

// VerifierLog is the verifier's log of a program that was not loaded; "" if libbpf
// printed none, because the caller has set a buffer for it.
func (l Log) VerifierLog(program string) string {
	for _, m := range l {
		if m.Level != LevelWarn {
			continue
		}
		if log, ok := strings.CutPrefix(m.Text, programWarning.before+program+programWarning.after+verifierBegin); ok {
			return strings.TrimSuffix(log, verifierEnd)
		}
	}
	return ""
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// The messages of back ends other than libbpf, in its words, so that their failures are
// explained in the same way.

// AboutProgram is a warning about a program.
func AboutProgram(name, format string, args ...any) Message {
	return Message{Text: programWarning.before + name + programWarning.after + fmt.Sprintf(format, args...)}
}

// AboutMap is a warning about a map.
func AboutMap(name, format string, args ...any) Message {
	return Message{Text: mapWarnings[0].before + name + mapWarnings[0].after + fmt.Sprintf(format, args...)}
}

// Refused says that the kernel did not load a program.
func Refused(program string, err error) Message {
	return AboutProgram(program, "%s: %v", programRefused, err)
}

// RefusedLog holds the verifier's log of a program that was not loaded.
func RefusedLog(program, log string) Message {
	return AboutProgram(program, "%s%s%s", verifierBegin, log, verifierEnd)
}

// NoTarget says that the kernel's BTF does not have a program's target.
func NoTarget(program, target string, err error) Message {
	return AboutProgram(program, "failed to find kernel BTF type ID of '%s': %v", target, err)
}

// NoExtern says that the kernel does not have a function, a variable, or with kind 0 a
// symbol that a program uses.
func NoExtern(kind uapi.BTFKind, name string) Message {
	what := "ksym"
	switch kind {
	case uapi.BTFKindFunc:
		what = "func ksym"
	case uapi.BTFKindVar:
		what = "var ksym"
	}
	return Message{Text: fmt.Sprintf("extern (%s) '%s': not found in kernel or module BTFs", what, name)}
}

// AmbiguousSymbol says that the kernel has several symbols of a name.
func AmbiguousSymbol(name string) Message {
	return Message{Text: fmt.Sprintf("extern (ksym) '%s': resolution is ambiguous: /proc/kallsyms has several addresses for it", name)}
}

// HiddenSymbol says that the address of a symbol of the kernel cannot be seen.
func HiddenSymbol(name string) Message {
	return Message{Text: fmt.Sprintf("extern (ksym) '%s': /proc/kallsyms hides its address, which needs CAP_SYSLOG and kernel.kptr_restrict below 2", name)}
}

// NoKconfig says that the kernel's configuration does not have a variable.
func NoKconfig(name, format string, args ...any) Message {
	return Message{Text: fmt.Sprintf("extern (kcfg) '%s': ", name) + fmt.Sprintf(format, args...)}
}

// PinnedDiffers says that the map pinned at path has another shape.
func PinnedDiffers(path string) Message {
	t := topics[PinDiffers][0]
	return Message{Text: t.before + path + t.after}
}

// OutsideBPFFS says that a map cannot be pinned at path.
func OutsideBPFFS(path string) Message {
	t := topics[NotOnBPFFS][0]
	return Message{Text: t.before + path + t.after}
}
