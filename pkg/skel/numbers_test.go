package skel_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A numberTaker is a number that an exported function takes, or that a field of its
// options holds, and values that must cause an error, whichever code finds it.
type numberTaker struct {
	name string // as exportedNumbers has it
	bad  []int64
	call func(n int64) error
}

// Numbers that C would truncate, and the truncated values.
const (
	negative = -1
	above32  = 1<<32 + 1
	below32  = -1<<32 + 1
)

var (
	tooWide  = []int64{negative, above32, below32, math.MinInt64, math.MaxInt64}
	tooLarge = []int64{math.MaxUint32} // a uint32 that the kernel refuses
)

func numberTakers(t *testing.T) []numberTaker {
	k := loadKinds(t)
	a, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Cgroup })
	must(t, err)
	p, xdp, uprobe := a.Progs.RawTp, a.Progs.Xdp, a.Progs.Uprobe
	linked := func(l *skel.Link, err error) error {
		if err == nil {
			must(t, l.Close())
		}
		return err
	}
	// Values that only the kernel can check cause an error of Load at the latest.
	loading := func(f func(*kinds.OpenSkel) error, opts ...skel.OpenOption) error {
		o, err := kinds.Open(opts...)
		if err != nil {
			return err
		}
		defer o.Close()
		if err := f(o); err != nil {
			return err
		}
		s, err := o.Load()
		if err == nil {
			s.Close()
		}
		return err
	}
	run := func(o skel.RunOptions) error { return second(xdp.TestRun(o)) }
	hook := func(h skel.TCHook) error {
		return errors.Join(h.Create(), h.Destroy(), second(h.Query(1, 1)), second(a.Progs.Tc.AttachTC(h, nil)))
	}
	return []numberTaker{
		{"OpenMap.SetKeySize.n", tooWide, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Hash.SetKeySize(int(n)) })
		}},
		{"OpenMap.SetValueSize.n", tooWide, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Hash.SetValueSize(int(n)) })
		}},
		{"OpenMap.SetMaxEntries.n", tooLarge, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Array.SetMaxEntries(uint32(n)) })
		}},
		{"OpenMap.SetType.kind", tooLarge, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Hash.SetType(uapi.MapType(n)) })
		}},
		{"OpenMap.SetFlags.flags", tooLarge, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Hash.SetFlags(uapi.MapFlags(n)) })
		}},
		{"OpenMap.SetNUMANode.node", []int64{1 << 20}, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error {
				return errors.Join(o.Maps.Array.SetFlags(1<<2), o.Maps.Array.SetNUMANode(uint32(n)))
			})
		}},
		{"OpenMap.SetExtra.extra", []int64{negative}, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Hash.SetExtra(uint64(n)) })
		}},
		{"OpenProgram.SetType.kind", tooLarge, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Progs.Target.SetType(uapi.ProgType(n)) })
		}},
		{"OpenProgram.SetFlags.flags", tooLarge, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Progs.Target.SetFlags(uapi.ProgFlags(n)) })
		}},
		{"OpenProgram.SetLogLevel.level", tooLarge, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Progs.Target.SetLogLevel(uapi.LogLevel(n)) })
		}},
		{"OpenProgram.SetLogBuffer.size", tooWide, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Progs.Target.SetLogBuffer(int(n)) })
		}},
		{"WithKernelLog.size", tooWide, func(n int64) error {
			return loading(func(*kinds.OpenSkel) error { return nil }, skel.WithKernelLog(1, int(n)))
		}},
		{"WithKernelLog.level", tooLarge, func(n int64) error {
			return loading(func(*kinds.OpenSkel) error { return nil }, skel.WithKernelLog(uapi.LogLevel(n), 1<<16))
		}},
		{"MapFromFD.fd", tooWide, func(n int64) error { return second(skel.MapFromFD(int(n))) }},
		{"MapByID.id", tooLarge, func(n int64) error { return second(skel.MapByID(uint32(n))) }},
		{"OpenMap.ReuseFD.fd", tooWide, func(n int64) error {
			return loading(func(o *kinds.OpenSkel) error { return o.Maps.Hash.ReuseFD(int(n)) })
		}},
		{"WithMaxEntries.n", append(tooWide, 0), func(n int64) error {
			return second(k.Maps.OuterHash.Create(skel.WithMaxEntries(int(n))))
		}},
		{"ProgArray.Update.index", tooLarge, func(n int64) error { return k.Maps.Jumps.Update(uint32(n), k.Progs.Target) }},
		{"ProgArray.UpdateFD.index", tooLarge, func(n int64) error { return k.Maps.Jumps.UpdateFD(uint32(n), k.Progs.Target.FD()) }},
		{"ProgArray.UpdateFD.fd", tooWide, func(n int64) error { return k.Maps.Jumps.UpdateFD(0, int(n)) }},
		{"ProgArray.LookupID.index", tooLarge, func(n int64) error { return second(k.Maps.Jumps.LookupID(uint32(n))) }},
		{"ProgArray.Delete.index", tooLarge, func(n int64) error { return k.Maps.Jumps.Delete(uint32(n)) }},
		{"PerfEventArray.UpdateFD.index", tooLarge, func(n int64) error { return k.Maps.Events.UpdateFD(uint32(n), -1) }},
		{"PerfEventArray.UpdateFD.fd", tooWide, func(n int64) error { return k.Maps.Events.UpdateFD(0, int(n)) }},
		{"PerfEventArray.Delete.index", tooLarge, func(n int64) error { return k.Maps.Events.Delete(uint32(n)) }},
		{"Map.Update.flags", []int64{negative, above32}, func(n int64) error {
			return k.Maps.Hash.Update(&kinds.Key{}, &kinds.Value{}, skel.UpdateFlags(n))
		}},
		{"Map.UpdateBatch.flags", []int64{negative, above32}, func(n int64) error {
			return second(k.Maps.Hash.UpdateBatch([]kinds.Key{{}}, []kinds.Value{{}}, skel.UpdateFlags(n)))
		}},
		{"PerCPUMap.Update.flags", []int64{negative, above32}, func(n int64) error {
			return k.Maps.PercpuHash.Update(ptr(uint32(1)), make([]uint64, possibleCPUs(t)), skel.UpdateFlags(n))
		}},
		{"PerCPUMap.UpdateBatch.flags", []int64{negative, above32}, func(n int64) error {
			values := [][]uint64{make([]uint64, possibleCPUs(t))}
			return second(k.Maps.PercpuHash.UpdateBatch([]uint32{1}, values, skel.UpdateFlags(n)))
		}},
		{"MapOfMaps.Update.flags", []int64{negative, above32}, func(n int64) error {
			return k.Maps.OuterHash.Update(&kinds.Key{}, k.Maps.First, skel.UpdateFlags(n))
		}},
		{"Queue.Push.flags", []int64{negative, above32}, func(n int64) error {
			return k.Maps.Queue.Push(&kinds.Value{}, skel.UpdateFlags(n))
		}},
		{"RawMap.Update.flags", []int64{negative, above32}, func(n int64) error {
			return k.Maps.Bss.Update(make([]byte, 4), make([]byte, k.Maps.Bss.ValueSize()), skel.UpdateFlags(n))
		}},
		{"MapHandle.Update.flags", []int64{negative, above32}, func(n int64) error {
			own, err := skel.MapFromFD(k.Maps.Lru.FD())
			must(t, err)
			defer own.Close()
			return own.Update(make([]byte, 4), make([]byte, 8), skel.UpdateFlags(n))
		}},
		{"RunOptions.Repeat", tooWide, func(n int64) error { return run(skel.RunOptions{Data: make([]byte, 64), Repeat: int(n)}) }},
		{"RunOptions.CPU", tooWide, func(n int64) error {
			return run(skel.RunOptions{Data: make([]byte, 64), Flags: skel.RunOnCPU, CPU: int(n)})
		}},
		{"RunOptions.BatchSize", tooWide, func(n int64) error {
			return run(skel.RunOptions{Data: make([]byte, 64), Flags: 1 << 1, BatchSize: int(n)})
		}},
		{"RunOptions.Flags", tooLarge, func(n int64) error { return run(skel.RunOptions{Data: make([]byte, 64), Flags: uapi.RunFlags(n)}) }},
		{"Program.AttachPerfEvent.fd", tooWide, func(n int64) error { return linked(p.AttachPerfEvent(int(n), nil)) }},
		{"Program.AttachCgroup.fd", tooWide, func(n int64) error { return linked(a.Progs.Cgroup.AttachCgroup(int(n), nil)) }},
		{"Program.AttachNetns.fd", tooWide, func(n int64) error { return linked(p.AttachNetns(int(n))) }},
		{"Program.AttachTCX.ifindex", append(tooWide, 0), func(n int64) error { return linked(a.Progs.Tc.AttachTCX(int(n), nil)) }},
		{"Program.AttachNetkit.ifindex", append(tooWide, 0), func(n int64) error { return linked(a.Progs.Tc.AttachNetkit(int(n), nil)) }},
		{"Program.AttachXDP.ifindex", append(tooWide, 0), func(n int64) error { return linked(xdp.AttachXDP(int(n), nil)) }},
		{"XDPOptions.Flags", tooLarge, func(n int64) error {
			return linked(xdp.AttachXDP(1, &skel.XDPOptions{Flags: skel.XDPFlags(n)}))
		}},
		{"OrderOptions.RelativeFD", tooWide, func(n int64) error {
			return linked(a.Progs.Cgroup.AttachCgroup(0, &skel.OrderOptions{Flags: skel.OrderBefore, RelativeFD: int(n)}))
		}},
		{"UprobeOptions.PID", tooWide, func(n int64) error {
			return linked(uprobe.AttachUprobe("/proc/self/exe", "main.main", &skel.UprobeOptions{PID: int(n)}))
		}},
		{"UprobeMultiOptions.PID", tooWide, func(n int64) error {
			return linked(uprobe.AttachUprobeMulti("/proc/self/exe", "main.main", &skel.UprobeMultiOptions{PID: int(n)}))
		}},
		{"USDTOptions.PID", tooWide, func(n int64) error {
			return linked(uprobe.AttachUSDT("/proc/self/exe", "a", "b", &skel.USDTOptions{PID: int(n)}))
		}},
		{"UprobeOptions.Mode", tooWide, func(n int64) error {
			return linked(uprobe.AttachUprobe("/proc/self/exe", "main.main", &skel.UprobeOptions{Mode: skel.ProbeMode(n)}))
		}},
		{"KprobeOptions.Mode", tooWide, func(n int64) error {
			return linked(uprobe.AttachKprobe("vfs_open", &skel.KprobeOptions{Mode: skel.ProbeMode(n)}))
		}},
		{"CgroupIter.FD", tooWide, func(n int64) error {
			return linked(p.AttachIter(&skel.IterOptions{Cgroup: &skel.CgroupIter{FD: int(n)}}))
		}},
		{"TaskIter.PID", tooWide, func(n int64) error {
			return linked(p.AttachIter(&skel.IterOptions{Task: &skel.TaskIter{PID: int(n)}}))
		}},
		{"TaskIter.TID", tooWide, func(n int64) error {
			return linked(p.AttachIter(&skel.IterOptions{Task: &skel.TaskIter{TID: int(n)}}))
		}},
		{"TaskIter.PIDFD", tooWide, func(n int64) error {
			return linked(p.AttachIter(&skel.IterOptions{Task: &skel.TaskIter{PIDFD: int(n)}}))
		}},
		{"TCHook.Ifindex", append(tooWide, 0), func(n int64) error { return hook(skel.TCHook{Ifindex: int(n), Point: skel.TCIngress}) }},
		{"TCHook.Point", tooLarge, func(n int64) error { return hook(skel.TCHook{Ifindex: 1, Point: skel.TCPoint(n)}) }},
		{"TCHook.Query.priority", tooLarge, func(n int64) error {
			return second(skel.TCHook{Ifindex: 1, Point: skel.TCIngress}.Query(1, uint32(n)))
		}},
		{"NetfilterOptions.Family", tooLarge, func(n int64) error {
			return linked(p.AttachNetfilter(skel.NetfilterOptions{Family: uapi.NFProto(n)}))
		}},
		{"NetfilterOptions.Hook", tooLarge, func(n int64) error {
			return linked(p.AttachNetfilter(skel.NetfilterOptions{Family: 2, Hook: uapi.NFHook(n)}))
		}},
		{"NetfilterOptions.Flags", tooLarge, func(n int64) error {
			return linked(p.AttachNetfilter(skel.NetfilterOptions{Family: 2, Flags: uapi.NetfilterFlags(n)}))
		}},
		{"ringbuf.NewPerfReader.pages", append(tooWide, 0, 1<<60, 1<<31), func(n int64) error {
			return second(ringbuf.NewPerfReader(k.Maps.Events, int(n)))
		}},
		{"ringbuf.Reader.Ring.i", tooWide, func(n int64) error {
			r, err := ringbuf.NewReader(k.Maps.Ring)
			must(t, err)
			defer r.Close()
			_, _, err = r.Ring(int(n))
			return err
		}},
	}
}

