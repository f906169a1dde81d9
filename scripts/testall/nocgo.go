package main

import (
	"slices"
	"strings"
)

// cgoMode says how to run the tests of a package.
type cgoMode int

const (
	withoutCgo        cgoMode = iota
	withAndWithoutCgo         // with libbpf, and without it by the back end light
	environmentCgo            // with the environment's CGO_ENABLED: they load objects, which needs libbpf
)

// cgoFreePackages lists the packages that build without cgo, as patterns of the go command; the first that matches a
// package applies. All except scripts build on macOS and Windows too.
var cgoFreePackages = []struct {
	pattern string
	mode    cgoMode
}{
	{"./pkg/internal/bpf", withAndWithoutCgo},
	{"./pkg/light", withAndWithoutCgo},
	{"./pkg/skel", withAndWithoutCgo},
	{"./pkg/ringbuf", withAndWithoutCgo},
	{"./pkg/...", environmentCgo},
	{"./internal/lightfile", withoutCgo},
	{"./internal/mapkind", withoutCgo},
	{"./skelgen/internal/model", withoutCgo},
	{"./skelgen/internal/ident", withoutCgo},
	{"./skelgen/internal/gotype", withoutCgo},
	{"./skelgen/internal/emit/...", withoutCgo},
	{"./scripts/...", withoutCgo},
}

// overLight lists packages that are tested both ways although they use cgo: the back end light loads their objects too.
var overLight = []string{"internal/test/kernels"}

// cgoModeOf looks up the folder's package in overLight and cgoFreePackages.
func cgoModeOf(folder string) cgoMode {
	if slices.Contains(overLight, folder) {
		return withAndWithoutCgo
	}
	for _, p := range cgoFreePackages {
		if below, all := strings.CutSuffix(p.pattern, "/..."); "./"+folder == p.pattern || all && strings.HasPrefix("./"+folder+"/", below+"/") {
			return p.mode
		}
	}
	return environmentCgo
}
