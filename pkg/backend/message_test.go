package backend

import "testing"

// The tests of pkg/skel make libbpf print; these tests read the messages.
func TestMessageOfAFailureInALog(t *testing.T) {
	warn := func(texts ...string) (l Log) {
		for _, text := range texts {
			l = append(l, Message{LevelWarn, text})
		}
		return l
	}
	for _, c := range []struct {
		name    string
		log     Log
		reason  string
		subject Subject
	}{
		{"a map that is created without BTF in vain", warn(
			"BTF loading error: -EPERM", "-- BEGIN BTF LOAD LOG ---", "Error in bpf_create_map_xattr(m): -EPERM. Retrying without BTF.",
			"map 'm': failed to create: -EPERM"), "failed to create: -EPERM", Subject{Map: "m"}},
		{"a map that cannot be filled", warn("map 'x.bss': failed to set initial contents: -EPERM"),
			"failed to set initial contents: -EPERM", Subject{Map: "x.bss"}},
		{"locked memory, then a program", warn("Failed to bump RLIMIT_MEMLOCK (err = -1)", "prog 'p': BPF program load failed: -EINVAL",
			"prog 'p': -- BEGIN PROG LOAD LOG --\nR1\n-- END PROG LOAD LOG --"), "BPF program load failed: -EINVAL", Subject{Program: "p"}},
		{"a message about a program other than the one that fails", warn(
			"prog 'p': strange, but no reason", "prog 'q': missing .BTF.ext line info.", "prog 'r': bad insn", "prog 'r': failed to load: -22"),
			"bad insn", Subject{Program: "r"}},
		{"a program whose map cannot be created", warn("couldn't reuse pinned map at '/p': parameter mismatch", "map 'm': error reusing pinned map"),
			"couldn't reuse pinned map at '/p': parameter mismatch", Subject{Map: "m"}},
		{"a set of functions", warn("struct_ops init_kern ops func ptr f: invalid reuse of prog p"),
			"struct_ops init_kern ops func ptr f: invalid reuse of prog p", Subject{Map: "ops"}},
		{"an external symbol", warn("extern (func ksym) 'f': not found in kernel or module BTFs", "failed to load object 'o'"),
			"extern (func ksym) 'f': not found in kernel or module BTFs", Subject{Extern: "f"}},
		{"information about a map", Log{{LevelInfo, "map 'm': failed to do what it need not"}}, "", Subject{}},
		{"nothing", nil, "", Subject{}},
	} {
		s := c.log.Subject()
		if got := c.log.Reason(s); got != c.reason {
			t.Errorf("%s: the reason is %q", c.name, got)
		}
		if s != c.subject {
			t.Errorf("%s: it is about %+v", c.name, s)
		}
	}
}
