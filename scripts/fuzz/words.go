package main

import (
	"bytes"
	"go/token"
	"math/rand/v2"
	"os/exec"
	"strings"
	"unicode/utf8"
)

// injected is the identifier that hostile names try to bring into generated code.
const injected = "fuzz_injected"

// breakouts try to end the string or comment around a name, and to continue as code.
var breakouts = []string{
	"\n", "\r", "\r\n", "\t", "\v", "\f", "\x01", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\u2029", "\ufeff", "\u202e",
	"\xff", "\xc3\x28", "\xed\xa0\x80", "\xf0\x9f\x92", "\U0001f4a9", "é", "名前", "ａ", "ñ́",
	"\"", "'", "`", "\\", "\\\n", "\\\"", "\\u0041", "\\x41", "??/", "%s%n%d", "%!", "$", "$(id)", "#", "@",
	"*/", "/*", "//", "*/ /*", "-->", "{{.Package}}", "{{", "}}", "{{/*", "[[", "<%",
	"\nfunc init() { " + injected + "() }\n", "\nvar " + injected + " int\n", "\nimport \"os\"\n", "; var " + injected + " int",
	"*/ import \"C\" /*", "*/ var " + injected + " int /*", "\n#cgo LDFLAGS: -L/" + injected + "\n", "\n#include \"" + injected + ".h\"\n",
	"\n#define int " + injected + "\n", "; int " + injected + "; int x", "\"; int " + injected + "; \"", "\n*/\n//go:build ignore\n/*\n",
	"\n//go:linkname " + injected + " runtime.x\n", "\n//export " + injected + "\n", "\npackage " + injected + "\n",
	"`; var " + injected + " = `", "'; int " + injected + "; '", "x[1]; int " + injected, "(*x)(void)", "NAME", "IDENT", "MAP", "GUARD", "INDEX", "VAR", "SECTION",
}

// spellings are names with unusual characters, underscores or letter case.
var spellings = []string{
	" ", "  ", ".", "..", "a.b", "a-b", "a b", "1", "1abc", "0x10", "_", "__", "___", "_1", "_x", "x_", "x__", "a__b", "a_b", "aB", "AB", "ab", "Ab",
	"_A", "__A", "a_", "A_", "é", "É", "ß", "ſ", "ı", "K", "x\u0301", "-x", "+x", "~", "a/b", "/", "a,b", "a=b", "a:b", "a|b", "<a>", "[a]", "(a)", "a;b", "&a", "*a",
}

// goWords are names that already have a meaning in Go or in the generated package.
var goWords = strings.Fields(`
	bool byte complex64 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr
	any comparable true false iota nil append cap clear close complex copy delete imag len make max min new panic print println
	real recover init main C unsafe strconv layout skel errors spec p s o l err
	Open OpenAndLoad Load Close Attach Detach Skel OpenSkel Maps Progs Links OpenMaps OpenProgs StructOps Rodata Data Bss Kconfig Arena
	RodataView KconfigView Use Object OpenObject Error String Is As Unwrap GoString Format Read Write Len Get Set
	open load close attach detach skel maps progs links data bss rodata kconfig arena struct_ops error string is as unwrap go_string
	generation_ Key Value key value Union Struct Enum`)

// cWords are names that already have a meaning in C, C++, GNU C or the header.
var cWords = strings.Fields(`
	auto break case char const continue default do double else enum extern float for goto if inline int long register restrict
	return short signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool
	_Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local asm typeof __asm__ __attribute__ __typeof__ __extension__
	__int128 __builtin_offsetof __func__ __FUNCTION__ __FILE__ __LINE__ __thread __label__ __real__ __imag__ __alignof__ __const
	alignas alignof bool catch class concept consteval constexpr decltype delete dynamic_cast explicit export false final friend
	mutable namespace new noexcept nullptr operator override private protected public reinterpret_cast static_assert static_cast
	template this thread_local throw true try typeid typename using virtual wchar_t and and_eq bitand bitor compl not not_eq or
	or_eq xor xor_eq nullptr_t constinit char8_t char16_t char32_t _BitInt _Decimal32 _Float16 _Float128
	errno NULL EOF stdin stdout stderr unix linux i386 assert offsetof va_list size_t ssize_t FILE calloc free malloc
	bpf_object bpf_map bpf_program bpf_link bpf_object_skeleton bpf_object_open_opts bpf_map__initial_value skeleton obj skel sz
	elf_bytes open_and_load create_skeleton bpfskel_create struct_ops progs maps links data LIBBPF_MAJOR_VERSION SKEL_OPAQUE_DATA`)

