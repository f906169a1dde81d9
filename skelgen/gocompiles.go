package main

import (
	"go/build"
	"slices"
)

// goosList are the systems that build constraints distinguish; every other system
// matches the same constraints as one of these.
var goosList = []string{"linux", "android", "darwin", "ios", "windows", "freebsd", "netbsd", "openbsd", "dragonfly", "solaris", "illumos", "aix", "plan9", "js", "wasip1"}

// goCompiles reports whether the go command ever treats a file as part of the package in
// its folder: on some system, without any -tags.
func goCompiles(dir, name string) bool {
	if clause, err := packageClause(dir + "/" + name); err == nil && clause == "documentation" {
		return false
	}
	for _, goos := range goosList {
		for _, arch := range append(slices.Clone(archs), "wasm") {
			for _, cgo := range []bool{true, false} {
				context := build.Context{
					GOOS: goos, GOARCH: arch, CgoEnabled: cgo, Compiler: "gc",
					ReleaseTags: build.Default.ReleaseTags,
				}
				if match, err := context.MatchFile(dir, name); err == nil && match {
					return true
				}
			}
		}
	}
	return false
}
