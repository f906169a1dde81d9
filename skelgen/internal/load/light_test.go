package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func lightOf(t *testing.T, path string) (*model.Object, *model.Light) {
	t.Helper()
	obj, err := File(path, Options{})
	if err == nil {
		err = CheckLight(obj)
	}
	if err != nil {
		t.Fatal(err)
	}
	light, err := Light(obj)
	if err != nil {
		t.Fatal(err)
	}
	return obj, light
}

// What libbpf takes from a machine is neutral in the loader, and described.
func TestALoaderIsNeutral(t *testing.T) {
	obj, light := lightOf(t, "testdata/light.bpf.o")
	calls, err := readLoader(binary.LittleEndian, light.Insns, light.Blob)
	if err != nil {
		t.Fatal(err)
	}
	type shape struct {
		entries uint32
		extra   uint64
	}
	got, want := map[string]shape{}, map[string]shape{
		"events":      {1, 0},         // not the processors of this machine
		"ring":        {8192, 0},      // 5000, for pages of 4 KiB
		"rings.inner": {4096, 0},      // 1000
		"heap":        {100, 1 << 44}, // libbpf must not map it here
		"shared":      {10, 0},
	}
	err = calls.eachMap(obj, light.Blob, func(_ int, m *model.Map, _ bool, attr []byte) {
		if _, ok := want[m.Name]; ok {
			got[m.Name] = shape{binary.LittleEndian.Uint32(attr[attrMaxEntries:]), binary.LittleEndian.Uint64(attr[attrMapExtra:])}
		}
	})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v, %v", got, want, err)
	}
	for i := range obj.Maps {
		m, image := &obj.Maps[i], light.Maps[i]
		if m.Internal != (image.ImageSize > 0) {
			t.Errorf("%s: an image of %d bytes", m.Name, image.ImageSize)
		}
		data := light.Blob[image.Image:][:image.ImageSize]
		switch {
		case isKconfig(obj, m) && len(bytes.Trim(data, "\x00")) > 0:
			t.Errorf("%s: %q is from this machine", m.Name, data)
		case strings.HasSuffix(m.Name, ".rodata") && !bytes.Equal(data, []byte{7, 0, 0, 0}):
			t.Errorf("%s: %q", m.Name, data)
		case m.Name == ".data.big" && (len(data) != 70000 || data[0] != 1):
			t.Errorf("%s: %d bytes", m.Name, len(data))
		}
	}
	for _, name := range []string{"bpf_link_fops", "cpf_link_fops", "bpfskel_no_such_symbol"} {
		if n := bytes.Count(light.Blob, []byte("\x00"+name+"\x00")); n < 2 { // in BTF, and for the look-up
			t.Errorf("%s stands %d times in the blob", name, n)
		}
		for c := byte(1); c < ' '; c++ {
			if bytes.Contains(light.Blob, []byte(string([]byte{c})+name[1:]+"\x00")) {
				t.Errorf("%s is hidden in the blob", name)
			}
		}
	}
	if want := []string{"bpf_link_fops"}; !slices.Equal(light.StrongSymbols, want) {
		t.Errorf("strong symbols %q", light.StrongSymbols)
	}
	if len(light.Typeless) != 4 {
		t.Errorf("symbols without a type: %q", light.Typeless)
	}
}

// The programs of a loader, with the names that it looks up, in the order of the object.
func TestALoaderLoadsEveryProgramThatItCan(t *testing.T) {
	obj, light := lightOf(t, "testdata/light.bpf.o")
	calls, err := readLoader(binary.LittleEndian, light.Insns, light.Blob)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, p := range calls.programs {
		got = append(got, p.name)
	}
	targets := map[string]string{}
	for i, p := range obj.Programs {
		if !light.Programs[i].NotInLoader {
			want = append(want, p.Name)
		}
		if light.Programs[i].Target != "" {
			targets[p.Name] = light.Programs[i].Target
		}
	}
	if !slices.Equal(got, want) || !slices.Equal(want, []string{"first", "second_program", "off", "typed"}) {
		t.Errorf("%q, want %q", got, want)
	}
	if want := map[string]string{"typed": "btf_trace_sys_enter"}; !reflect.DeepEqual(targets, want) { // no kfunc
		t.Errorf("targets %q, want %q", targets, want)
	}
	i := slices.IndexFunc(obj.Maps, func(m model.Map) bool { return m.Name == "jumps" })
	if want := []model.LightSlot{{Key: 0, Program: 0}, {Key: 3, Program: 1}}; !slices.Equal(light.Maps[i].Slots, want) {
		t.Errorf("slots %v, want %v", light.Maps[i].Slots, want)
	}
}

