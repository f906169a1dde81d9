package ident

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns a name as text that stays within its line: characters without a glyph
// (control characters, line separators, marks that change the direction of writing, bytes
// that are not UTF-8) become "?".
func Printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
}
