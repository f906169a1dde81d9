package gotype

import (
	"fmt"
	"strconv"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// enumInteger is the Go integer beneath an enumeration, and whether there is one.
func enumInteger(t *model.Type) (string, bool) {
	switch t.Size {
	case 1, 2, 4, 8:
	default:
		return "", false
	}
	if t.Signed {
		return fmt.Sprintf("int%d", t.Size*8), true
	}
	return fmt.Sprintf("uint%d", t.Size*8), true
}

// enum returns the declaration of an enumeration.
func (b *builder) enum(id model.TypeID, t *model.Type) *Enum {
	integer, _ := enumInteger(t)
	e := &Enum{Name: b.names.goNames[id], C: b.cName(id, t), Type: integer, Signed: t.Signed}
	seen := map[string]bool{}
	for i, v := range t.Values {
		value := enumValue(v.Value, t.Size*8, t.Signed)
		e.Values = append(e.Values, EnumValue{
			Name: b.names.values[id][i], C: v.Name, Value: value, Alias: seen[value],
		})
		seen[value] = true
	}
	return e
}

// enumValue spells an enumerator's value, cut to the enumeration's size.
func enumValue(v uint64, bits int, signed bool) string {
	shift := uint(64 - bits)
	if signed {
		return strconv.FormatInt(int64(v<<shift)>>shift, 10)
	}
	return strconv.FormatUint(v<<shift>>shift, 10)
}
