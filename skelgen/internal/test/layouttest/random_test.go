//go:build cgo

package layouttest

import (
	"fmt"
	"math/rand"
	"strings"
)

// generator writes random C type declarations, and a variable of each type.
type generator struct {
	r    *rand.Rand
	n    int // numbers for names
	out  strings.Builder
	used map[string]bool // names of members
	// frozen variables are in .rodata, and read through a view too.
	frozen bool
	// named are types that later declarations may use.
	named []named
}

// named is a type whose name is one word or two.
type named struct {
	spelling string
	integer  int // width, if it can be the type of a bitfield
}

var integers = []named{
	{"char", 8}, {"signed char", 8}, {"unsigned char", 8}, {"short", 16}, {"unsigned short", 16},
	{"int", 32}, {"unsigned int", 32}, {"long", 64}, {"unsigned long", 64}, {"long long", 64},
	{"unsigned long long", 64}, {"_Bool", 1},
}

var scalars = append([]named{
	{"float", 0}, {"double", 0}, {"__int128", 0}, {"unsigned __int128", 0},
}, integers...)

func (g *generator) chance(percent int) bool { return g.r.Intn(100) < percent }

func (g *generator) name(prefix string) string {
	g.n++
	return fmt.Sprintf("%s%d", prefix, g.n)
}

// memberName is a name that is new in its struct, but may collide with another in Go.
func (g *generator) memberName() string {
	g.n++
	form := []string{"m%d", "m%d", "m%d", "m%d", "_m%d", "set_m%d", "M%d", "m_%d", "m%d_len", "raw%d"}[g.r.Intn(10)]
	n := g.n
	if g.chance(10) && !g.used[fmt.Sprintf(form, n-1)] {
		n-- // the number of the member before
	}
	name := fmt.Sprintf(form, n)
	g.used[name] = true
	return name
}

// declaration writes one type, or several that build on each other, and a
// variable of the last, which may be const.
func (g *generator) declaration(variable string) {
	for range g.r.Intn(3) {
		g.define()
	}
	if g.frozen {
		g.out.WriteString("const volatile ")
	}
	switch {
	case g.chance(80):
		body := g.aggregate(3, true)
		fmt.Fprintf(&g.out, "%s %s;\n", body, variable)
	case len(g.named) > 0:
		t := g.named[g.r.Intn(len(g.named))]
		fmt.Fprintf(&g.out, "%s %s%s;\n", t.spelling, variable, g.dimensions())
	default:
		fmt.Fprintf(&g.out, "%s %s%s;\n", scalars[g.r.Intn(len(scalars))].spelling, variable, g.dimensions())
	}
}

// define adds a named type.
func (g *generator) define() {
	switch g.r.Intn(6) {
	case 0:
		t := scalars[g.r.Intn(len(scalars))]
		alias := g.name("alias")
		fmt.Fprintf(&g.out, "typedef %s %s;\n", t.spelling, alias)
		g.named = append(g.named, named{alias, t.integer})
	case 1:
		g.enum()
	case 2:
		alias := g.name("td")
		fmt.Fprintf(&g.out, "typedef %s %s;\n", g.aggregate(2, false), alias)
		g.named = append(g.named, named{alias, 0})
	case 3:
		alias := g.name("arr")
		fmt.Fprintf(&g.out, "typedef %s %s[%d];\n", g.base(1), alias, 1+g.r.Intn(4))
		g.named = append(g.named, named{alias, 0})
	default:
		tag := g.name("tag")
		body := g.aggregate(3, false)
		keyword, rest, _ := strings.Cut(body, " ")
		fmt.Fprintf(&g.out, "%s %s %s;\n", keyword, tag, rest)
		g.named = append(g.named, named{keyword + " " + tag, 0})
	}
}

