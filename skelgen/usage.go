package main

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// version is the module's version, as the go command stamped it, and the version of
// libbpf, whose skeletons the headers are.
func version() string {
	module := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Path == modulePath && info.Main.Version != "" {
			module = info.Main.Version
		}
		for _, dep := range info.Deps {
			if dep.Path == modulePath {
				module = dep.Version
			}
		}
	}
	return fmt.Sprintf("%s, libbpf %d.%d", module, libbpf.Version/100, libbpf.Version%100)
}

// checkRepeatedFlags refuses a flag that takes one value but is set twice: one of the
// values would be ignored.
func checkRepeatedFlags(app *cli.App, args []string) error {
	if len(args) < 2 {
		return nil
	}
	i := slices.IndexFunc(app.Commands, func(c *cli.Command) bool { return c.Name == args[1] })
	if i < 0 {
		return nil
	}
	single := map[string]bool{} // whether a flag with a value takes only one
	for _, f := range app.Commands[i].Flags {
		switch f := f.(type) {
		case *cli.StringFlag:
			single[f.Name] = true
		case *cli.StringSliceFlag:
			single[f.Name] = false
		}
	}
	seen := map[string]bool{}
	for rest := args[2:]; len(rest) > 0; rest = rest[1:] {
		flag, isFlag := strings.CutPrefix(rest[0], "-")
		if !isFlag || flag == "" || flag == "-" {
			return nil // the flags end here
		}
		name, _, withValue := strings.Cut(strings.TrimPrefix(flag, "-"), "=")
		one, takesValue := single[name]
		if one && seen[name] {
			return fmt.Errorf("--%s is set twice, see skelgen %s --help", name, args[1])
		}
		seen[name] = true
		if takesValue && !withValue && len(rest) > 1 {
			rest = rest[1:]
		}
	}
	return nil
}
