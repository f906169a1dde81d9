package main

import "strings"

// tested is the way to run the tests of a package.
type tested int

const (
	withoutCgo tested = iota
	bothWays          // with libbpf, and without it by the back end light
	asTheyAre         // with the environment's CGO_ENABLED: they load objects, which needs libbpf
)

// pure is the only list of packages that build without cgo: patterns of the go command, of which the first that matches a
// package applies. All except scripts build on macOS and Windows too.
var pure = []struct {
	pattern string
	tested  tested
}{
	{"./pkg/internal/bpf", bothWays},
	{"./pkg/light", bothWays},
	{"./pkg/skel", bothWays},
	{"./pkg/ringbuf", bothWays},
	{"./pkg/...", asTheyAre},
	{"./internal/lightfile", withoutCgo},
	{"./internal/mapkind", withoutCgo},
	{"./skelgen/internal/model", withoutCgo},
	{"./skelgen/internal/ident", withoutCgo},
	{"./skelgen/internal/gotype", withoutCgo},
	{"./skelgen/internal/emit/...", withoutCgo},
	{"./scripts/...", withoutCgo},
}

// howTested looks up the folder's package in the list.
func howTested(folder string) tested {
	for _, p := range pure {
		if below, all := strings.CutSuffix(p.pattern, "/..."); "./"+folder == p.pattern || all && strings.HasPrefix("./"+folder+"/", below+"/") {
			return p.tested
		}
	}
	return asTheyAre
}
