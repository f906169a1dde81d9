//go:build linux && cgo

package libbpf

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// object is a compiled object of the generator's fixtures.
func object(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../skelgen/testdata/" + name + "/" + name + ".bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestVersionsAgree(t *testing.T) {
	if err := CheckVersion(); err != nil {
		t.Error(err)
	}
	if Version < 105 || !strings.HasPrefix(LinkedVersion(), "v1.") {
		t.Errorf("version %d, linked %s", Version, LinkedVersion())
	}
}

func TestErrorsUnwrap(t *testing.T) {
	for _, c := range []struct {
		name string
		rc   int
		want error
		text string
	}{
		{"an errno", -int(syscall.EPERM), syscall.EPERM, "operation not permitted"},
		{"a code of libbpf's", -int(backend.ErrFormat), backend.ErrFormat, "not a valid BPF object"},
		{"libbpf's first code", -int(backend.ErrLibelf), backend.ErrLibelf, "libelf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := result("load", c.rc, Log{{Level: LevelWarn, Text: "why"}})
			if !errors.Is(err, c.want) {
				t.Errorf("%v is not %v", err, c.want)
			}
			for _, part := range []string{"load: ", c.text, "why"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
		})
	}
	if err := result("load", 3, nil); err != nil {
		t.Errorf("a positive result became an error: %v", err)
	}
}

func TestRefusalCarriesItsOwnLog(t *testing.T) {
	text := bytes.Repeat([]byte("no ELF here "), 100)
	_, _, err := OpenMem(text, "text")
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, backend.ErrLibelf) && !errors.Is(err, backend.ErrFormat) {
		t.Fatalf("%#v", err)
	}
	if len(e.Log.Warnings()) == 0 {
		t.Errorf("no warning of libbpf's in %+v", e.Log)
	}
	if _, _, err := OpenMem(nil, "empty"); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("no data: %v", err)
	}
}

// The error of each goroutine's failing call carries only its own output.
func TestCaptureIsPerCall(t *testing.T) {
	good := object(t, "maps")
	bad := good[:len(good)/2]
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				o, log, err := OpenMem(good, "maps")
				if err != nil {
					t.Error(err)
					return
				}
				o.Close()
				if w := log.Warnings(); len(w) > 0 {
					t.Errorf("a valid object has the warnings of another: %q", w)
				}
				if _, _, err := OpenMem(bad, "bad"); err == nil {
					t.Error("a truncated object was opened")
				} else if e := new(Error); !errors.As(err, &e) || len(e.Log) == 0 {
					t.Errorf("%v has no log", err)
				}
			}
		}()
	}
	wg.Wait()
}

func TestLogSink(t *testing.T) {
	good := object(t, "maps")
	var got Log
	backend.SetLogSink(LevelDebug, func(l Log) { got = append(got, l...) })
	o, log, err := OpenMem(good, "maps")
	backend.SetLogSink(LevelDebug, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Close()
	if len(got) == 0 || len(got) != len(log) {
		t.Fatalf("the sink got %d messages, the caller %d", len(got), len(log))
	}
	for _, m := range got {
		if m.Level != LevelDebug || strings.HasPrefix(m.Text, "libbpf:") || strings.HasSuffix(m.Text, "\n") {
			t.Errorf("%+v", m)
		}
	}
	o, log, err = OpenMem(good, "maps")
	if err != nil || len(log) != 0 {
		t.Fatalf("without a sink debug messages are kept: %q, %v", log, err)
	}
	o.Close()
}

// BTF read through libbpf has the contents of the section: ids in order, void first, an
// error beyond the end.
func TestBTF(t *testing.T) {
	o, _, err := OpenMem(object(t, "maps"), "maps")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	btf := o.BTF()
	if btf == nil || btf.Len() < 2 || btf.BigEndian() {
		t.Fatalf("%+v", btf)
	}
	if _, err := btf.Type(uint32(btf.Len())); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a type beyond the end: %v", err)
	}
	structs := 0
	for id := 1; id < btf.Len(); id++ {
		typ, err := btf.Type(uint32(id))
		if err != nil {
			t.Fatal(err)
		}
		if typ.Kind != 4 { // struct
			continue
		}
		structs++
		if _, err := btf.Item(uint32(id), typ.Vlen); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s: a member beyond the end: %v", typ.Name, err)
		}
		last := 0
		for i := range typ.Vlen {
			m, err := btf.Item(uint32(id), i)
			if err != nil {
				t.Fatal(err)
			}
			if m.Offset < last || m.Offset > typ.Size*8 {
				t.Errorf("%s.%s at bit %d of %d bytes", typ.Name, m.Name, m.Offset, typ.Size)
			}
			last = m.Offset
		}
	}
	if structs == 0 {
		t.Error("no struct to look at")
	}
}

