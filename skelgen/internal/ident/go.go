package ident

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Go returns the exported Go identifier for a C name. The rule, and what
// TestGo pins down:
//
//	my_pid        MyPid        words are what stands between characters that are neither letter nor digit
//	fooBar        FooBar       each word's first letter becomes upper case, the rest stays
//	EVENT_EXEC    EventExec    in a name without lower-case letters the rest becomes lower case
//	__foo_bar     FooBar       leading, trailing and double separators fall away
//	func.counter  FuncCounter  dots (static variables) separate words too
//	v1_2          V1_2         an underscore stays between two digits
//	_1st, 日本     X1st, X日本   what does not begin with an upper-case letter then gets an X
//	_             X
//
// An exported name is neither a keyword nor predeclared. That two C names meet
// in one Go name, or one meets a name of ours, is for Scope to settle.
func Go(c string) string {
	capitals := strings.IndexFunc(c, unicode.IsLower) < 0
	var b strings.Builder
	last := ' '
	for _, word := range goWords(c) {
		first := word[0]
		if unicode.IsDigit(first) && unicode.IsDigit(last) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(first))
		for _, r := range word[1:] {
			if capitals {
				r = unicode.ToLower(r)
			}
			b.WriteRune(r)
		}
		last = word[len(word)-1]
	}
	name := b.String()
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsUpper(first) {
		return name
	}
	return "X" + name
}

// goWords splits a C name at everything that cannot be in a Go identifier, and
// at underscores.
func goWords(c string) [][]rune {
	var out [][]rune
	for _, w := range strings.FieldsFunc(c, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == unicode.ReplacementChar
	}) {
		out = append(out, []rune(w))
	}
	return out
}

// Scope is a space of Go names in which no two may meet: a package's, or that
// of the fields and methods of one type.
//
// Of C names that meet in one Go name, the one in plain snake case keeps it
// (else the shortest, else the first in byte order), unless it is taken
// already. Every other is followed by an underscore and its C name:
//
//	foo_bar, fooBar, __foo_bar    FooBar, FooBar_fooBar, FooBar___foo_bar
//	struct skel                   Skel_skel   (Skel is a name of our own)
//
// So a name depends on the C name and on whether another has precedence, never
// on an order, and a new C name can rename at most the one it takes precedence
// over. Only equal C names are numbered, in the order given: Foo, Foo_foo, Foo_foo_2.
type Scope struct {
	used map[string]bool
}

// NewScope returns a scope in which the given Go names are taken.
func NewScope(reserved ...string) *Scope {
	s := &Scope{used: map[string]bool{}}
	for _, r := range reserved {
		s.used[r] = true
	}
	return s
}

// Add gives each of the C names a Go name of its own, in the order given.
// Names of an earlier Add have precedence.
func (s *Scope) Add(c ...string) []string {
	order := make([]int, len(c))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return precedence(c[a], c[b]) })
	out := make([]string, len(c))
	for _, i := range order {
		out[i] = s.Derive(Go(c[i]), c[i])
	}
	return out
}

// Derive takes the wanted Go name, or where that is taken one made distinct by
// the C name that it stands for: "SetX", "SetX_x".
func (s *Scope) Derive(want, c string) string {
	name := want
	for n := 1; s.used[name]; n++ {
		name = want + "_" + tail(c)
		if n > 1 {
			name = fmt.Sprintf("%s_%d", name, n)
		}
	}
	s.used[name] = true
	return name
}

// Taken returns the names in use, sorted.
func (s *Scope) Taken() []string {
	out := make([]string, 0, len(s.used))
	for name := range s.used {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// precedence orders C names that may meet in one Go name.
func precedence(a, b string) int {
	if x, y := snake(a), snake(b); x != y {
		if x {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// snake tells whether a C name is lower case with single underscores inside.
func snake(c string) bool {
	last := '_'
	for _, r := range c {
		if r == '_' && last == '_' || r != '_' && !('a' <= r && r <= 'z' || '0' <= r && r <= '9') {
			return false
		}
		last = r
	}
	return last != '_'
}

// tail is a C name as the end of a Go identifier.
func tail(c string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return '_'
		}
		return r
	}, c)
}