// anyNumber lists numbers for which every value of the type is valid, or that users do
// not pass.
var anyNumber = []string{
	// Cookies are the program's own; offsets and addresses are 64 bits in the kernel.
	"KprobeMultiOptions.Addresses", "KprobeMultiOptions.Cookies", "KprobeOptions.Cookie", "KprobeOptions.Offset",
	"KsyscallOptions.Cookie", "PerfEventOptions.Cookie", "TraceOptions.Cookie", "USDTOptions.Cookie",
	"UprobeMultiOptions.Cookies", "UprobeMultiOptions.Offsets", "UprobeMultiOptions.RefCounters",
	"UprobeOptions.Cookie", "UprobeOptions.Offset", "UprobeOptions.RefCounter",
	// The kernel's struct has a field of the same type for them.
	"CgroupIter.ID", "CgroupIter.Order", "NetfilterOptions.Priority", "OrderOptions.Flags", "OrderOptions.RelativeID",
	"OrderOptions.Revision", "TCHook.Handle", "TCHook.Parent", "TCHook.Query.handle", "TCOptions.Handle", "TCOptions.Priority",
	"ringbuf.WithWakeUpEvery.n", "OpenProgram.SetAttachType.kind",
}

// resultTypes are types that functions return, or that generated packages fill in.
var resultTypes = []string{
	"LinkInfo", "MapInfo", "ProgramInfo", "RunResult", "RunStats", "Section", "Spec", "ringbuf.LostError", "ringbuf.PerfRecord", "ringbuf.Record", "ringbuf.ShortRecordError",
}

