package load

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// The linker's output is wrong the first time, and right the second.
func TestAnObjectThatMustBeLinkedTwice(t *testing.T) {
	dir := t.TempDir()
	once, twice := filepath.Join(dir, "once.bpf.o"), filepath.Join(dir, "twice.bpf.o")
	if err := libbpf.LinkObjects(once, object("weak"), object("strong")); err != nil {
		t.Fatal(err)
	}
	if err := libbpf.LinkObjects(twice, once); err != nil {
		t.Fatal(err)
	}
	_, err := File(once, Options{})
	want := `variable "limit" of section .data has offset 4 in BTF but 8 in the symbol table: link the object again`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("linked once: %v, want %q", err, want)
	}
	obj, err := File(twice, Options{})
	if err != nil {
		t.Fatalf("linked twice: %v", err)
	}
	eachGlobal(obj.Types, func(_, name string, offset int) {
		if name == "limit" && offset != 8 {
			t.Errorf("linked twice: limit is at %d, want 8", offset)
		}
	})
}

// The BTF of an object from a compiler does not have the variables' offsets: libbpf
// takes them from the symbols.
func TestCompiledObjectsAreNotLinkedAgain(t *testing.T) {
	f, err := newMemFile(mustRead(t, "unused_section"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	types, err := f.readTypes()
	if err != nil || wasLinked(types) {
		t.Errorf("%v, linked: %v", err, wasLinked(types))
	}
	if len(types) < 2 || types[0].Kind != model.KindVoid {
		t.Errorf("%d types", len(types))
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	data, err := readChecked(object(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
