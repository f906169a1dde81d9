package load

import (
	"strings"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
)

// advices say what to do about a refusal: the first row whose text is in
// libbpf's message counts.
var advices = []struct{ message, advice string }{
	{"legacy map definitions", `declare maps with BTF, in SEC(".maps")`},
	{"failed to find BTF for extern", "link the objects first, with bpftool gen object, or mark it __ksym or __kconfig if it is the kernel's"},
	{"unrecognized extern section", "link the objects first, with bpftool gen object"},
	{"invalid pinning value", "libbpf knows LIBBPF_PIN_NONE and LIBBPF_PIN_BY_NAME"},
	{"is static and not supported", "make the program global"},
	{"unsupported map linkage static", "make the map global"},
	{"bad map relo against", "a variable belongs into .data, .rodata or .bss, or a section whose name begins so"},
	{"unknown field", "the object may be made for a newer libbpf"},
	{"BTF is required", "compile with clang -g"},
	{"is not a valid eBPF object file", "compile with clang -target bpf"},
}

// advice says what to do about a refusal of libbpf's, where that is known.
func advice(reason string) string {
	for _, a := range advices {
		if strings.Contains(reason, a.message) {
			return a.advice
		}
	}
	return ""
}

// reports are what libbpf said of an object that it did open: its warnings, and
// the sections that it left out, of which it only informs.
func reports(log libbpf.Log) []string {
	var out []string
	for _, m := range log {
		if m.Level == libbpf.LevelWarn || m.Level == libbpf.LevelInfo {
			out = append(out, ident.Printable(m.Text))
		}
	}
	return out
}
