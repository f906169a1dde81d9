package libbpf

import "testing"

func TestWhatALogSaysOfAFailure(t *testing.T) {
	warn := func(texts ...string) (l Log) {
		for _, text := range texts {
			l = append(l, Message{LevelWarn, text})
		}
		return l
	}
	for _, c := range []struct {
		name                       string
		log                        Log
		reason, program, failedMap string
	}{
		{"a map that is created without BTF in vain", warn(
			"BTF loading error: -EPERM", "-- BEGIN BTF LOAD LOG ---", "Error in bpf_create_map_xattr(m): -EPERM. Retrying without BTF.",
			"map 'm': failed to create: -EPERM"), "map 'm': failed to create: -EPERM", "", "m"},
		{"a map that cannot be filled", warn("map 'x.bss': failed to set initial contents: -EPERM"),
			"map 'x.bss': failed to set initial contents: -EPERM", "", "x.bss"},
		{"locked memory, then a program", warn("Failed to bump RLIMIT_MEMLOCK (err = -1)", "prog 'p': BPF program load failed: -EINVAL",
			"prog 'p': -- BEGIN PROG LOAD LOG --\nR1\n-- END PROG LOAD LOG --"), "prog 'p': BPF program load failed: -EINVAL", "p", ""},
		{"information of a map", Log{{LevelInfo, "map 'm': failed to do what it need not"}}, "", "", ""},
		{"nothing", nil, "", "", ""},
	} {
		if got := c.log.FirstWarning(); got != c.reason {
			t.Errorf("%s: the reason is %q", c.name, got)
		}
		if p, m := c.log.FailedProgram(), c.log.FailedMap(); p != c.program || m != c.failedMap {
			t.Errorf("%s: program %q, map %q", c.name, p, m)
		}
	}
}
