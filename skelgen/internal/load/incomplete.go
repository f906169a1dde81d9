package load

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// unknownSizeMessage matches libbpf's message about a key or value whose type has an
// unknown size.
var unknownSizeMessage = regexp.MustCompile(`can't determine (?:key|value) size for type \[(\d+)\]`)

// incompleteTypeAdvice names the type in libbpf's message about an unknown size, which has
// only the type's number, and says what to do about it. It is "" for other reasons.
func incompleteTypeAdvice(reason string, object []byte) string {
	found := unknownSizeMessage.FindStringSubmatch(reason)
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
	t, err := file.readTypes()
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
	return fmt.Sprintf("the object does not contain the members of %s %s: the compiler omits them if only an inner map or a pointer in a struct refers to the type; "+
		"to include them, add a global variable \"%[1]s %[2]s *unused_%[2]s;\"", tag, target.Name)
}