func (g *generator) enum() {
	tag := g.name("e")
	values := []string{"0", "1", "255", "-1", "40000", "-40000", "0x7fffffff", "0xffffffff", "1ULL << 40", "-(1LL << 40)"}
	limit := 2 + g.r.Intn(len(values)-1)
	var body []string
	for range 1 + g.r.Intn(4) {
		v := values[g.r.Intn(limit)]
		if v == "0xffffffff" && limit < len(values) {
			v = "2" // with a negative one, the enum would need 64 bits, and compilers differ
		}
		body = append(body, fmt.Sprintf("%s = %s", g.name("E"), v))
	}
	attribute := ""
	if g.chance(25) {
		attribute = " __attribute__((packed))"
	}
	fmt.Fprintf(&g.out, "enum %s { %s }%s;\n", tag, strings.Join(body, ", "), attribute)
	g.named = append(g.named, named{"enum " + tag, 0})
}

// aggregate is a struct or union without a name.
func (g *generator) aggregate(depth int, flexible bool) string {
	keyword := "struct"
	if g.chance(25) {
		keyword = "union"
	}
	var b strings.Builder
	b.WriteString(keyword + " {")
	count := g.r.Intn(8)
	if g.chance(5) {
		count = 0
	}
	for range count {
		b.WriteString(" " + g.member(depth))
	}
	if flexible && keyword == "struct" && g.chance(15) { // not alone: gcc wants a member with a name
		fmt.Fprintf(&b, " char %s; %s %s[];", g.memberName(), g.base(1), g.memberName())
	}
	b.WriteString(" }")
	var attributes []string
	if g.chance(30) {
		attributes = append(attributes, "packed")
	}
	if g.chance(15) {
		attributes = append(attributes, fmt.Sprintf("aligned(%d)", 1<<g.r.Intn(7)))
	}
	if attributes != nil {
		fmt.Fprintf(&b, " __attribute__((%s))", strings.Join(attributes, ", "))
	}
	return b.String()
}

// base is a type that is written entirely before the name.
func (g *generator) base(depth int) string {
	if len(g.named) > 0 && depth > 0 && g.chance(35) {
		return g.named[g.r.Intn(len(g.named))].spelling
	}
	return scalars[g.r.Intn(len(scalars))].spelling
}

func (g *generator) member(depth int) string {
	name := g.memberName()
	switch k := g.r.Intn(20); {
	case k < 6:
		return g.bitfield(name)
	case k < 8 && depth > 0:
		return g.aggregate(depth-1, false) + ";" // anonymous
	case k < 10 && depth > 0:
		return fmt.Sprintf("%s %s%s;", g.aggregate(depth-1, false), name, g.dimensions())
	case k == 10:
		return fmt.Sprintf("%s *%s%s;", g.base(depth), name, g.dimensions())
	case k == 11:
		return fmt.Sprintf("%s (*%s%s)(int, void *);", scalars[g.r.Intn(len(scalars))].spelling, name, g.dimensions())
	case k == 12:
		return fmt.Sprintf("const volatile %s %s%s;", g.base(depth), name, g.dimensions())
	case k == 13:
		return fmt.Sprintf("%s %s __attribute__((aligned(%d)));", g.base(depth), name, 1<<g.r.Intn(6))
	case k == 14:
		return fmt.Sprintf("%s %s __attribute__((packed));", g.base(depth), name)
	case k == 15 && g.chance(30):
		return fmt.Sprintf("%s %s[0];", g.base(depth), name)
	}
	return fmt.Sprintf("%s %s%s;", g.base(depth), name, g.dimensions())
}

func (g *generator) bitfield(name string) string {
	t := integers[g.r.Intn(len(integers))]
	if candidate := g.anyNamed(); candidate.integer > 0 {
		t = candidate
	}
	width := 1 + g.r.Intn(t.integer)
	switch {
	case g.chance(5):
		return t.spelling + " : 0;"
	case g.chance(10):
		return fmt.Sprintf("%s : %d;", t.spelling, width)
	}
	return fmt.Sprintf("%s %s : %d;", t.spelling, name, width)
}

func (g *generator) anyNamed() named {
	if len(g.named) == 0 || g.chance(70) {
		return named{}
	}
	return g.named[g.r.Intn(len(g.named))]
}

func (g *generator) dimensions() string {
	if g.chance(70) {
		return ""
	}
	var b strings.Builder
	for range 1 + g.r.Intn(2) {
		fmt.Fprintf(&b, "[%d]", 1+g.r.Intn(5))
	}
	return b.String()
}
