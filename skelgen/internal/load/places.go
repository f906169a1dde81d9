package load

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// checkPlaces refuses an object whose BTF has another offset for a variable than its
// symbol table, which the programs' code uses. libbpf's linker writes such objects: if
// a variable replaces a weak one of an earlier file, BTF keeps the old offset. libbpf's
// API does not give access to symbols, and libbpf trusts the BTF of a linked object; but
// its linker uses the symbols. So checkPlaces links the object again: it is right if no
// variable moves.
func checkPlaces(object []byte) error {
	in, err := newMemFile(object)
	if err != nil {
		return err
	}
	defer in.Close()
	before, err := in.types()
	if err != nil || !wasLinked(before) {
		return nil // libbpf itself uses the symbols then
	}
	out, err := in.linked()
	if err != nil {
		return nil // the linker did not write an object that it refuses
	}
	defer out.Close()
	after, err := out.types()
	if err != nil {
		return nil
	}
	return moved(before, after)
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

// moved finds a global variable whose offset changes with linking.
func moved(before, after model.Types) error {
	places := map[[2]string]int{}
	eachGlobal(after, func(section, name string, offset int) { places[[2]string{section, name}] = offset })
	var err error
	eachGlobal(before, func(section, name string, offset int) {
		if now, ok := places[[2]string{section, name}]; ok && now != offset && err == nil {
			err = fmt.Errorf("BTF places variable %q of section %s at %d, its symbol at %d, because the object was linked once too few: link it again, with bpftool gen object, until it no longer changes", name, section, offset, now)
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
