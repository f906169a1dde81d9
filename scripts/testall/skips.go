package main

import "regexp"

// ciSkips lists why a test may be skipped in CI, each with the fact about CI's machine that excuses it. A reason is
// matched against the test's output when it skipped.
var ciSkips = []struct {
	reason *regexp.Regexp
	fact   string
}{
	{regexp.MustCompile(`\b(kprobes?|kretprobe|ksyscall)\b.*not (configured|supported)`), "CI's kernel is built without kprobes"},
	{regexp.MustCompile(`\b(fentry|fexit|fmod_ret|lsm)\b.*not (permitted|supported)`), "CI's kernel refuses BPF trampolines"},
	{regexp.MustCompile(`\b(iter/bpf_map_elem|the list of functions) is not permitted`), "CI's kernel is locked down"},
	{regexp.MustCompile(`this kernel has no modules with BTF`), "CI's kernel has no modules; those of the guests have"},
	{regexp.MustCompile(`programs for 386 do not run on this kernel`), "CI's kernel has no 32-bit emulation"},
	{regexp.MustCompile(`needs libbpf: `), "the back end light does not have it; the run with libbpf tests it"},
	{regexp.MustCompile(`needs a guest of make test-vm`), "make test-vm runs it"},
	{regexp.MustCompile(`\b(netkit|sched_ext)\b.*not configured`), "CI's kernel is built without netkit and sched_ext"},
}

// isExcused reports whether a fact about CI's machine explains a skip.
func isExcused(output string) bool {
	for _, s := range ciSkips {
		if s.reason.MatchString(output) {
			return true
		}
	}
	return false
}
