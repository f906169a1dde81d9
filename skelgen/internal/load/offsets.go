package load

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// checkOffsets refuses an object whose BTF has another offset for a variable than its
// symbol table, which the programs' code uses. libbpf's linker writes such objects: if
// a variable replaces a weak one of an earlier file, BTF keeps the old offset. libbpf's
// API does not give access to symbols, and libbpf trusts the BTF of a linked object; but
// its linker uses the symbols. So checkOffsets links the object again: the offsets are
// right if no variable moves.
func checkOffsets(object []byte) error {
	in, err := newMemFile(object)
	if err != nil {
		return err
	}
	defer in.Close()
	before, err := in.readTypes()
	if err != nil || !wasLinked(before) {
		return nil // libbpf itself uses the symbols then
	}
	out, err := in.relink()
	if err != nil {
		return nil // the linker did not write an object that it refuses
	}
	defer out.Close()
	after, err := out.readTypes()
	if err != nil {
		return nil
	}
	return compareOffsets(before, after)
}

// wasLinked reports whether the sections have sizes: a compiler leaves them 0.
func wasLinked(types model.Types) bool {
	for i := range types {
		if t := &types[i]; t.Kind == model.KindDatasec && t.Size > 0 && len(t.Vars) > 1 {
			return true
		}
	}
	return false
}

// compareOffsets returns an error if linking has changed the offset of a global variable.
func compareOffsets(before, after model.Types) error {
	offsets := map[[2]string]int{}
	eachGlobal(after, func(section, name string, offset int) { offsets[[2]string{section, name}] = offset })
	var err error
	eachGlobal(before, func(section, name string, offset int) {
		if now, ok := offsets[[2]string{section, name}]; ok && now != offset && err == nil {
			err = fmt.Errorf("variable %q of section %s has offset %d in BTF but %d in the symbol table: link the object again with bpftool gen object, until it no longer changes", name, section, offset, now)
		}
	})
	return err
}

func eachGlobal(types model.Types, visit func(section, name string, offset int)) {
	for i := range types {
		t := &types[i]
		if t.Kind != model.KindDatasec {
			continue
		}
		for _, v := range t.Vars {
			if variable := types.At(v.Type); variable.Kind == model.KindVar && variable.Linkage == model.LinkageGlobal {
				visit(t.Name, variable.Name, v.Offset)
			}
		}
	}
}
