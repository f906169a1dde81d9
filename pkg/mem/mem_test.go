package mem

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

func TestAddressesOfNothingAreNil(t *testing.T) {
	eight := make([]byte, 8)
	for name, c := range map[string]struct {
		at, want unsafe.Pointer
	}{
		"nil slice":                  {Of[byte](nil), nil},
		"empty slice":                {Of([]byte{}), nil},
		"slice cut to nothing":       {Of(eight[:0]), nil},
		"elements without a size":    {Of(make([][0]byte, 3)), nil},
		"slice":                      {Of(eight[2:]), unsafe.Pointer(&eight[2])},
		"nil pointer":                {At[uint32](nil), nil},
		"pointer to nothing":         {At(&[0]byte{}), nil},
		"pointer":                    {At(&eight[3]), unsafe.Pointer(&eight[3])},
		"value of too few bytes":     {unsafe.Pointer(As[uint64](eight[1:])), nil},
		"value":                      {unsafe.Pointer(As[uint64](eight)), unsafe.Pointer(&eight[0])},
		"memory of a nil pointer":    {Of(Bytes[uint64](nil)), nil},
		"memory of a value of bytes": {Of(Bytes((*[8]byte)(eight))), unsafe.Pointer(&eight[0])},
	} {
		if c.at != c.want {
			t.Errorf("%s: %v, want %v", name, c.at, c.want)
		}
	}
}

func TestPointerFree(t *testing.T) {
	type plain struct {
		A [3]struct{ B, C uint16 }
		_ float64
		D bool
	}
	type list struct{ Next [2]struct{ At *list } }
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"integer":        {PointerFree[uint64](), ""},
		"struct":         {PointerFree[plain](), ""},
		"uintptr":        {PointerFree[uintptr](), ""},
		"pointer":        {PointerFree[*int](), "*int holds a Go pointer"},
		"in an array":    {PointerFree[[4]string](), "string holds a Go pointer"},
		"deep inside":    {PointerFree[list](), "field Next: struct { At *mem.list }: field At: "},
		"slice":          {PointerFree[[]byte](), "[]uint8 holds a Go pointer"},
		"map":            {PointerFree[map[int]int](), "holds a Go pointer"},
		"func":           {PointerFree[func()](), "holds a Go pointer"},
		"interface":      {PointerFree[any](), "holds a Go pointer"},
		"channel":        {PointerFree[chan int](), "holds a Go pointer"},
		"unsafe.Pointer": {PointerFree[unsafe.Pointer](), "holds a Go pointer"},
		"asked again":    {PointerFree[*int](), "*int holds a Go pointer"},
	} {
		if ok := c.err == nil; ok != (c.want == "") || !ok && (!errors.Is(c.err, syscall.EINVAL) || !strings.Contains(c.err.Error(), c.want)) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}
