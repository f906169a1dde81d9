package layout

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

func TestCString(t *testing.T) {
	for in, want := range map[string]string{"": "", "abc": "abc", "ab\x00c": "ab", "\x00": "", "\xe9": "\xe9"} {
		if got := CString([]byte(in)); got != want {
			t.Errorf("CString(%q) = %q", in, got)
		}
		var signed []int8
		for _, c := range []byte(in) {
			signed = append(signed, int8(c))
		}
		if got := CString(signed); got != want {
			t.Errorf("CString of signed characters %q = %q", in, got)
		}
	}
}

func TestPutCString(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"", true}, {"sh", true}, {"seven..", true}, {"eight...", false}, {strings.Repeat("x", 100), false},
		{"a\x00b", false}, {"\xff\x80", true},
	} {
		unsigned := [8]uint8{1, 2, 3, 4, 5, 6, 7, 8}
		signed := [8]int8{-1, 2, 3, 4, 5, 6, 7, 8}
		before, beforeSigned := unsigned, signed
		errs := []error{PutCString(unsigned[:], c.text), PutCString(signed[:], c.text)}
		for i, err := range errs {
			if c.ok != (err == nil) || !c.ok && !errors.Is(err, syscall.EINVAL) {
				t.Errorf("%q, signed %v: %v", c.text, i == 1, err)
			}
		}
		if !c.ok {
			if unsigned != before || signed != beforeSigned {
				t.Errorf("%q does not fit, and left % x and % x", c.text, unsigned, signed)
			}
			continue
		}
		want := [8]uint8{}
		copy(want[:], c.text)
		if unsigned != want || CString(unsigned[:]) != c.text || CString(signed[:]) != c.text {
			t.Errorf("%q was stored as % x and % x", c.text, unsigned, signed)
		}
	}
	if err := PutCString([]byte{}, ""); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("an array without room for the NUL: %v", err)
	}
}
