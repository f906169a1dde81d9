//go:build linux

package light

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// What a program uses and the kernel does not have is replaced by a call of a helper
// function that does not exist: the verifier refuses a program only if it reaches one.
// The numbers are those of libbpf, and of the kernel for a relocation that failed.
const (
	poisonedRelocation = 195896080
	poisonedMap        = 2001000000 // and the map's index
	poisonedFunction   = 2002000000 // and the index in a list of names
)

// The fields of instructions that refer to maps and functions.
const (
	pseudoMapIndex   = 5 // of an instruction that loads the address of a map
	pseudoKernelCall = 2 // of a call of a function of the kernel
)

// poison replaces an instruction.
func poison(insn []byte, number int) {
	clear(insn)
	insn[0] = classJmp | callHelper
	binary.NativeEndian.PutUint32(insn[4:], uint32(number))
}

// poisonMaps replaces the use of maps that are not created.
func (l *loading) poisonMaps(insns []byte) {
	for i, m := range l.o.maps {
		if m.fd >= 0 {
			continue
		}
		for at := 0; at+16 <= len(insns); at += 8 {
			in := insns[at : at+16]
			if source := sourceOf(in); in[0] != loadImm64 || source != pseudoMapIndex && source != pseudoBlob {
				continue
			}
			if binary.NativeEndian.Uint32(in[4:]) == uint32(i) {
				poison(in[:8], poisonedMap+i)
				poison(in[8:], poisonedMap+i)
			}
		}
	}
}

// poisonFunctions replaces calls of weak functions that the kernel does not have, which the
// loader has left without a number. l.missing has the names of those whose look-up failed,
// by the address of the first instruction that calls one.
func (l *loading) poisonFunctions(insns []byte, start uint64) {
	names := make([]string, 0, len(l.missing))
	index := map[string]int{}
	for _, f := range l.missing {
		if _, ok := index[f.name]; !ok {
			index[f.name] = len(names)
			names = append(names, f.name)
		}
	}
	for at := 0; at+8 <= len(insns); at += 8 {
		in := insns[at : at+8]
		if in[0] != classJmp|callHelper || sourceOf(in) != pseudoKernelCall || binary.NativeEndian.Uint32(in[4:]) != 0 {
			continue
		}
		which := -1
		for _, f := range l.missing {
			if f.insn == start+uint64(at) {
				which = index[f.name]
			}
		}
		if which < 0 { // a later call of one of them, without a look-up of its own
			if which = 0; len(names) > 1 {
				which = len(names)
			}
		}
		poison(in, poisonedFunction+which)
	}
	l.missingNames = append(names, "one of "+strings.Join(names, ", "))
}

func sourceOf(insn []byte) byte {
	if isBigEndian {
		return insn[1] & 0xf
	}
	return insn[1] >> 4
}

// explain replaces the lines about such a call in the verifier's log by what is missing,
// in libbpf's words.
func (l *loading) explain(log string) string {
	const unknown = "call unknown#"
	start := strings.LastIndex(log, unknown)
	if start < 0 {
		return log
	}
	line := strings.LastIndexByte(log[:start], '\n') + 1
	insn, _, ok := strings.Cut(log[line:start], ":")
	text, rest, _ := strings.Cut(log[start+len(unknown):], "\n")
	number, err := strconv.Atoi(strings.TrimSpace(text))
	next, after, _ := strings.Cut(rest, "\n")
	if !ok || err != nil || !strings.HasPrefix(next, "invalid func unknown#") {
		return log
	}
	var what, why string
	switch i := number - poisonedMap; {
	case number == poisonedRelocation:
		what, why = "<invalid CO-RE relocation>", "failed to resolve CO-RE relocation "+relocationOf(log[:line], insn)
	case i >= 0 && i < len(l.o.maps):
		what, why = "<invalid BPF map reference>", fmt.Sprintf("BPF map '%s' is referenced but wasn't created", l.o.maps[i].Name())
	case number >= poisonedFunction && number-poisonedFunction < len(l.missingNames):
		what, why = "<invalid kfunc call>", fmt.Sprintf("kfunc '%s' is referenced but wasn't resolved", l.missingNames[number-poisonedFunction])
	default:
		return log
	}
	return log[:line] + insn + ": " + what + "\n" + why + "\n" + after
}

// relocationOf finds what the kernel printed about the relocation of an instruction before
// it gave up: "<byte_off> [27] STRUCT task_struct.no_such_member (0:1 @ offset 4)".
func relocationOf(log, insn string) string {
	before, _, ok := strings.Cut(log, ": substituting insn #"+insn+" w/ invalid insn")
	if !ok {
		return "of instruction " + insn
	}
	relocation := before[strings.LastIndexByte(before, '\n')+1:] + ": "
	_, what, _ := strings.Cut(log, relocation)
	what, _, _ = strings.Cut(what, "\n")
	for _, kind := range [][2]string{{"STRUCT", "struct"}, {"UNION", "union"}, {"ENUM", "enum"}, {"ENUM64", "enum64"}, {"TYPEDEF", "typedef"}} {
		what = strings.Replace(what, "] "+kind[0]+" ", "] "+kind[1]+" ", 1)
	}
	return what
}
