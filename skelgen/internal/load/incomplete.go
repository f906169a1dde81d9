package load

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// unsized matches libbpf's message about a key or value whose type has an unknown size.
var unsized = regexp.MustCompile(`can't determine (?:key|value) size for type \[(\d+)\]`)

// incomplete names the type in libbpf's message about an unknown size, which has only
// the type's number, and says what to do about it. It is "" for other reasons.
func incomplete(reason string, object []byte) string {
	found := unsized.FindStringSubmatch(reason)
	if found == nil {
		return ""
	}
	id, err := strconv.ParseUint(found[1], 10, 32)
	if err != nil {
		return ""
	}
	file, err := newMemFile(object)
	if err != nil {
		return ""
	}
	defer file.Close()
	t, err := file.types()
	if err != nil {
		return ""
	}
	target := t.At(t.Skip(model.TypeID(id), true))
	if target.Kind != model.KindFwd {
		return ""
	}
	tag := "struct"
	if target.Union {
		tag = "union"
	}
	return fmt.Sprintf("%s %s has no members in the object: the compiler leaves out those of a type that only an inner map or a pointer in a struct names; "+
		"a global variable \"%[1]s %[2]s *unused_%[2]s;\" brings them in", tag, target.Name)
}
