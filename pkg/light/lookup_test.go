//go:build linux

package light

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Each function and tracepoint of the kernel that has one name is found under its id.
func TestEveryTypeOfTheKernelIsFound(t *testing.T) {
	if _, err := os.Stat(vmlinuxFile); err != nil {
		t.Skip("this kernel has no BTF")
	}
	kernel, err := vmlinuxTypes()
	testkit.Must(t, err)
	kernel.scan()
	if len(kernel.at) < 10000 {
		t.Fatalf("%d types", len(kernel.at))
	}
	type key struct {
		name string
		kind uapi.BTFKind
	}
	first, several := map[key]uint32{}, map[key]bool{}
	for i, at := range kernel.at {
		k := key{string(kernel.name(at)), kernel.kind(at)}
		if k.name == "" || k.kind == uapi.BTFKindFwd {
			continue
		}
		if _, ok := first[k]; ok {
			several[k] = true
			continue
		}
		first[k] = kernel.first + uint32(i)
	}
	found := 0
	for k, id := range first {
		if several[k] || !indexed(k.kind) && found%50 != 0 { // the others are found by a scan, which takes long
			found++
			continue
		}
		found++
		if got, ok := kernel.find(k.name, k.kind); !ok || got != id {
			t.Fatalf("%s of kind %v: %d %v, want %d", k.name, k.kind, got, ok, id)
		}
	}
	if _, ok := kernel.find("no_such_function_of_the_kernel", uapi.BTFKindFunc); ok {
		t.Error("a function that does not exist was found")
	}
	again, err := vmlinuxTypes()
	testkit.Must(t, err)
	if again != kernel {
		t.Error("the types were read again while they were in use")
	}
}

func TestKernelTypesAreFoundInModules(t *testing.T) {
	testkit.NeedRoot(t)
	names, err := os.ReadDir("/sys/kernel/btf")
	if err != nil || len(names) < 2 {
		t.Skip("this kernel has no modules with BTF")
	}
	kernel, err := vmlinuxTypes()
	testkit.Must(t, err)
	for _, n := range names {
		if n.Name() == "vmlinux" {
			continue
		}
		data, err := os.ReadFile("/sys/kernel/btf/" + n.Name())
		testkit.Must(t, err)
		module, err := parseTypes(data, kernel)
		testkit.Must(t, err)
		module.scan()
		for i, at := range module.at {
			name := string(module.name(at))
			if module.kind(at) != uapi.BTFKindFunc {
				continue
			}
			if _, ok := kernel.find(name, uapi.BTFKindFunc); ok {
				continue
			}
			id, fd, err := findKernelType(n.Name()+":"+name, uapi.BTFKindFunc)
			if err != nil || fd <= 0 || id != module.first+uint32(i) {
				t.Fatalf("%s of %s: %d %d %v, want %d", name, n.Name(), id, fd, err, module.first+uint32(i))
			}
			info, err := bpf.InfoOfBTF(fd)
			unix.Close(fd)
			if err != nil || info.Name != n.Name() {
				t.Fatalf("%s is in %+v, %v", name, info, err)
			}
			return
		}
	}
	t.Skip("no module has a function of its own")
}

func TestTypesThatAreNotThereAreAnError(t *testing.T) {
	testkit.NeedRoot(t)
	for _, name := range []string{"no_such_function", "no_such_module:no_such_function", "no_such_module:schedule"} {
		if _, fd, err := findKernelType(name, uapi.BTFKindFunc); err != syscall.ESRCH || fd != 0 {
			t.Errorf("%s: %d %v", name, fd, err)
		}
	}
}

// FuzzTypes looks up names in damaged types.
func FuzzTypes(f *testing.F) {
	header := binary.NativeEndian.AppendUint16(nil, 0xeb9f)
	header = append(header, 1, 0)
	for _, n := range []uint32{24, 0, 12, 12, 5} {
		header = binary.NativeEndian.AppendUint32(header, n)
	}
	types := []byte{1, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0}
	f.Add(append(append(header, types...), "\x00name"...), "name")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		types, err := parseTypes(data, nil)
		if err != nil {
			return
		}
		types.find(name, uapi.BTFKindFunc)
		types.find(name, uapi.BTFKindStruct)
		if split, err := parseTypes(data, types); err == nil {
			split.find(name, uapi.BTFKindVar)
		}
	})
}

func TestScanKallsyms(t *testing.T) {
	const text = "ffffffff81000000 T _text\n0000000000000000 A hidden\nffffffffc0000010 t in_module\t[nf_nat]\n" +
		"ffffffff81000020 t twice\nffffffff81000030 t twice\nffffffff81000050 d data.llvm.123\nffffffff81000060 T text.llvm.123\nnot a line\n\nxyz T bad_number\nffffffff81000040 D last"
	wanted := map[string]bool{"_text": true, "hidden": true, "in_module": true, "twice": true, "bad_number": true, "absent": true, "last": true, "data": true, "text": true}
	want := map[string]kernelSymbol{
		"_text": {0xffffffff81000000, false}, "hidden": {0, false}, "in_module": {0xffffffffc0000010, false}, "twice": {0xffffffff81000030, true},
		"data": {0xffffffff81000050, false},
	}
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		"with the end": iotest.DataErrReader(strings.NewReader(text)),
	} {
		got, err := scanKallsyms(r, wanted)
		testkit.Must(t, err)
		if len(got) != len(want) {
			t.Errorf("%s: %v", name, got) // the last line has no end: the kernel ends each
		}
		for symbol, s := range want {
			if g, ok := got[symbol]; !ok || g != s {
				t.Errorf("%s: %s is %v %v, want %v", name, symbol, g, ok, s)
			}
		}
	}
	if _, err := scanKallsyms(iotest.ErrReader(io.ErrUnexpectedEOF), wanted); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a failed read gave %v", err)
	}
}

// The whole list, read in another way.
func TestReadKallsyms(t *testing.T) {
	data, err := os.ReadFile(kallsymsFile)
	testkit.Must(t, err)
	want := map[string]string{}
	wanted := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) > 3 && (f[3] == "[bpf]" || strings.HasPrefix(f[3], "[__builtin")) {
			continue // programs come and go
		}
		if _, ok := want[f[2]]; !ok {
			want[f[2]] = f[0]
			wanted[f[2]] = true
		}
	}
	got, err := readKallsyms(wanted)
	testkit.Must(t, err)
	if len(got) != len(want) {
		t.Errorf("%d symbols, want %d", len(got), len(want))
	}
	for name, address := range want {
		if hex := hex16(got[name].address); hex != address && !got[name].ambiguous {
			t.Fatalf("%s is %s, want %s", name, hex, address)
		}
	}
}

func hex16(v uint64) string {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[i] = digits[v>>(60-4*i)&0xf]
	}
	return string(b[:])
}
