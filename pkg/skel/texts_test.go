package skel_test

import (
	"errors"
	"go/ast"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// C treats a NUL byte as the end of a text: the part before it is a pin, a function or
// a tracepoint that the caller did not name. So each such text is an error, and nothing
// is done.
func TestTextsAreNotCut(t *testing.T) {
	needRoot(t)
	takers := textTakers(t)
	before := heldResources(t)
	for _, f := range takers {
		err := f.call(f.good + "\x00rest")
		if !errors.Is(err, syscall.EINVAL) || strings.Contains(err.Error(), "\x00") {
			t.Errorf("%s with a NUL byte returned %q", f.name, err)
		}
	}
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

// TestEveryTextIsTried finds the texts in the sources.
func TestEveryTextIsTried(t *testing.T) {
	needRoot(t)
	tried := []string{"Error.Op", "Error.Object", "Error.Map", "Error.Program", "Error.Target", "Error.Extern", "Error.Hint", "Error.Log"}
	for _, f := range textTakers(t) {
		tried = append(tried, f.name)
	}
	isText := func(e ast.Expr) bool {
		if list, ok := e.(*ast.ArrayType); ok {
			e = list.Elt
		}
		id, ok := e.(*ast.Ident)
		return ok && id.Name == "string"
	}
	// Results, texts of generated code, methods that StructOps shares with the other
	// maps, and two methods behind Link.
	told := []string{"Error", "VerifierError", "AttachResult", "MapInfo", "ProgramInfo", "LinkInfo", "Spec", "MapSpec", "StructOps", "fdLink", "filter"}
	for _, name := range exportedOf(sources(t, "."), "", isText) {
		if typ, _, _ := strings.Cut(name, "."); !slices.Contains(tried, name) && !slices.Contains(told, typ) {
			t.Errorf("%s is a text: it belongs in textTakers", name)
		}
	}
}

// A textTaker is a text that an exported function takes, or that a field of its options
// holds, and a prefix of it that would have an effect on its own.
type textTaker struct {
	name, good string
	call       func(text string) error
}

func textTakers(t *testing.T) []textTaker {
	k := loadKinds(t)
	a, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Usdt },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tc })
	must(t, err)
	p := a.Progs
	dir := bpffs(t)
	mapPin, pin := dir+"/map", dir+"/pin"
	must(t, k.Maps.Hash.Pin(mapPin))
	link, err := p.RawTp.AttachRawTracepoint("sys_enter", nil)
	must(t, err)
	opening := func(o skel.OpenOption) error {
		s, err := kinds.Open(o)
		if err == nil {
			s.Close()
		}
		return err
	}
	setting := func(f func(*kinds.OpenSkel) error) error {
		o, err := kinds.Open()
		must(t, err)
		defer o.Close()
		return f(o)
	}
	hook := func(kind string) skel.TCHook {
		return skel.TCHook{Ifindex: 1, Point: skel.TCQdisc, Parent: 0xffff0000, Handle: 0x10000, Qdisc: kind}
	}
	const libc = "libc.so.6"
	own, err := skel.MapFromFD(k.Maps.Hash.FD())
	must(t, err)
	t.Cleanup(func() { own.Close() })
	multi := func(path, pattern string, names ...string) error {
		return second(p.UprobeMulti.AttachUprobeMulti(path, pattern, &skel.UprobeMultiOptions{Functions: names}))
	}
	takers := []textTaker{
		{"PutCString.text", "good", func(s string) error { return skel.PutCString(make([]byte, 32), s) }},
		{"WithKernelBTF.path", "/sys/kernel/btf/vmlinux", func(s string) error { return opening(skel.WithKernelBTF(s)) }},
		{"WithKconfig.lines", "CONFIG_HZ=1000", func(s string) error { return opening(skel.WithKconfig(s)) }},
		{"WithPinRoot.dir", dir, func(s string) error { return opening(skel.WithPinRoot(s)) }},
		{"WithToken.path", "", func(s string) error { return opening(skel.WithToken(s)) }},
		{"WithMapName.name", "good", func(s string) error { return second(k.Maps.OuterHash.Create(skel.WithMapName(s))) }},
		{"OpenPinnedMap.path", mapPin, func(s string) error { return second(skel.OpenPinnedMap(s)) }},
		{"Object.OpenPinnedLink.path", mapPin, func(s string) error { return second(a.OpenPinnedLink(s)) }},
		{"OpenMap.SetPinPath.path", pin, func(s string) error {
			return setting(func(o *kinds.OpenSkel) error { return o.Maps.Hash.SetPinPath(s) })
		}},
		{"OpenMap.ReusePin.path", mapPin, func(s string) error {
			return setting(func(o *kinds.OpenSkel) error { return o.Maps.Hash.ReusePin(s) })
		}},
		{"OpenProgram.SetAttachTarget.function", "vfs_open", func(s string) error {
			o, err := attach.Open()
			must(t, err)
			defer o.Close()
			return o.Progs.Fentry.SetAttachTarget(nil, s)
		}},
		{"Program.Pin.path", pin, func(s string) error { return p.Tc.Pin(s) }},
		{"Program.Unpin.path", mapPin, func(s string) error { return p.Tc.Unpin(s) }},
		{"Link.Pin.path", pin, func(s string) error { return link.Pin(s) }},
		{"Program.AttachKprobe.function", "vfs_open", func(s string) error { return second(p.Kprobe.AttachKprobe(s, nil)) }},
		{"Program.AttachKprobeMulti.pattern", "vfs_*", func(s string) error { return second(p.KprobeMulti.AttachKprobeMulti(s, nil)) }},
		{"KprobeMultiOptions.Functions", "vfs_open", func(s string) error {
			return second(p.KprobeMulti.AttachKprobeMulti("", &skel.KprobeMultiOptions{Functions: []string{"vfs_read", s}}))
		}},
		{"Program.AttachKsyscall.name", "getpid", func(s string) error { return second(p.Ksyscall.AttachKsyscall(s, nil)) }},
		{"Program.AttachUprobe.path", libc, func(s string) error { return second(p.Uprobe.AttachUprobe(s, "malloc", nil)) }},
		{"Program.AttachUprobe.function", "malloc", func(s string) error { return second(p.Uprobe.AttachUprobe(libc, s, nil)) }},
		{"Program.AttachUprobeMulti.path", libc, func(s string) error { return multi(s, "malloc") }},
		{"Program.AttachUprobeMulti.pattern", "malloc", func(s string) error { return multi(libc, s) }},
		{"UprobeMultiOptions.Functions", "malloc", func(s string) error { return multi(libc, "", "free", s) }},
		{"Program.AttachUSDT.path", libc, func(s string) error { return second(p.Usdt.AttachUSDT(s, "libc", "setjmp", nil)) }},
		{"Program.AttachUSDT.provider", "libc", func(s string) error { return second(p.Usdt.AttachUSDT(libc, s, "setjmp", nil)) }},
		{"Program.AttachUSDT.name", "setjmp", func(s string) error { return second(p.Usdt.AttachUSDT(libc, "libc", s, nil)) }},
		{"Program.AttachTracepoint.category", "sched", func(s string) error { return second(p.Tp.AttachTracepoint(s, "sched_switch", nil)) }},
		{"Program.AttachTracepoint.name", "sched_switch", func(s string) error { return second(p.Tp.AttachTracepoint("sched", s, nil)) }},
		{"Program.AttachRawTracepoint.name", "sys_enter", func(s string) error { return second(p.RawTp.AttachRawTracepoint(s, nil)) }},
		{"Program.AttachFreplace.function", "replaceable", func(s string) error { return second(p.Replacement.AttachFreplace(nil, s)) }},
		{"TCHook.Qdisc", "clsact", func(s string) error {
			return errors.Join(hook(s).Create(), hook(s).Destroy(), second(hook(s).Query(1, 1)), second(p.Tc.AttachTC(hook(s), nil)))
		}},
	}
	for name, m := range map[string]interface {
		Pin(string) error
		Unpin(string) error
	}{
		"Map": k.Maps.Hash, "PerCPUMap": k.Maps.PercpuHash, "Queue": k.Maps.Queue, "Bloom": k.Maps.Bloom, "MapOfMaps": k.Maps.OuterHash,
		"ProgArray": k.Maps.Jumps, "RingBuf": k.Maps.Ring, "UserRingBuf": k.Maps.UserRing, "PerfEventArray": k.Maps.Events,
		"RawMap": k.Maps.Bss, "MapHandle": own, "mapBase": k.Maps.Array,
	} {
		takers = append(takers, textTaker{name + ".Pin.path", pin, m.Pin}, textTaker{name + ".Unpin.path", pin, m.Unpin})
	}
	return takers
}
