package load

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// The linker's own output is unsound the first time, and sound the second.
func TestAnObjectThatWasLinkedOnceTooFew(t *testing.T) {
	dir := t.TempDir()
	once, twice := filepath.Join(dir, "once.bpf.o"), filepath.Join(dir, "twice.bpf.o")
	if err := libbpf.LinkObjects(once, object("weak"), object("strong")); err != nil {
		t.Fatal(err)
	}
	if err := libbpf.LinkObjects(twice, once); err != nil {
		t.Fatal(err)
	}
	_, err := File(once, Options{})
	want := `BTF places variable "limit" of section .data at 4, its symbol at 8, because the object was linked once too few: link it again`
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

// Objects as compilers write them have no places in BTF: libbpf puts the symbols' in.
func TestCompiledObjectsAreNotLinkedAgain(t *testing.T) {
	f, err := newMemFile(mustRead(t, "unused_section"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	types, err := f.types()
	if err != nil || wasLinked(types) {
		t.Errorf("%v, linked: %v", err, wasLinked(types))
	}
	if len(types) < 2 || types[0].Kind != model.KindVoid {
		t.Errorf("%d types", len(types))
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	data, err := read(object(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
