package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// maxLoaderMaps is libbpf's limit for a loader (MAX_USED_MAPS in gen_loader.c).
const maxLoaderMaps = 64

// CheckLight reports in one line why an object cannot have a loader. libbpf itself
// crashes for some of these objects.
func CheckLight(obj *model.Object) error {
	for i := range obj.Maps {
		switch m := &obj.Maps[i]; {
		case m.Type == uapi.MapTypeStructOps:
			return fmt.Errorf("map %s is of struct_ops, which only libbpf can load: leave out --light", m.Name)
		case m.Type == uapi.MapTypeArena && m.HasData:
			return fmt.Errorf("arena %s has global variables, which only libbpf can load: leave out --light, or allocate them at run time", m.Name)
		}
	}
	if n := len(obj.Maps); n > maxLoaderMaps {
		return fmt.Errorf("has %d maps, data sections included, and a loader can create at most %d: leave out --light", n, maxLoaderMaps)
	}
	for i := range obj.Programs {
		if p := &obj.Programs[i]; p.Autoload {
			if reason := notInLoader(p); reason != "" {
				return fmt.Errorf("program %s, SEC(%q), %s", p.Name, p.Section, reason)
			}
		}
	}
	return nil
}

// notInLoader says why a program cannot be part of a loader; "" if it can.
func notInLoader(p *model.Program) string {
	switch {
	case p.Type == uapi.ProgTypeExt:
		return "replaces a function of another program, which only libbpf can look up: leave out --light"
	case (p.Type == uapi.ProgTypeTracing || p.Type == uapi.ProgTypeLSM) && !strings.Contains(p.Section, "/"):
		return "does not name its target, which its loader must know: add it to the section, or leave out --light"
	}
	return ""
}

// CheckLoader is CheckLight for Loader.
func CheckLoader(obj *model.Object) error {
	for i := range obj.Maps {
		if m := &obj.Maps[i]; m.PinPath != "" {
			return fmt.Errorf("map %s is pinned by name, which a light header cannot do, nor bpftool's: leave out --light", m.Name)
		}
	}
	return CheckLight(obj)
}

// Loader writes the loader of an object that CheckLoader accepts as bpftool does: some of
// its bytes depend on this machine. images are the initial values of the sections, by
// map.
func Loader(obj *model.Object) (insns, blob []byte, images map[int][]byte, err error) {
	o, _, err := libbpf.OpenForLoader(obj.Bytes, obj.Name, "")
	if err != nil {
		return nil, nil, nil, newOpenError(err, obj.Bytes)
	}
	defer o.Close()
	for i := range obj.Maps {
		if obj.Maps[i].Type == uapi.MapTypeArena {
			if err := o.SetMapExtra(i, 0); err != nil { // as in Light
				return nil, nil, nil, err
			}
		}
	}
	l, err := o.WriteLoader()
	if err != nil {
		return nil, nil, nil, newLoaderError(err)
	}
	order := byteOrder(obj)
	calls, err := readLoader(order, l.Insns, l.Blob)
	if err != nil {
		return nil, nil, nil, err
	}
	err = calls.eachMap(obj, l.Blob, func(_ int, m *model.Map, _ bool, attr []byte) {
		order.PutUint64(attr[attrMapExtra:], m.Extra)
	})
	images = map[int][]byte{}
	for i, image := range calls.images {
		images[i] = l.Blob[image.at:][:image.size]
	}
	return l.Insns, l.Blob, images, err
}

