package ident

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Go returns the exported Go identifier for a C name. The rules, which TestGo
// checks:
//
//	my_pid        MyPid        all characters but letters and digits separate words
//	fooBar        FooBar       each word's first letter becomes upper case, the rest stays
//	EVENT_EXEC    EventExec    in a name without lower-case letters the rest becomes lower case
//	__foo_bar     FooBar       leading, trailing and double separators are dropped
//	func.counter  FuncCounter  dots (static variables) separate words too
//	v1_2          V1_2         an underscore stays between two digits
//	_1st, 日本     X1st, X日本   a name that then begins with anything but an upper-case letter gets an X
//	_             X
//
// An exported name is never a keyword or predeclared. Scope resolves collisions: two
// C names with one Go name, or a name that the package itself declares.
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
// A Go name that belongs to only one C name is used unchanged. If several C names have
// one Go name, or if the package itself declares that name, each gets an underscore and
// its C name as a suffix:
//
//	foo_bar, fooBar    FooBar_foo_bar, FooBar_fooBar
//	struct skel        Skel_skel   (the package declares Skel)
//
// So a C name that is added later never takes over the Go name of another: code that
// uses that Go name stops compiling instead. Only equal C names are numbered, in the
// order given: Foo_foo, Foo_foo_2.
type Scope struct {
	used map[string]bool
}

// Item is a C name that needs a Go name.
type Item struct {
	C string
	// Go is its name unless that collides; "" means Go(C).
	Go string
	// Method: it becomes a method, so it cannot have one of MethodNames.
	Method bool
	// Derived are further names that it needs, derived from its name.
	Derived []Affix
}

// Affix derives a name from another.
type Affix struct{ Prefix, Suffix string }

func (a Affix) apply(name string) string { return a.Prefix + name + a.Suffix }

// NewScope returns a scope in which the given Go names are taken.
func NewScope(reserved ...string) *Scope {
	s := &Scope{used: map[string]bool{}}
	for _, r := range reserved {
		s.used[r] = true
	}
	return s
}

// Add returns a Go name for each of the C names.
func (s *Scope) Add(c ...string) []string {
	items := make([]Item, len(c))
	for i := range c {
		items[i].C = c[i]
	}
	out := make([]string, len(c))
	for i, names := range s.AddItems(items) {
		out[i] = names[0]
	}
	return out
}

// AddItems returns each item's own name and the derived ones, in that order. Any two of
// these names can collide, derived or not.
func (s *Scope) AddItems(items []Item) [][]string {
	wanted := map[string]int{}
	for i := range items {
		for _, name := range items[i].allNames(items[i].goName()) {
			wanted[name]++
		}
	}
	alone := func(name string) bool { return wanted[name] == 1 && !s.used[name] }
	out := make([][]string, len(items))
	var rest []int
	for i := range items {
		it := &items[i]
		if !alone(it.goName()) || it.Method && slices.Contains(MethodNames, it.goName()) {
			rest = append(rest, i)
			continue
		}
		out[i] = it.allNames(it.goName())
	}
	// Names without a collision come first, so that none of the others takes one.
	for _, names := range out {
		for j, name := range names {
			if !alone(name) {
				names[j] = "" // a derived one, which collides
			} else {
				s.used[name] = true
			}
		}
	}
	for i, names := range out {
		for j := range names {
			if names[j] == "" {
				names[j] = s.distinct(items[i].Derived[j-1].apply(items[i].goName()), items[i].C)
			}
		}
	}
	for _, i := range rest {
		own := s.distinct(items[i].goName(), items[i].C)
		out[i] = []string{own}
		for _, d := range items[i].Derived {
			out[i] = append(out[i], s.Derive(d.apply(own), items[i].C))
		}
	}
	return out
}

func (it *Item) goName() string {
	if it.Go == "" {
		return Go(it.C)
	}
	return it.Go
}

// allNames are the item's names if its own name is the given one.
func (it *Item) allNames(own string) []string {
	out := []string{own}
	for _, d := range it.Derived {
		out = append(out, d.apply(own))
	}
	return out
}

// Derive takes the wanted Go name or, if that is taken, adds the C name: "SetX",
// "SetX_x".
func (s *Scope) Derive(want, c string) string {
	if !s.used[want] {
		s.used[want] = true
		return want
	}
	return s.distinct(want, c)
}

// distinct takes a Go name with the C name as a suffix, and a number if necessary.
func (s *Scope) distinct(want, c string) string {
	name := want + "_" + cSuffix(c)
	for n := 2; s.used[name]; n++ {
		name = fmt.Sprintf("%s_%s_%d", want, cSuffix(c), n)
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

// cSuffix is a C name as the end of a Go identifier. No two C names with the same Go name
// have the same suffix: they differ in case or in the characters between letters, and
// cSuffix keeps both.
func cSuffix(c string) string {
	var b strings.Builder
	for i, r := range c {
		switch {
		case r == '_' || r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case r == '.':
			b.WriteString("dot")
		case r == unicode.ReplacementChar:
			fmt.Fprintf(&b, "x%02x", c[i])
		default:
			fmt.Fprintf(&b, "x%x", r)
		}
	}
	return b.String()
}