func TestKconfigIsDescribed(t *testing.T) {
	_, light := lightOf(t, "testdata/light.bpf.o")
	want := []model.KconfigVar{
		{Name: "CONFIG_BPFSKEL_TRISTATE", Kind: model.KconfigTristate, Size: 4, Weak: true},
		{Name: "CONFIG_HZ", Kind: model.KconfigInt, Offset: 4, Size: 4},
		{Name: "LINUX_KERNEL_VERSION", Kind: model.KconfigInt, Offset: 8, Size: 4, Signed: true},
		{Name: "CONFIG_BPFSKEL_CHAR", Kind: model.KconfigChar, Offset: 12, Size: 1, Signed: true, Weak: true},
		{Name: "LINUX_HAS_BPF_COOKIE", Kind: model.KconfigBool, Offset: 13, Size: 1, Weak: true},
		{Name: "CONFIG_DEFAULT_HOSTNAME", Kind: model.KconfigString, Offset: 14, Size: 32, Weak: true},
	}
	if !reflect.DeepEqual(light.Kconfig, want) {
		t.Errorf("%+v", light.Kconfig)
	}
	config := "CONFIG_BPFSKEL_TRISTATE=n\nCONFIG_HZ=0\nCONFIG_BPFSKEL_CHAR=n\nCONFIG_DEFAULT_HOSTNAME=\"\"\n"
	if got := neutralKconfig(want); got != config {
		t.Errorf("%q", got)
	}
}

// As libbpf's adjust_ringbuf_sz, for pages of 4 KiB.
func TestRingsAreRoundedForTheSmallestPage(t *testing.T) {
	for size, want := range map[uint32]uint32{
		0: 0, 1: 4096, 4095: 4096, 4096: 4096, 4097: 8192, 5000: 8192, 12288: 16384,
		1 << 20: 1 << 20, 1<<30 + 1: 1 << 31, 1 << 31: 1 << 31, 1<<31 + 1: 1<<31 + 1,
	} {
		if got := roundRing(size); got != want {
			t.Errorf("%d: %d, want %d", size, got, want)
		}
	}
}

// Whatever the instructions of a loader are, what is read of it is inside the blob.
func TestDamagedLoaders(t *testing.T) {
	obj, light := lightOf(t, "testdata/light.bpf.o")
	refused := 0
	try := func(insns []byte) {
		calls, err := readLoader(binary.LittleEndian, insns, light.Blob)
		if err == nil {
			for _, image := range calls.images {
				_ = light.Blob[image.at:][:image.size]
			}
			err = calls.eachMap(obj, light.Blob, func(int, *model.Map, bool, []byte) {})
		}
		if err != nil {
			refused++
		}
	}
	for i := range len(light.Insns) / 8 {
		try(light.Insns[:i*8])
		for _, at := range []int{0, 1, 4, 7} {
			insns := bytes.Clone(light.Insns)
			insns[i*8+at] ^= 0xff
			try(insns)
		}
	}
	if refused < 300 {
		t.Errorf("only %d are refused", refused)
	}
	if _, err := readLoader(binary.LittleEndian, light.Insns, light.Blob[:200]); err == nil {
		t.Error("a blob of 200 bytes is enough")
	}
	call := []byte{opMov, 1, 0, 0, byte(uapi.CmdProgLoad), 0, 0, 0, opCall, 0, 0, 0, callBPF, 0, 0, 0}
	if _, err := readLoader(binary.LittleEndian, call, nil); !errors.Is(err, errLoader) {
		t.Errorf("a call without arguments: %v", err)
	}
}

// An ELF file that is cut off somewhere is an error when it is edited, not a crash.
func TestEditingCutObjects(t *testing.T) {
	data, err := os.ReadFile("testdata/light.bpf.o")
	if err != nil {
		t.Fatal(err)
	}
	obj, err := File("testdata/light.bpf.o", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(data); n += 97 {
		cut := *obj
		cut.Bytes = data[:n]
		l := &lighter{obj: &cut, order: binary.LittleEndian}
		l.out.Maps = make([]model.LightMap, len(obj.Maps))
		if err := l.edit(); err == nil {
			t.Errorf("%d bytes are enough", n)
		}
	}
}