// TestNumbersAreNotCut passes an impossible value for every number.
func TestNumbersAreNotCut(t *testing.T) {
	needRoot(t)
	takers := numberTakers(t)
	before := heldResources(t)
	for _, f := range takers {
		for _, n := range f.bad {
			err := f.call(n)
			var errno syscall.Errno
			var code skel.Code
			if !errors.As(err, &errno) && !errors.As(err, &code) && !errors.Is(err, skel.ErrNotExist) {
				t.Errorf("%s of %d returned %v", f.name, n, err)
			}
		}
	}
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

// TestEveryNumberIsTried finds the numbers in the sources.
func TestEveryNumberIsTried(t *testing.T) {
	needRoot(t)
	tried := slices.Clone(anyNumber)
	for _, f := range numberTakers(t) {
		tried = append(tried, f.name)
	}
	for _, name := range slices.Concat(exportedNumbers(t, ".", ""), exportedNumbers(t, "../ringbuf", "ringbuf.")) {
		if typ, _, _ := cutLastSelector(name); !slices.Contains(tried, name) && !slices.Contains(resultTypes, typ) {
			t.Errorf("%s is a number: it belongs in numberTakers", name)
		}
	}
}

func cutLastSelector(name string) (before, after string, found bool) {
	i := strings.LastIndex(name, ".")
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

var integers = []string{"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr"}

// isKernels reports whether a type is one of package uapi, which has only numbers.
func isKernels(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == "uapi"
}

// exportedNumbers are Type.Method.parameter, Function.parameter and Type.Field of all
// integers, except indices that generated code passes.
func exportedNumbers(t *testing.T, dir, prefix string) []string {
	t.Helper()
	files := sources(t, dir)
	named := slices.Clone(integers)
	inspect(files, func(n ast.Node) {
		if s, ok := n.(*ast.TypeSpec); ok {
			if id, ok := s.Type.(*ast.Ident); ok && slices.Contains(integers, id.Name) || isKernels(s.Type) {
				named = append(named, s.Name.Name)
			}
		}
	})
	return exportedOf(files, prefix, func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.Ellipsis:
			e = x.Elt
		case *ast.ArrayType:
			e = x.Elt
		}
		id, ok := e.(*ast.Ident)
		return ok && slices.Contains(named, id.Name) || isKernels(e)
	})
}

