package layout

import (
	"fmt"
	"strings"
	"testing"
)

type textEnum uint32

func (e textEnum) String() string { return fmt.Sprintf("E%d", uint32(e)) }

type textInner struct {
	A int16
	_ [2]byte
	B Uint128
}

type textPacked struct{ raw [4]byte }

func (p textPacked) String() string { return fmt.Sprintf("{Sum:%d}", p.raw[0]+p.raw[3]) }

type textOuter struct {
	Pid    int32
	_      [4]byte
	Comm   [8]byte
	Names  [2][4]byte
	Mac    [3]byte
	raw    [5]byte //lint:ignore U1000 the text leaves private members out
	Ok     bool
	E      textEnum
	F      float32
	In     textInner
	Ins    [2]textInner
	Packed [1]textPacked
	Slot   StructOpsFunc
	Matrix [2][2]uint8
}

func TestText(t *testing.T) {
	v := &textOuter{Pid: -7, Comm: [8]byte{'s', 'h', 0, 'x'}, Names: [2][4]byte{{'a', '"'}, {'f', 'u', 'l', 'l'}},
		Mac: [3]byte{1, 2, 255}, Ok: true, E: 3, F: 1.5, In: textInner{A: -1, B: Uint128{Hi: 1}},
		Packed: [1]textPacked{{[4]byte{1, 0, 0, 2}}}, Matrix: [2][2]uint8{{1, 2}, {3, 4}}}
	want := `{Pid:-7 Comm:"sh" Names:["a\"" "full"] Mac:[1 2 255] Ok:true E:E3 F:1.5 In:{A:-1 B:18446744073709551616} ` +
		`Ins:[{A:0 B:0} {A:0 B:0}] Packed:[{Sum:3}] Slot:not set Matrix:[[1 2] [3 4]]}`
	if got := Text(v, "Comm", "Names"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Text((*textOuter)(nil)); got != "<nil>" {
		t.Errorf("a nil pointer is %q", got)
	}
}

func TestTextIsBounded(t *testing.T) {
	one := &struct{ A [1000]uint8 }{}
	if got := Text(one); !strings.HasSuffix(got, " 0 ...(1000 in all)]}") || strings.Count(got, "0") != maxElements+3 {
		t.Errorf("%d zeros in %s", strings.Count(got, "0"), got)
	}
	huge := &struct {
		A [1 << 20]struct{ B, C [64]uint64 }
	}{}
	if got := Text(huge); len(got) > maxText+3 || !strings.HasSuffix(got, "...") {
		t.Errorf("%d bytes, which end in %q", len(got), got[max(0, len(got)-10):])
	}
	long := &struct{ A [1 << 20]byte }{}
	for i := range long.A {
		long.A[i] = 'x'
	}
	if got := Text(long, "A"); len(got) > maxText+3 {
		t.Errorf("a C string of 1 MiB is %d bytes", len(got))
	}
}

func TestMergeKeepsOtherBits(t *testing.T) {
	s := textOuter{Pid: 1, Mac: [3]byte{1, 2, 3}}
	Merge(&s, func(m *textOuter) { m.Mac[1] = 4 })
	if s.Pid != 1 || s.Mac != [3]byte{1, 6, 3} {
		t.Errorf("%+v", s)
	}
}

func TestEach(t *testing.T) {
	var got []string
	for i, x := range Each(4, func(i int) int { return i * i }) {
		if got = append(got, fmt.Sprint(i, ":", x)); i == 2 {
			break
		}
	}
	if want := "[0:0 1:1 2:4]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
