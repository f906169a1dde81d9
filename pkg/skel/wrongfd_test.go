package skel_test

import (
	"errors"
	"go/ast"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// An fdTaker is an exported function that takes a file descriptor, something that
// has one, or the path of a pin.
type fdTaker struct {
	name  string // its name in exportedFDTakers
	takes string // a kind of wrongFDs, "" for none of them
	call  func(fd int, pin string) error
}

// fdTakers uses objects that it opens and closes itself.
func fdTakers(t *testing.T) []fdTaker {
	k := loadKinds(t)
	a, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp })
	must(t, err)
	link, err := a.Progs.RawTp.AttachRawTracepoint("sys_enter", nil)
	must(t, err)
	open := func(f func(*kinds.OpenSkel) error) error {
		o, err := kinds.Open()
		must(t, err)
		defer o.Close()
		return f(o)
	}
	attached := func(l *skel.Link, err error) error {
		if err == nil {
			must(t, l.Close())
		}
		return err
	}
	opened := func(m *skel.MapHandle, err error) error {
		if err == nil {
			must(t, m.Close())
		}
		return err
	}
	key := kinds.Key{}
	p := a.Progs.RawTp
	return []fdTaker{
		{"MapFromFD", "a map", func(fd int, _ string) error { return opened(skel.MapFromFD(fd)) }},
		{"OpenPinnedMap", "a map", func(_ int, pin string) error { return opened(skel.OpenPinnedMap(pin)) }},
		{"OpenMap.ReuseFD", "a map", func(fd int, _ string) error {
			return open(func(o *kinds.OpenSkel) error { return o.Maps.Hash.ReuseFD(fd) })
		}},
		{"OpenMap.ReusePin", "a map", func(_ int, pin string) error {
			return open(func(o *kinds.OpenSkel) error { return o.Maps.Hash.ReusePin(pin) })
		}},
		{"OpenMap.SetPinPath", "a map", func(_ int, pin string) error {
			if pin == "" {
				return syscall.ENOENT
			}
			return open(func(o *kinds.OpenSkel) error {
				must(t, o.Maps.Hash.SetPinPath(pin))
				s, err := o.Load()
				if err == nil {
					s.Close()
				}
				return err
			})
		}},
		{"OpenMap.SetInner", "a map", func(fd int, _ string) error {
			return open(func(o *kinds.OpenSkel) error { return o.Maps.OuterHash.SetInner(fakeFD(fd)) })
		}},
		{"OpenProgram.SetAttachTarget", "a program", func(fd int, _ string) error {
			return open(func(o *kinds.OpenSkel) error { return o.Progs.Target.SetAttachTarget(fakeFD(fd), "f") })
		}},
		{"MapOfMaps.Update", "a map", func(fd int, _ string) error { return k.Maps.OuterHash.Update(&key, fakeFD(fd)) }},
		{"ProgArray.UpdateFD", "a program", func(fd int, _ string) error { return k.Maps.Jumps.UpdateFD(0, fd) }},
		{"PerfEventArray.UpdateFD", "", func(fd int, _ string) error { return k.Maps.Events.UpdateFD(0, fd) }},
		{"Object.OpenPinnedLink", "a link", func(_ int, pin string) error { return attached(a.OpenPinnedLink(pin)) }},
		{"Program.AttachCgroup", "", func(fd int, _ string) error { return attached(p.AttachCgroup(fd, nil)) }},
		{"Program.AttachNetns", "", func(fd int, _ string) error { return attached(p.AttachNetns(fd)) }},
		{"Program.AttachPerfEvent", "", func(fd int, _ string) error { return attached(p.AttachPerfEvent(fd, nil)) }},
		{"Program.AttachFreplace", "a program", func(fd int, _ string) error { return attached(p.AttachFreplace(fakeFD(fd), "f")) }},
		{"Program.AttachSockmap", "a map", func(fd int, _ string) error { return attached(p.AttachSockmap(fakeFD(fd))) }},
		{"IterOptions.Map", "a map", func(fd int, _ string) error {
			return attached(p.AttachIter(&skel.IterOptions{Map: fakeFD(fd)}))
		}},
		{"ringbuf.NewReader", "a map", func(fd int, _ string) error {
			r, err := ringbuf.NewReader(skel.FD(fd))
			if err == nil {
				must(t, r.Close())
			}
			return err
		}},
		{"ringbuf.NewPerfReader", "a map", func(fd int, _ string) error {
			r, err := ringbuf.NewPerfReader(skel.FD(fd), 1)
			if err == nil {
				must(t, r.Close())
			}
			return err
		}},
		{"ringbuf.NewWriter", "a map", func(fd int, _ string) error {
			w, err := ringbuf.NewWriter(skel.FD(fd))
			if err == nil {
				must(t, w.Close())
			}
			return err
		}},
		// These pin, or unpin, their receiver.
		{"Link.Pin", "", func(_ int, pin string) error { return link.Pin(pin) }},
		{"Program.Pin", "", func(_ int, pin string) error { return p.Pin(pin) }},
		{"mapBase.Pin", "", func(_ int, pin string) error { return k.Maps.Hash.Pin(pin) }},
	}
}