// exportedOf are Type.Method.parameter, Function.parameter and Type.Field of all values
// of some types that callers pass.
func exportedOf(files []*ast.File, prefix string, is func(ast.Expr) bool) (names []string) {
	add := func(owner string, fields *ast.FieldList, exportedOnly bool) {
		for _, f := range fields.List {
			for _, n := range f.Names {
				if is(f.Type) && (n.IsExported() || !exportedOnly) {
					names = append(names, prefix+owner+"."+n.Name)
				}
			}
		}
	}
	inspect(files, func(n ast.Node) {
		switch d := n.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && !strings.Contains(d.Doc.Text(), "for generated\npackages") && !strings.Contains(d.Doc.Text(), "for generated packages") &&
				!strings.Contains(d.Doc.Text(), "for\ngenerated packages") {
				add(receiver(d)+d.Name.Name, d.Type.Params, false)
			}
		case *ast.TypeSpec:
			if s, ok := d.Type.(*ast.StructType); ok && d.Name.IsExported() {
				add(d.Name.Name, s.Fields, true)
			}
		}
	})
	return names
}

// sources are the files of a package, without tests.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	must(t, err)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		must(t, err)
		files = append(files, f)
	}
	return files
}

func inspect(files []*ast.File, f func(ast.Node)) {
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			f(n)
			return true
		})
	}
}
