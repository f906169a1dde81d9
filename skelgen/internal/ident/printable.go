package ident

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns a name as text that stays within its line, in Go and in C: what has no glyph of its own (control characters, line separators,
// marks that turn the direction of writing, bytes that are not UTF-8) becomes "?",
// and neither end of a C comment remains.
func Printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
}
