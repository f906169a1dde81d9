package ident

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// CheckNames refuses an object with names that no compiler writes and that could
// change the meaning of text around them: control characters in any name, and, in
// names that are part of C declarations, all punctuation that C++'s and Rust's type
// names do not use. Other names are harmless, and are escaped when they are printed.
func CheckNames(obj *model.Object) error {
	c := nameChecker{}
	for i := range obj.Maps {
		c.text("map", obj.Maps[i].Name)
	}
	for _, p := range obj.Programs {
		c.text("program", p.Name)
		c.text("section", p.Section)
	}
	for i := range obj.Types {
		c.typ(&obj.Types[i])
	}
	return c.err
}

type nameChecker struct{ err error }

func (c *nameChecker) typ(t *model.Type) {
	switch t.Kind {
	case model.KindDatasec:
		c.text("section", t.Name)
	case model.KindVar:
		c.text("variable", t.Name)
	case model.KindFunc, model.KindDeclTag: // never printed
	default:
		c.word("type", t.Name)
	}
	for _, m := range t.Members {
		c.word("member", m.Name)
	}
	for _, v := range t.Values {
		c.word("enumerator", v.Name)
	}
	for _, p := range t.Params {
		c.word("parameter", p.Name)
	}
}

// text checks a name that is printed as a string or in a comment.
func (c *nameChecker) text(what, name string) {
	if c.err == nil && strings.ContainsFunc(name, unicode.IsControl) {
		c.err = fmt.Errorf("the name of %s %q contains control characters: rename it", what, name)
	}
}

// word checks a name that is part of a C declaration.
func (c *nameChecker) word(what, name string) {
	bad := strings.IndexFunc(name, func(r rune) bool {
		if r < utf8.RuneSelf {
			return !isAlnum(byte(r)) && !strings.ContainsRune("$. <>,:&-", r)
		}
		return !unicode.IsPrint(r) || r == utf8.RuneError
	})
	if c.err == nil && bad >= 0 {
		c.err = fmt.Errorf("the name of %s %q cannot be part of a C declaration: rename it", what, name)
	}
}
