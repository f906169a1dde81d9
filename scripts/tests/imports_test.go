// Package tests checks the repository as a whole: the direction of imports and, through the shell scripts beside it, that
// setup and build work from scratch.
package tests

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/bpfskel/bpfskel/"

// An importRule forbids imports of files below the folders in. Tests may import more than the code they test if the rule
// says so. This is the only list of such rules.
type importRule struct {
	name         string
	in           *regexp.Regexp // folders, from the root of the repository
	forbidden    *regexp.Regexp // import paths; those of this module without the module's path
	testsExempt  bool
	madeByExempt bool // generated files are exempt
}

// leaves are the packages that every package may import: a rule checks that they do not import packages of ours.
var leaves = regexp.MustCompile(`^(pkg/(uapi|mem)|internal/mapkind)$`)

var importRules = []importRule{
	{name: "users' programs do not depend on the generator",
		in: regexp.MustCompile(`^(pkg|cgo)/`), forbidden: regexp.MustCompile(`^skelgen(/|$)`)},
	{name: "the binding depends on nothing above it but the interface that it implements",
		in: regexp.MustCompile(`^cgo/`), testsExempt: true, forbidden: regexp.MustCompile(`^(pkg/[^b].*|examples)(/|$)`)},
	{name: "the run time imports neither a back end nor cgo",
		in:          regexp.MustCompile(`^pkg/(skel|skelrt|ringbuf|layout|backend|mem|uapi|internal/.*)$`),
		testsExempt: true, forbidden: regexp.MustCompile(`^(C|cgo)(/|$)`)},
	{name: "the back end without libbpf knows nothing above it, and needs no cgo",
		in: regexp.MustCompile(`^pkg/light(/|$)`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(C|skelgen|cgo|examples|pkg/(skel|skelrt|ringbuf|layout|interop))(/|$)`)},
	{name: "the interface of back ends is a leaf",
		in: regexp.MustCompile(`^pkg/backend$`), testsExempt: true, forbidden: regexp.MustCompile(`^(skelgen|cgo|pkg|examples)(/|$)`)},
	{name: "only generated code imports skelrt",
		in: regexp.MustCompile(`^(skelgen|cgo|pkg/(skel|ringbuf|interop|layout|backend)|examples)(/|$)`), testsExempt: true, madeByExempt: true,
		forbidden: regexp.MustCompile(`^pkg/skelrt$`)},
	{name: "only tests import the packages for tests",
		in: regexp.MustCompile(`^(skelgen|cgo|pkg|examples|scripts)(/|$)`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(internal|skelgen/internal)/test(/|$)`)},
	{name: "only interop and its users depend on libbpfgo",
		in: regexp.MustCompile(`^(cgo|skelgen|pkg/(skel|ringbuf))(/|$)`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(github\.com/aquasecurity/libbpfgo|pkg/interop)`)},
	{name: "only cgo and generated code use cgo",
		in: regexp.MustCompile(`^(skelgen|pkg|examples)(/|$)`), forbidden: regexp.MustCompile(`^C$`), madeByExempt: true},
	{name: "the kernel's numbers, addresses of memory and the types of maps are leaves",
		in: leaves, testsExempt: true, forbidden: regexp.MustCompile(`^(C|skelgen|cgo|pkg|examples)(/|$)`)},
	{name: "bpf(2) in Go imports only leaves",
		in: regexp.MustCompile(`^pkg/internal/bpf$`), testsExempt: true, forbidden: regexp.MustCompile(`^(C|skelgen|cgo|pkg|examples)(/|$)`)},
	{name: "the model imports nothing else of ours",
		in: regexp.MustCompile(`^skelgen/internal/model$`), forbidden: regexp.MustCompile(`^(skelgen|cgo|pkg)/`)},
	{name: "names depend on the model alone",
		in: regexp.MustCompile(`^skelgen/internal/ident$`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(cgo|pkg|skelgen/internal/(load|emit|gotype))(/|$)`)},
	{name: "types depend on names and the model alone",
		in: regexp.MustCompile(`^skelgen/internal/gotype$`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(cgo|pkg|skelgen/internal/(load|emit))(/|$)`)},
	{name: "the emitters know neither libbpf nor the loader nor files",
		in: regexp.MustCompile(`^skelgen/internal/emit(/|$)`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(os|os/exec|io/ioutil|cgo/.*|pkg/.*|skelgen/internal/load)$`)},
	{name: "the loader makes the model and renders nothing",
		in: regexp.MustCompile(`^skelgen/internal/load$`), testsExempt: true,
		forbidden: regexp.MustCompile(`^(pkg/.*|skelgen/internal/(gotype|emit)(/.*)?)$`)},
}

func TestImportsFollowTheLayers(t *testing.T) {
	files := goFiles(t, "../..")
	for _, rule := range importRules {
		t.Run(rule.name, func(t *testing.T) {
			applies := 0
			for _, f := range files {
				if !rule.in.MatchString(f.dir) || rule.testsExempt && f.test || rule.madeByExempt && f.generated {
					continue
				}
				applies++
				for _, path := range f.imports {
					path = strings.TrimPrefix(path, module)
					if !leaves.MatchString(path) && rule.forbidden.MatchString(path) {
						t.Errorf("%s imports %q", f.path, path)
					}
				}
			}
			if applies == 0 {
				t.Errorf("no file is in %s, so the rule checks nothing", rule.in)
			}
		})
	}
}

type goFile struct {
	path, dir       string
	imports         []string
	test, generated bool
}

var madeBy = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// goFiles reads the imports of every Go file of the module in root, with any build constraints.
func goFiles(t *testing.T, root string) []goFile {
	var files []goFile
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || skipFolder(name) {
				return filepath.SkipDir
			}
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := goFile{path: rel, dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(name, "_test.go"), generated: madeBy.Match(text)}
		for _, spec := range parsed.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, p)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func skipFolder(name string) bool {
	return name == "testdata" || name == "build" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
