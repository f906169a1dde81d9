package load

import (
	"strings"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
)

// remedies are the advice for objects that libbpf does not open: the first row whose
// text is in libbpf's message applies. The texts are from the sources of 1.5.0 and
// 1.7.0, and TestRemediesAreForMessagesOfTheLinkedLibbpf compares them with the linked
// libbpf.
var remedies = []struct{ message, remedy string }{
	{"legacy map definitions", `declare maps with BTF, in SEC(".maps")`},
	{"failed to find BTF for extern", "link the objects first, with bpftool gen object, or mark it __ksym or __kconfig if the kernel provides it"},
	{"unrecognized extern section", "link the objects first, with bpftool gen object"},
	{"invalid pinning value", "libbpf knows LIBBPF_PIN_NONE and LIBBPF_PIN_BY_NAME"},
	{"is static and not supported", "make the program global"},
	{"unsupported map linkage static", "make the map global"},
	{"bad map relo against", "a variable belongs in .data, .rodata or .bss, or in a section whose name starts with one of those"},
	{"unknown field", "the object may need a newer libbpf"},
	{"BTF is required", "compile with clang -g"},
	{"is not a valid eBPF object file", "compile with clang -target bpf"},
}

// remedy returns the advice for libbpf's reason, or "" if there is none.
func remedy(reason string) string {
	for _, r := range remedies {
		if strings.Contains(reason, r.message) {
			return r.remedy
		}
	}
	return ""
}

// warningsOf returns libbpf's messages about an object that it opened: its warnings,
// and its information about sections that it skipped.
func warningsOf(log libbpf.Log) []string {
	var out []string
	for _, m := range log {
		if m.Level == libbpf.LevelWarn || m.Level == libbpf.LevelInfo {
			out = append(out, ident.Printable(m.Text))
		}
	}
	return out
}
