package main

import "strings"

// tested says how the tests of a package are run.
type tested int

const (
	withoutCgo tested = iota
	bothWays          // with cgo they compare with libbpf
	asTheyAre         // as the environment says: they load objects, which takes libbpf
)

// pure is the only list of what builds without cgo: patterns of the go command, of which the first that matches a package
// counts. All but scripts build on macOS and Windows too.
var pure = []struct {
	pattern string
	tested  tested
}{
	{"./pkg/internal/bpf", bothWays},
	{"./pkg/...", asTheyAre},
	{"./internal/mapkind", withoutCgo},
	{"./skelgen/internal/model", withoutCgo},
	{"./skelgen/internal/ident", withoutCgo},
	{"./skelgen/internal/gotype", withoutCgo},
	{"./skelgen/internal/emit/...", withoutCgo},
	{"./scripts/...", withoutCgo},
}

// howTested finds the package in that folder in the list.
func howTested(folder string) tested {
	for _, p := range pure {
		if below, all := strings.CutSuffix(p.pattern, "/..."); "./"+folder == p.pattern || all && strings.HasPrefix("./"+folder+"/", below+"/") {
			return p.tested
		}
	}
	return asTheyAre
}
