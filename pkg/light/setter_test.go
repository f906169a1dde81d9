//go:build linux

package light

import (
	"errors"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A setter that fails changes nothing.
func TestSettersThatFail(t *testing.T) {
	o := &object{desc: &Object{}}
	outer, err := newMap(o, &Map{Type: uapi.MapTypeHashOfMaps, KeySize: 4, ValueSize: 4, Inner: &Map{Type: uapi.MapTypeArray}})
	testkit.Must(t, err)
	if err := outer.SetInnerFD(-1); !errors.Is(err, syscall.EBADF) || outer.inner == nil {
		t.Errorf("SetInnerFD of no descriptor: %v, template %v", err, outer.inner)
	}
	p := newProgram(o, &Program{Type: uapi.ProgTypeTracing, AttachType: uapi.AttachTypeTraceFentry, Target: "vfs_read"})
	if err := p.SetAttachTarget(1<<20, "other"); !errors.Is(err, syscall.EBADF) || p.target != "vfs_read" || p.ownTarget {
		t.Errorf("SetAttachTarget of no descriptor: %v, target %q", err, p.target)
	}
	noLoader := newProgram(o, &Program{NotInLoader: true, Section: "fexit"})
	for name, err := range map[string]error{"SetAutoload": noLoader.SetAutoload(true), "SetAttachTarget": noLoader.SetAttachTarget(0, "vfs_read")} {
		if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s of a program without a loader: %v", name, err)
		}
	}
}

// What the verifier says of the functions that a kernel does not have.
func TestExplainedLogs(t *testing.T) {
	l := &loading{o: &object{maps: []*bpfMap{{}, {}}}, missingNames: []string{"a", "b", "one of a, b"}}
	l.o.maps[1].MapSpec.Name = "absent"
	for log, want := range map[string]string{
		"0: R1=ctx()\n7: (85) call unknown#2001000001\ninvalid func unknown#2001000001\nprocessed 8 insns\n": "0: R1=ctx()\n7: <invalid BPF map reference>\nBPF map 'absent' is referenced but wasn't created\nprocessed 8 insns\n",
		"7: (85) call unknown#2002000001\ninvalid func unknown#2002000001\n":                                 "7: <invalid kfunc call>\nkfunc 'b' is referenced but wasn't resolved\n",
		"7: (85) call unknown#2002000002\ninvalid func unknown#2002000002\n":                                 "7: <invalid kfunc call>\nkfunc 'one of a, b' is referenced but wasn't resolved\n",
		"7: (85) call unknown#2002000009\ninvalid func unknown#2002000009\n":                                 "7: (85) call unknown#2002000009\ninvalid func unknown#2002000009\n",
		"prog '': relo #0: <byte_off> [27] STRUCT t.x (0:1 @ offset 4)\nprog '': relo #0: substituting insn #1 w/ invalid insn\n1: (85) call unknown#195896080\ninvalid func unknown#195896080\n": "prog '': relo #0: <byte_off> [27] STRUCT t.x (0:1 @ offset 4)\nprog '': relo #0: substituting insn #1 w/ invalid insn\n" +
			"1: <invalid CO-RE relocation>\nfailed to resolve CO-RE relocation <byte_off> [27] struct t.x (0:1 @ offset 4)\n",
		"R0 invalid mem access 'scalar'\n": "R0 invalid mem access 'scalar'\n",
		"":                                 "",
	} {
		if got := l.explain(log); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}
