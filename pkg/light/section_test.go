//go:build linux

package light

import (
	"math"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// What sections name, and which are malformed. On Linux with cgo,
// TestSectionsMeanWhatTheyMeanToLibbpf compares many more with libbpf.
func TestSectionTargets(t *testing.T) {
	kprobe := func(function string, offset uint64) any { return backend.Kprobe{Function: function, Offset: offset} }
	uprobe := func(function string, offset uint64) any {
		return namedUprobe{backend.Uprobe{PID: -1, Path: "/bin/p", Function: function, Offset: offset}}
	}
	for section, want := range map[string]any{
		"": nil, "xdp": nil, "xdp/cpumap": nil, "tc": nil, "cgroup_skb/egress": nil, "perf_event": nil, "socket": nil, "unknown/x": nil, "struct_ops/x": nil, "lsm_cgroup/x": nil,
		"kprobe": nil, "kretprobe": nil, "uprobe": nil, "uprobe/": nil, "uprobe/:f": nil, "uprobe.multi": nil, "ksyscall": nil, "tp": nil, "raw_tp": nil, "usdt": nil, "kprobe.multi": nil, "kprobex/f": nil,
		"fentry": traced{}, "fentry.s/x": traced{}, "fexit/x": traced{}, "fmod_ret/x": traced{}, "fsession/x": traced{}, "tp_btf/x": traced{}, "lsm/x": traced{}, "lsm.s/x": traced{},
		"iter": iterated{}, "iter.s/task": iterated{}, "freplace/x": backend.Freplace{}, "usdt/p:a:b": backend.USDT{},
		"tp/a/b": backend.Tracepoint{Category: "a", Name: "b"}, "tracepoint/a/b/c": backend.Tracepoint{Category: "a", Name: "b/c"}, "tp/a": badSection(""),
		"raw_tp/a": rawTracepoint{"a"}, "raw_tracepoint.w/a/b": rawTracepoint{"a/b"}, "raw_tp/": rawTracepoint{},
		"ksyscall/a": backend.Ksyscall{Name: "a"}, "kretsyscall/a": backend.Ksyscall{Name: "a", Return: true},
		"kprobe/f": kprobe("f", 0), "kprobe/f+0x10": kprobe("f", 16), "kprobe/f+010": kprobe("f", 8), "kprobe/f+ +7 more": kprobe("f", 7), "kprobe/f+-1": kprobe("f", math.MaxUint64),
		"kprobe/f+x": kprobe("f", 0), "kprobe/f.part.0 g": kprobe("f.part.0", 0), "kprobe/f+99999999999999999999": kprobe("f", math.MaxInt64),
		"kretprobe/f": backend.Kprobe{Function: "f", Return: true}, "kretprobe/f+0": backend.Kprobe{Function: "f", Return: true},
		"kretprobe/f+1": badSection("kretprobes do not support offset specification"), "kprobe/": badSection("kprobe name is invalid: "), "kprobe/-f": badSection("kprobe name is invalid: -f"),
		"kprobe.multi/f*?": backend.KprobeMulti{Pattern: "f*?"}, "kretprobe.multi/f-g": backend.KprobeMulti{Pattern: "f", Targets: backend.Targets{Return: true}},
		"kprobe.session/*": backend.KprobeMulti{Pattern: "*", Targets: backend.Targets{Session: true}}, "kprobe.multi/": badSection("kprobe multi pattern is invalid: "),
		"uprobe//bin/p:f": uprobe("f", 0), "uprobe.s//bin/p:f+0x8": uprobe("f", 8), "uprobe//bin/p:f+g+2": uprobe("f+g", 2), "uprobe//bin/p:f+2g": uprobe("f+2g", 0), "uprobe//bin/p:+4": uprobe("", 4),
		"uprobe//bin/p:a::b\nc": uprobe("a::b", 0), "uretprobe/p:f": namedUprobe{backend.Uprobe{PID: -1, Path: "p", Function: "f", Return: true}},
		"uprobe/p": badSection("prog 'x': section 'uprobe/p' missing ':function[+offset]' specification"), "uretprobe/p:f+1": badSection("prog 'x': uretprobes do not support offset specification"),
		"uprobe.multi/p:f*": backend.UprobeMulti{PID: -1, Path: "p", Pattern: "f*"}, "uretprobe.multi.s/p:f": backend.UprobeMulti{PID: -1, Path: "p", Pattern: "f", Targets: backend.Targets{Return: true}},
		"uprobe.session/p:f": backend.UprobeMulti{PID: -1, Path: "p", Pattern: "f", Targets: backend.Targets{Session: true}},
		"uprobe.multi/p":     badSection("prog 'x': invalid format of section definition 'uprobe.multi/p'"),
	} {
		p := in(section, progInfo{name: "x"})
		got, err := p.sectionTarget()
		if err != nil {
			got = err
		}
		if !equalTargets(got, probing(want)) {
			t.Errorf("%q: %#v, want %#v", section, got, want)
		}
	}
}

// A package that does not name what a section needs attaches nothing without saying so.
func TestSectionsThatThePackageDoesNotName(t *testing.T) {
	for section, want := range map[string]string{
		"tp/a/b": "", "iter/task": "", "xdp": "", "kprobe": "",
		"kprobe/f":         "prog 'x': the package does not name what sections such as 'kprobe/f' need: run skelgen generate again",
		"uprobe.multi/p:f": "prog 'x': the package does not name what sections such as 'uprobe.multi/p:f' need: run skelgen generate again",
	} {
		p := progInfo{name: "x", section: section}
		if _, err := p.sectionTarget(); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%q: %v", section, err)
		}
	}
}

func equalTargets(a, b any) bool {
	switch a := a.(type) {
	case kprobedMulti: // have slices
		b, ok := b.(kprobedMulti)
		return ok && a.Pattern == b.Pattern && a.Return == b.Return && a.Session == b.Session && a.Names == nil && a.Locations == nil
	case uprobedMulti:
		b, ok := b.(uprobedMulti)
		return ok && a.PID == b.PID && a.Path == b.Path && a.Pattern == b.Pattern && a.Return == b.Return && a.Session == b.Session && a.Names == nil && a.Locations == nil
	}
	switch b.(type) {
	case kprobedMulti, uprobedMulti:
		return false
	}
	return a == b
}

func TestScanInt(t *testing.T) {
	for s, want := range map[string]struct {
		n    int64
		size int
		ok   bool
	}{
		"": {}, "x": {}, "-": {}, "0": {0, 1, true}, "0x": {0, 2, true}, "0xg": {0, 2, true}, "0x1Fg": {31, 4, true}, "-010": {-8, 4, true}, "089": {0, 1, true}, " \t12 ": {12, 4, true},
		"+-1": {}, "- 1": {}, "9223372036854775808": {math.MaxInt64, 19, true}, "-9223372036854775809": {math.MinInt64, 20, true},
	} {
		if n, size, ok := scanInt(s); n != want.n || size != want.size || ok != want.ok {
			t.Errorf("%q: %d of %d bytes, %v", s, n, size, ok)
		}
	}
	if n := span("ab_c."+strings.Repeat("é", 2), "_"); n != 4 {
		t.Errorf("%d bytes", n)
	}
}
