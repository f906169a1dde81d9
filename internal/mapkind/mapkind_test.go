package mapkind

import (
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Every kind in the table of the kernel's numbers has a row here.
func TestEveryKindHasAType(t *testing.T) {
	kind := uapi.MapTypeUnspec
	for ; !strings.HasPrefix(kind.String(), "map_type("); kind++ {
		if int(kind) >= len(types) || types[kind].Name == "" {
			t.Errorf("%s has no row in types", kind)
		}
	}
	if int(kind) != len(types) {
		t.Errorf("types has %d rows, and the kernel %d kinds", len(types), kind)
	}
}

func TestAnUnknownKindIsRaw(t *testing.T) {
	for _, kind := range []uapi.MapType{uapi.MapType(len(types)), 1 << 31, ^uapi.MapType(0)} {
		if got := Of(kind); got != (GoType{Name: "RawMap"}) {
			t.Errorf("%s has the type %+v", kind, got)
		}
	}
}