// macros returns all macros that are defined where the header is included.
func macros() []string {
	flags, _ := exec.Command("pkg-config", "--cflags", "libbpf").Output()
	args := append([]string{"-dM", "-E"}, strings.Fields(string(flags))...)
	cmd := exec.Command("cc", append(args, "-x", "c", "-")...)
	cmd.Stdin = strings.NewReader("#include <errno.h>\n#include <stddef.h>\n#include <stdlib.h>\n#include <bpf/libbpf.h>\n")
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	var list []string
	for line := range bytes.Lines(out) {
		if fields := bytes.Fields(line); len(fields) > 1 {
			name, _, _ := bytes.Cut(fields[1], []byte("("))
			list = append(list, string(name))
		}
	}
	return list
}

// words makes hostile names.
type words struct{ macros, keywords []string }

func newWords() words {
	w := words{macros: append(macros(), "errno")}
	for t := token.BREAK; t <= token.VAR; t++ {
		w.keywords = append(w.keywords, t.String())
	}
	w.keywords = append(append(w.keywords, goWords...), cWords...)
	return w
}

// kinds of hostile names. old is the name to replace, others are the names that stay.
var kinds = []struct {
	name string
	make func(w words, r *rand.Rand, old string, others []string) string
}{
	{"a macro", func(w words, r *rand.Rand, _ string, _ []string) string { return pick(r, w.macros) }},
	{"a macro", func(w words, r *rand.Rand, _ string, _ []string) string { return pick(r, w.macros) }},
	{"a word of a language", func(w words, r *rand.Rand, _ string, _ []string) string { return pick(r, w.keywords) }},
	{"a word of a language", func(w words, r *rand.Rand, _ string, _ []string) string { return pick(r, w.keywords) }},
	{"a respelled word of a language", func(w words, r *rand.Rand, _ string, _ []string) string { return respell(r, pick(r, w.keywords)) }},
	{"an odd spelling", func(_ words, r *rand.Rand, _ string, _ []string) string { return pick(r, spellings) }},
	{"a breakout", func(_ words, r *rand.Rand, _ string, _ []string) string { return pick(r, breakouts) }},
	{"a breakout at the end", func(_ words, r *rand.Rand, old string, _ []string) string { return old + pick(r, breakouts) }},
	{"a breakout within", func(_ words, r *rand.Rand, old string, _ []string) string {
		at := r.IntN(len(old) + 1)
		return old[:at] + pick(r, breakouts) + old[at:]
	}},
	{"two breakouts", func(_ words, r *rand.Rand, _ string, _ []string) string {
		return pick(r, breakouts) + pick(r, breakouts)
	}},
	{"random bytes", func(_ words, r *rand.Rand, _ string, _ []string) string { return randomBytes(r) }},
	{"a random letter", func(_ words, r *rand.Rand, old string, _ []string) string { return old + randomRune(r) }},
	{"a very long name", func(_ words, r *rand.Rand, old string, _ []string) string {
		return old + strings.Repeat(pick(r, []string{"x", "_y", "Zz", "é"}), []int{60, 128, 254, 255, 256, 1024, 5000}[r.IntN(7)])
	}},
	{"another's name", func(_ words, r *rand.Rand, _ string, others []string) string { return pick(r, others) }},
	{"another's name, almost", func(_ words, r *rand.Rand, _ string, others []string) string { return respell(r, pick(r, others)) }},
	{"another's name, almost", func(_ words, r *rand.Rand, _ string, others []string) string { return respell(r, pick(r, others)) }},
	{"two names in one", func(_ words, r *rand.Rand, old string, others []string) string { return old + "_" + pick(r, others) }},
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// respell changes the spelling of a name so that both may become the same identifier of Go or C.
func respell(r *rand.Rand, s string) string {
	switch r.IntN(9) {
	case 0:
		return strings.ReplaceAll(s, "_", "__")
	case 1:
		return strings.ReplaceAll(s, "_", "")
	case 2:
		return strings.ReplaceAll(s, "_", ".")
	case 3:
		return strings.ToUpper(s)
	case 4:
		return s + "_"
	case 5:
		return "_" + s
	case 6:
		return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
	case 7:
		return s + pick(r, []string{"1", "2", "_1", "_2", "View", "_view", "Len", "_len", "X", "x", "_field", "Field"})
	default:
		return strings.ReplaceAll(s, "_", "-")
	}
}

func randomBytes(r *rand.Rand) string {
	b := make([]byte, 1+r.IntN(24))
	for i := range b {
		b[i] = byte(1 + r.IntN(255))
	}
	return string(b)
}

func randomRune(r *rand.Rand) string {
	for {
		if c := rune(r.IntN(utf8.MaxRune)); utf8.ValidRune(c) && c != 0 {
			return string(c)
		}
	}
}
