package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// nameFuzzer makes undamaged objects with hostile names.
type nameFuzzer struct {
	words words
	seeds []object
	names []names // of the seeds
}

func newNameFuzzer(seeds []object) (*nameFuzzer, error) {
	h := &nameFuzzer{words: newWords()}
	for _, o := range seeds {
		n, err := namesOf(o.data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		if len(n.types) > 0 && len(n.symbols) > 0 { // without BTF no package is generated
			h.seeds, h.names = append(h.seeds, o), append(h.names, n)
		}
	}
	return h, nil
}

// hostileCommandLines are the ways to call the generator. The packages that they make are compiled.
var hostileCommandLines = []commandLine{
	{args: []string{"generate", "--out", "out"}, out: "out"},
	{args: []string{"generate", "--out", "out", "--package", "p"}, out: "out"},
	{args: []string{"generate", "--out", "out", "--static", "--type", "*"}, out: "out"},
	{args: []string{"generate", "--out", "out"}, out: "out"},
	{args: []string{"generate", "--light", "--out", "out"}, out: "out"},
	{args: []string{"header"}, prints: true},
	{args: []string{"header", "--subskeleton"}, prints: true},
	{args: []string{"inspect"}, prints: true},
	{args: []string{"inspect", "--json"}, prints: true},
}

// newCase makes run number i of a seed. It depends on nothing else, so that a single run can be repeated.
func (h *nameFuzzer) newCase(seed uint64, i int) fuzzCase {
	r := rand.New(rand.NewPCG(seed+1<<32, uint64(i)))
	at := r.IntN(len(h.seeds))
	o, n := h.seeds[at], h.names[at]
	c := fuzzCase{name: o.name, command: hostileCommandLines[r.IntN(len(hostileCommandLines))]}
	to := map[string]string{}
	for range 1 + r.IntN(3) {
		old, section := n.choose(r)
		k := kinds[r.IntN(len(kinds))]
		others := n.symbols
		if r.IntN(2) == 0 {
			others = n.types
		}
		name := strings.ReplaceAll(k.make(h.words, r, old, others), "\x00", "")
		if section {
			name = keepPrefix(r, old, name)
		}
		to[old] = name
		c.description += fmt.Sprintf("%q is %s: %.60q; ", old, k.name, name)
	}
	if r.IntN(8) == 0 {
		c.name = fileName(kinds[r.IntN(len(kinds))].make(h.words, r, strings.TrimSuffix(o.name, ".bpf.o"), n.symbols))
	}
	data, err := rename(o.data, to)
	if err != nil {
		c.description, data = err.Error(), o.data
	}
	c.data, c.description = data, strings.TrimSuffix(c.description, "; ")
	return c
}

// choose returns a random name of the object, and reports whether it names a section.
func (n names) choose(r *rand.Rand) (name string, section bool) {
	for {
		lists := [][]string{n.symbols, n.symbols, n.types, n.types, n.members, n.sections}
		at := r.IntN(len(lists))
		if list := lists[at]; len(list) > 0 {
			if name = pick(r, list); name != "license" && !strings.HasPrefix(name, ".BTF") && !strings.HasSuffix(name, "tab") {
				return name, at == 5
			}
		}
	}
}

// keepPrefix usually keeps the prefix of a section's name that determines its kind.
func keepPrefix(r *rand.Rand, old, name string) string {
	if r.IntN(4) == 0 {
		return name
	}
	for _, kind := range []string{".data", ".rodata", ".bss"} {
		if strings.HasPrefix(old, kind) {
			return kind + "." + name
		}
	}
	kind, _, _ := strings.Cut(old, "/")
	return kind + "/" + name
}

// fileName turns a hostile name into a file name.
func fileName(name string) string {
	name = strings.NewReplacer("/", "", "\x00", "").Replace(name)
	name = strings.TrimLeft(name, "-")
	return name[:min(len(name), 200)] + ".bpf.o"
}
