package load

import (
	"fmt"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// checkPlaces refuses an object whose BTF places a variable elsewhere than its symbol
// table, which the programs' code goes by. libbpf's linker writes such objects: where
// a variable replaces a weak one of a file before it, BTF keeps the old place. libbpf
// has no access to symbols, and trusts BTF in an object that was linked; but its linker
// goes by the symbols. So the object is linked again, and is sound if nothing moves.
func checkPlaces(object []byte) error {
	in, err := newMemFile(object)
	if err != nil {
		return err
	}
	defer in.Close()
	before, err := in.types()
	if err != nil || !wasLinked(before) {
		return nil // libbpf itself goes by the symbols then
	}
	out, err := in.linked()
	if err != nil {
		return nil // what the linker refuses, it has not written
	}
	defer out.Close()
	after, err := out.types()
	if err != nil {
		return nil
	}
	return moved(before, after)
}

// wasLinked reports whether the sections have sizes: a compiler leaves that to others.
func wasLinked(types model.Types) bool {
	for i := range types {
		if t := &types[i]; t.Kind == model.KindDatasec && t.Size > 0 && len(t.Vars) > 1 {
			return true
		}
	}
	return false
}

// moved finds a global variable that has another place after linking.
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