func TestKernelBTF(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		t.Skip("this kernel shows no BTF")
	}
	btf, err := KernelBTF()
	if err != nil {
		t.Fatal(err)
	}
	defer btf.Close()
	d, err := btf.NewDump()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for id := 1; id < btf.Len(); id++ {
		typ, err := btf.Type(uint32(id))
		if err != nil {
			t.Fatal(err)
		}
		if typ.Name != "task_struct" || typ.Kind != 4 {
			continue
		}
		text, err := d.Type(uint32(id))
		if err != nil || !strings.Contains(text, "struct task_struct {") {
			t.Errorf("task_struct: %v, %d bytes", err, len(text))
		}
		again, err := d.Type(uint32(id))
		if err != nil || again != "" {
			t.Errorf("printed twice: %v, %d bytes", err, len(again))
		}
		return
	}
	t.Error("no task_struct in the kernel's BTF")
}

// Objects' maps and programs come in the order of their sections' symbols, and
// with every property that the object declares.
func TestObjectMaps(t *testing.T) {
	data := object(t, "maps")
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, s := range symbols {
		if int(s.Section) < len(f.Sections) && f.Sections[s.Section].Name == ".maps" && elf.ST_TYPE(s.Info) == elf.STT_OBJECT {
			want[s.Name] = true
		}
	}
	o, _, err := OpenMem(data, "maps")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	for _, m := range o.Maps() {
		if !m.Internal && !want[m.Name] {
			t.Errorf("%s is not in the object", m.Name)
		}
		if !m.Internal && m.TypeName == "" {
			t.Errorf("%s has no type", m.Name)
		}
		delete(want, m.Name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// C gets every name, complete, and numbers that it can read.
func TestListsForC(t *testing.T) {
	var a cArguments
	defer a.free()
	names := []string{"one", "", "three"}
	targets, err := a.targets(&backend.Targets{Names: names, Cookies: []uint64{1, 1 << 63, 3}})
	if err != nil || targets.count != 3 {
		t.Fatalf("C gets %d targets, %v", targets.count, err)
	}
	for i, p := range unsafe.Slice(targets.names, 3) { // SAFETY: as many as count says
		text := unsafe.Slice((*byte)(unsafe.Pointer(p)), len(names[i])+1) // SAFETY: with the NUL
		if string(text) != names[i]+"\x00" {
			t.Errorf("name %d is %q, want %q and a NUL", i, text, names[i])
		}
	}
	if c := unsafe.Slice(targets.cookies, 3); c[0] != 1 || c[1] != 1<<63 || c[2] != 3 { // SAFETY: as many as count says
		t.Errorf("the cookies are %v", c)
	}
	if targets.locations != nil || targets.ref_counters != nil {
		t.Error("lists that are empty are not NULL")
	}
	for name, wrong := range map[string]backend.Targets{
		"fewer cookies": {Names: names, Cookies: []uint64{1, 2}},
		"more offsets":  {Names: names, Locations: []uint64{1, 2, 3, 4}},
		"only counters": {RefCounters: []uint64{1}},
	} {
		if _, err := a.targets(&wrong); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}