// notChecked are functions whose path or descriptor does not belong to BPF.
var notChecked = []string{
	"Program.AttachUSDT", "Program.AttachUprobe", "Program.AttachUprobeMulti", // files with code
	"WithKernelBTF", "WithPinRoot", "WithToken", "OpenMap.WithFD",
	"mapBase.Unpin", "Program.Unpin", // remove a file
}

// TestTheWrongKindOfDescriptor calls every function that takes a file descriptor or a
// pin with descriptors and pins of every other kind.
func TestTheWrongKindOfDescriptor(t *testing.T) {
	dir := bpffs(t)
	fds, pins := wrongFDs(t, dir)
	takers := fdTakers(t)
	before := heldResources(t)
	for _, f := range takers {
		for kind, fd := range fds {
			if kind == f.takes {
				continue
			}
			err := f.call(fd, pins[kind])
			var errno syscall.Errno
			if !errors.As(err, &errno) {
				t.Errorf("%s of %s returned %v", f.name, kind, err)
				continue
			}
			if f.takes != "" && f.name != "OpenMap.SetPinPath" && fd >= 0 && pins[kind] != "" && !strings.Contains(err.Error(), " is "+kind+", not "+f.takes) {
				t.Errorf("%s of %s returned %v", f.name, kind, err)
			}
		}
	}
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

// wrongFDs are descriptors of all kinds, and pins of the kinds that can be pinned.
func wrongFDs(t *testing.T, dir string) (fds map[string]int, pins map[string]string) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp })
	must(t, err)
	link, err := s.Progs.RawTp.AttachRawTracepoint("sys_exit", nil)
	must(t, err)
	m := loadKinds(t).Maps.Lru
	pins = map[string]string{}
	for kind, pin := range map[string]func(string) error{"a map": m.Pin, "a program": s.Progs.RawTp.Pin, "a link": link.Pin} {
		pins[kind] = filepath.Join(dir, strings.ReplaceAll(kind, " ", "_"))
		must(t, pin(pins[kind]))
	}
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(null) })
	return map[string]int{
		"a map": m.FD(), "a program": s.Progs.RawTp.FD(), "a link": link.FD(),
		"/dev/null": null, "nothing": -1, "nothing open": 1 << 19, "above 32 bits": int(int64(m.FD()) + above32 - 1),
	}, pins
}

// TestEveryDescriptorIsTried finds the functions in the sources.
func TestEveryDescriptorIsTried(t *testing.T) {
	needRoot(t)
	tried := slices.Clone(notChecked)
	for _, f := range fdTakers(t) {
		tried = append(tried, f.name)
	}
	for _, name := range slices.Concat(exportedFDTakers(t, ".", ""), exportedFDTakers(t, "../ringbuf", "ringbuf.")) {
		// The maps' own Pin and Unpin call mapBase's.
		if typ, method, _ := cutLastSelector(name); typ != "Link" && typ != "Program" && (method == "Pin" || method == "Unpin") {
			name = "mapBase." + method
		}
		if !slices.Contains(tried, name) {
			t.Errorf("%s takes a file descriptor or a path: it belongs in fdTakers", name)
		}
	}
}

func exportedFDTakers(t *testing.T, dir, prefix string) (names []string) {
	t.Helper()
	inspect(sources(t, dir), func(n ast.Node) {
		switch d := n.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && takesFD(d.Type.Params) {
				names = append(names, prefix+receiver(d)+d.Name.Name)
			}
		case *ast.TypeSpec:
			if s, ok := d.Type.(*ast.StructType); ok && d.Name.IsExported() {
				for _, f := range s.Fields.List {
					if isFDType(f.Type) && f.Names[0].IsExported() {
						names = append(names, prefix+d.Name.Name+"."+f.Names[0].Name)
					}
				}
			}
		}
	})
	if len(names) == 0 {
		t.Errorf("no function of %s takes a file descriptor", dir)
	}
	return names
}

// receiver is the name of a method's type and a dot.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	switch x := typ.(type) {
	case *ast.IndexExpr:
		typ = x.X
	case *ast.IndexListExpr:
		typ = x.X
	}
	name, _ := typ.(*ast.Ident)
	return name.Name + "."
}

func takesFD(params *ast.FieldList) bool {
	for _, p := range params.List {
		if isFDType(p.Type) {
			return true
		}
		for _, n := range p.Names {
			if n.Name == "fd" || n.Name == "path" {
				return true
			}
		}
	}
	return false
}

// isFDType reports whether a type is skel.Descriptor.
func isFDType(typ ast.Expr) bool {
	switch x := typ.(type) {
	case *ast.Ellipsis:
		return isFDType(x.Elt)
	case *ast.SelectorExpr:
		return isFDType(x.Sel)
	case *ast.Ident:
		return x.Name == "Descriptor"
	}
	return false
}
