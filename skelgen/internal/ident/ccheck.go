package ident

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// CheckC reports whether an object's names make a skeleton that C compilers accept.
// The warnings are names that only C++ rejects. The error is the first name
// that no compiler accepts, or the first two names that become one identifier.
func CheckC(obj *model.Object) (warnings []string, err error) {
	c := checker{obj: obj}
	c.err = CheckObjectC(obj.Name)
	c.warnCPP(fmt.Sprintf("the skeleton's name %q", obj.Name), obj.Name)
	c.maps()
	c.programs()
	for i := range obj.Maps {
		c.section(&obj.Maps[i])
		c.shadow(&obj.Maps[i])
	}
	return c.warnings, c.err
}

type checker struct {
	obj      *model.Object
	warnings []string
	err      error
}

// scope maps the identifiers of one C struct to their owners.
type scope map[string]string

// add adds an identifier to a scope; what describes its owner.
func (c *checker) add(s scope, what, ident string) {
	switch other, taken := s[ident]; {
	case c.err != nil:
	case ident == "":
		c.err = fmt.Errorf("%s has an empty name", what)
	case !IsC(ident):
		c.err = fmt.Errorf("the name of %s is not a C identifier: rename it", what)
	case KeywordC(ident):
		c.err = fmt.Errorf("the name of %s is a C keyword: rename it", what)
	case taken:
		c.err = fmt.Errorf("%s and %s would both be named %q in C: rename one of them", other, what, ident)
	}
	s[ident] = what
	c.warnCPP(what, ident)
}

func (c *checker) warnCPP(what, ident string) {
	if KeywordCPP(ident) {
		c.warnings = append(c.warnings, fmt.Sprintf("%s is a C++ keyword: the header works only in C", what))
	}
}

func (c *checker) maps() {
	s := scope{}
	for i := range c.obj.Maps {
		m := &c.obj.Maps[i]
		if ident, ok := MapC(m.Name, m.Internal); ok {
			c.add(s, describeMap(m), ident)
		} else {
			c.warnings = append(c.warnings, fmt.Sprintf("ignoring unrecognized internal map %q: a skeleton has no member for it", m.Name))
		}
	}
}

// programs checks programs and links: struct_ops maps have links too.
func (c *checker) programs() {
	s := scope{}
	for _, p := range c.obj.Programs {
		c.add(s, fmt.Sprintf("program %q", p.Name), p.Name)
	}
	warned := len(c.warnings)
	for i := range c.obj.Maps {
		if m := &c.obj.Maps[i]; m.Type == uapi.MapTypeStructOps {
			c.add(s, describeMap(m), m.Name)
		}
	}
	c.warnings = c.warnings[:warned] // maps has warned of them
}

// section checks the variables of a map's memory.
func (c *checker) section(m *model.Map) {
	ident, ok := SectionC(m)
	if !ok {
		return
	}
	sec, ok := Datasec(c.obj.Types, ident)
	if !ok {
		return
	}
	s := scope{}
	for _, v := range sec.Vars {
		if t := c.obj.Types.At(v.Type); t.Linkage != model.LinkageStatic {
			c.add(s, fmt.Sprintf("variable %q of %s", t.Name, sec.Name), VarC(t.Name))
		}
	}
}

// shadow checks the members of a struct_ops map that keep their names.
func (c *checker) shadow(m *model.Map) {
	s := scope{}
	for _, f := range m.Shadow {
		if f.Kind != model.ShadowUnsupported {
			c.add(s, fmt.Sprintf("member %q of struct_ops %q", f.Name, m.Name), f.Name)
		}
	}
}

func describeMap(m *model.Map) string {
	if m.Internal {
		return fmt.Sprintf("section %q", m.Name)
	}
	return fmt.Sprintf("map %q", m.Name)
}
