package model

import "testing"

func TestSkipAndSizeOf(t *testing.T) {
	types := Types{
		{},
		{Kind: KindInt, Name: "unsigned int", Size: 4},
		{Kind: KindTypedef, Name: "u32", Elem: 1},
		{Kind: KindConst, Elem: 2},
		{Kind: KindArray, Elem: 3, Len: 3},
		{Kind: KindArray, Elem: 4, Len: 2},
		{Kind: KindPtr, Elem: 0},
		{Kind: KindFwd, Name: "later"},
		{Kind: KindConst, Elem: 9}, // 8 and 9 are a cycle
		{Kind: KindVolatile, Elem: 8},
		{Kind: KindVar, Name: "v", Elem: 5},
		{Kind: KindArray, Elem: 1, Len: 0x7fffffff},
		{Kind: KindArray, Elem: 11, Len: 0x7fffffff},
	}
	for _, c := range []struct {
		name         string
		id           TypeID
		skip, skipTD TypeID
		size         int
		ok           bool
	}{
		{"plain integer", 1, 1, 1, 4, true},
		{"typedef", 2, 2, 1, 4, true},
		{"const typedef", 3, 2, 1, 4, true},
		{"array of arrays", 5, 5, 5, 24, true},
		{"pointer to void is 8 bytes", 6, 6, 6, 8, true},
		{"forward declaration has no size", 7, 7, 7, 0, false},
		{"cycle of qualifiers ends", 8, 0, 0, 0, false},
		{"variable has its type's size", 10, 10, 10, 24, true},
		{"array of 8 GiB has no size", 11, 11, 11, 0, false},
		{"array of more elements than can be counted", 12, 12, 12, 0, false},
		{"id beyond the end is void", 99, 99, 99, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := types.Skip(c.id, false); got != c.skip {
				t.Errorf("Skip(%d) = %d, want %d", c.id, got, c.skip)
			}
			if got := types.Skip(c.id, true); got != c.skipTD {
				t.Errorf("Skip(%d, typedefs) = %d, want %d", c.id, got, c.skipTD)
			}
			if size, ok := types.SizeOf(c.id); size != c.size || ok != c.ok {
				t.Errorf("SizeOf(%d) = %d, %v, want %d, %v", c.id, size, ok, c.size, c.ok)
			}
		})
	}
}
