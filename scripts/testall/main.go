// Command testall runs every test of this module and ends with one line of true counts.
//
// The list cgoFreePackages says which packages it tests without cgo; it tests the rest with the environment's
// CGO_ENABLED. It prints the output of failing tests only, then each skipped test with its reason. With CI=true a skip
// that ciSkips does not list is a failure: a test that CI can run must not be skipped unnoticed.
//
// Suites other than Go tests, such as those in guests and containers, are targets of make; their counts are added.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

func main() {
	timeout := flag.String("timeout", "30m", "time limit for the tests of each package")
	var suites []string
	flag.Func("suite", "also run this make `target`, whose output ends with a line of counts", func(target string) error {
		suites = append(suites, target)
		return nil
	})
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	without, rest, err := packages(patterns)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testall:", err)
		os.Exit(1)
	}
	sum := newSummary(os.Stdout, isTerminal(os.Stderr))
	sum.run(append(os.Environ(), "CGO_ENABLED=0"), *timeout, without)
	sum.run(os.Environ(), *timeout, rest)
	for _, target := range suites {
		sum.suite(target)
	}
	if !sum.close(os.Getenv("CI") == "true") {
		os.Exit(1)
	}
}

// packages lists the packages that have tests: those to test without cgo, and those to test with the environment's
// CGO_ENABLED.
func packages(patterns []string) (without, rest []string, err error) {
	const withTests = `{{if or .TestGoFiles .XTestGoFiles}}{{.Module.Path}} {{.ImportPath}}{{end}}`
	out, err := exec.Command("go", append([]string{"list", "-f", withTests}, patterns...)...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, nil, fmt.Errorf("go list: %s", strings.TrimSpace(string(exit.Stderr)))
		}
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		module, path, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		mode := cgoModeOf(strings.TrimPrefix(path, module+"/"))
		if mode != environmentCgo {
			without = append(without, path)
		}
		if mode != withoutCgo {
			rest = append(rest, path)
		}
	}
	return without, rest, nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