func byteOrder(obj *model.Object) binary.ByteOrder {
	if obj.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// Light writes the loader of an object that CheckLight accepts, in bytes that do not
// depend on this machine:
//
//  1. It edits a copy of the object: kernel symbols get names that no kernel has, so that
//     libbpf does not find their addresses here, and initial elements of program arrays,
//     which a loader cannot set, are left out.
//  2. It opens the copy with settings for all variables of .kconfig, so that libbpf does
//     not read this kernel's, and changes what libbpf would take from this machine:
//     sizes of perf event arrays, pins, the address of an arena.
//  3. Programs with '?' are loaded too: the run time skips them.
//  4. In the loader, it restores what it has changed, and clears values that the run
//     time fills in.
func Light(obj *model.Object) (*model.Light, error) {
	l := &lighter{obj: obj, order: byteOrder(obj)}
	l.out.Maps = make([]model.LightMap, len(obj.Maps))
	l.out.Programs = make([]model.LightProgram, len(obj.Programs))
	for i := range obj.Maps {
		l.out.Maps[i].MaxEntries, l.out.Maps[i].InnerEntries = l.entries(i)
	}
	for _, step := range []func() error{l.edit, l.write, l.finish} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &l.out, nil
}

// lighter makes a model.Light.
type lighter struct {
	obj     *model.Object
	order   binary.ByteOrder
	out     model.Light
	copied  []byte            // the edited object
	renamed map[string]string // names in the copy, and the names that they stand for
	loaded  []int             // the programs in the loader, in order
}

// write writes the loader with all programs that libbpf can put there.
func (l *lighter) write() error {
	var maybe []int // programs with '?'
	for i := range l.obj.Programs {
		switch p := &l.obj.Programs[i]; {
		case p.Autoload:
			l.loaded = append(l.loaded, i)
		case notInLoader(p) != "":
			l.out.Programs[i].NotInLoader = true
		default:
			maybe = append(maybe, i)
		}
	}
	loader, err := l.writeWith(maybe)
	if err != nil && len(maybe) > 0 {
		if loader, err = l.writeWith(nil); err == nil {
			loader, err = l.add(loader, maybe)
		}
	} else {
		l.loaded = append(l.loaded, maybe...)
	}
	if err != nil {
		return err
	}
	slices.Sort(l.loaded)
	l.out.Insns, l.out.Blob = loader.Insns, loader.Blob
	return nil
}

// add adds the programs to those that are loaded, except those that make libbpf fail.
// loader is the loader without them.
func (l *lighter) add(loader *libbpf.Loader, programs []int) (*libbpf.Loader, error) {
	with, err := l.writeWith(programs)
	switch {
	case err == nil:
		l.loaded = append(l.loaded, programs...)
		return with, nil
	case len(programs) == 1:
		l.out.Programs[programs[0]].NotInLoader = true
		return loader, nil
	}
	half := len(programs) / 2
	if loader, err = l.add(loader, programs[:half]); err == nil {
		loader, err = l.add(loader, programs[half:])
	}
	return loader, err
}

// writeWith writes the loader of the programs in loaded and of those given.
func (l *lighter) writeWith(programs []int) (*libbpf.Loader, error) {
	o, _, err := libbpf.OpenForLoader(l.copied, l.obj.Name, neutralKconfig(l.out.Kconfig))
	if err != nil {
		return nil, newOpenError(err, l.copied)
	}
	defer o.Close()
	for i := range l.obj.Maps {
		switch m := &l.obj.Maps[i]; {
		case m.Type == uapi.MapTypePerfEventArray && m.MaxEntries == 0:
			err = errors.Join(err, o.SetMapEntries(i, 1))
		case m.Type == uapi.MapTypeArena:
			// libbpf would map it, over whatever is there.
			err = errors.Join(err, o.SetMapEntries(i, 1), o.SetMapExtra(i, 0))
		}
		if l.obj.Maps[i].PinPath != "" {
			err = errors.Join(err, o.ClearPinPath(i))
		}
	}
	for i := range l.obj.Programs {
		err = errors.Join(err, o.SetAutoload(i, slices.Contains(l.loaded, i) || slices.Contains(programs, i)))
	}
	if err != nil {
		return nil, err
	}
	loader, err := o.WriteLoader()
	if err != nil {
		return nil, newLoaderError(err)
	}
	return loader, nil
}

// finish reads the calls in the loader, makes its bytes neutral, and describes them.
func (l *lighter) finish() error {
	for name, original := range l.renamed {
		l.out.Blob = bytes.ReplaceAll(l.out.Blob, []byte(name+"\x00"), []byte(original+"\x00"))
	}
	calls, err := readLoader(l.order, l.out.Insns, l.out.Blob)
	if err != nil {
		return err
	}
	if err := l.maps(calls); err != nil {
		return err
	}
	if len(calls.programs) != len(l.loaded) {
		return fmt.Errorf("libbpf's loader loads %d programs, not %d", len(calls.programs), len(l.loaded))
	}
	for n, i := range l.loaded {
		if name := l.obj.Programs[i].Name; calls.programs[n].name != name[:min(len(name), maxKernelName)] {
			return fmt.Errorf("libbpf's loader loads program %q in place of %q", calls.programs[n].name, name)
		}
		l.out.Programs[i].Target = calls.programs[n].target
	}
	for i, image := range calls.images {
		if i >= len(l.obj.Maps) || !l.obj.Maps[i].Internal {
			return fmt.Errorf("libbpf's loader sets the value of map %d, which is not a section", i)
		}
		l.out.Maps[i].Image, l.out.Maps[i].ImageSize = image.at, image.size
		if isKconfig(l.obj, &l.obj.Maps[i]) {
			clear(l.out.Blob[image.at:][:image.size]) // load fills it in
		}
	}
	return nil
}

// maxKernelName is the length to which the kernel's names are cut.
const maxKernelName = 15

// maps writes the maps' sizes into the commands that create them.
func (l *lighter) maps(calls *loaderCalls) error {
	return calls.eachMap(l.obj, l.out.Blob, func(i int, m *model.Map, inner bool, attr []byte) {
		entries := l.out.Maps[i].MaxEntries
		if inner {
			entries = l.out.Maps[i].InnerEntries
		}
		if m.Type == uapi.MapTypePerfEventArray && entries == 0 {
			entries = 1 // the run time has as many as there are CPUs
		}
		l.order.PutUint32(attr[attrMaxEntries:], entries)
		l.order.PutUint64(attr[attrMapExtra:], m.Extra)
	})
}

func newLoaderError(err error) error {
	var e *libbpf.Error
	if !errors.As(err, &e) {
		return err
	}
	reason := e.Err.Error()
	if w := e.Log.Warnings(); len(w) > 0 {
		reason = ident.Printable(strings.Join(strings.Fields(w[0]), " "))
	}
	switch {
	case errors.Is(e.Err, syscall.ERANGE):
		reason = "it would have more than 32,767 instructions, the reach of a jump: split the object, or leave out --light"
	case errors.Is(e.Err, syscall.ENOTSUP):
		reason = "a program array has initial elements, which it cannot set: leave out --light"
	}
	return fmt.Errorf("libbpf cannot write a loader for the object: %s", reason)
}
