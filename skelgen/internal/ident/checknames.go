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
		c.checkText("map", obj.Maps[i].Name)
	}
	for _, p := range obj.Programs {
		c.checkText("program", p.Name)
		c.checkText("section", p.Section)
	}
	for i := range obj.Types {
		c.checkType(&obj.Types[i])
	}
	return c.err
}

type nameChecker struct{ err error }

func (c *nameChecker) checkType(t *model.Type) {
	switch t.Kind {
	case model.KindDatasec:
		c.checkText("section", t.Name)
	case model.KindVar:
		c.checkText("variable", t.Name)
	case model.KindFunc, model.KindDeclTag: // never printed
	default:
		c.checkWord("type", t.Name)
	}
	for _, m := range t.Members {
		c.checkWord("member", m.Name)
	}
	for _, v := range t.Values {
		c.checkWord("enumerator", v.Name)
	}
	for _, p := range t.Params {
		c.checkWord("parameter", p.Name)
	}
}

// checkText checks a name that is printed as a string or in a comment.
func (c *nameChecker) checkText(what, name string) {
	if c.err == nil && strings.ContainsFunc(name, unicode.IsControl) {
		c.err = fmt.Errorf("the name of %s %q contains control characters: rename it", what, name)
	}
}

// checkWord checks a name that is part of a C declaration.
func (c *nameChecker) checkWord(what, name string) {
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
