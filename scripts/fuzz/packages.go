package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// imports are the import paths that generated files may have.
var imports = []string{
	"C", "embed", "errors", "iter", "strconv", "structs", "unsafe",
	"github.com/bpfskel/bpfskel/cgo/libbpf", "github.com/bpfskel/bpfskel/pkg/layout", "github.com/bpfskel/bpfskel/pkg/light", "github.com/bpfskel/bpfskel/pkg/light/kernelconfig",
	"github.com/bpfskel/bpfskel/pkg/skel", "github.com/bpfskel/bpfskel/pkg/skelrt",
	"github.com/bpfskel/bpfskel/pkg/skelrt/functions",
}

var (
	cQuoted   = regexp.MustCompile(`(?s)"(\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*`)
	cInjected = regexp.MustCompile(`(^|[^A-Za-z0-9_$\x80-\xff])` + injected + `($|[^A-Za-z0-9_$\x80-\xff])`)
	embedLine = regexp.MustCompile(`^//go:embed [a-z0-9_]+\.light$`)
	cgoLine   = regexp.MustCompile(`(?m)^\s*#\s*(cgo|include)\b.*$`)
)

// injectedCode describes code in generated files that is not in any template, or returns "".
func injectedCode(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		what := ""
		switch filepath.Ext(e.Name()) {
		case ".go":
			what = injectedCodeInGo(text)
		case ".light": // embedded, never compiled
		default:
			what = injectedCodeInC(text)
		}
		if what != "" {
			return e.Name() + " " + what, nil
		}
	}
	return "", nil
}

func injectedCodeInC(text []byte) string {
	if cInjected.Match(cQuoted.ReplaceAll(text, []byte(" \"\" "))) {
		return "declares " + injected
	}
	return ""
}

func injectedCodeInGo(text []byte) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments)
	if err != nil {
		return "is not valid Go: " + firstLine(err.Error())
	}
	for _, i := range file.Imports {
		if path := strings.Trim(i.Path.Value, `"`); !slices.Contains(imports, path) {
			return "imports " + path
		}
	}
	what := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (id.Name == injected || id.Name == "init") {
			what = "declares " + id.Name
		}
		return true
	})
	for _, group := range file.Comments {
		for _, line := range cgoLine.FindAllString(group.Text(), -1) {
			if cInjected.MatchString(line) {
				what = "has " + line
			}
		}
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:") && !strings.HasPrefix(c.Text, "//go:build ") && !embedLine.MatchString(c.Text) || strings.HasPrefix(c.Text, "//export") {
				what = "has " + c.Text
			}
		}
	}
	return what
}

// sample collects generated packages in one module, and compiles them.
type sample struct {
	dir   string
	root  string
	limit int

	mu    sync.Mutex
	runs  []int
	cases []fuzzCase
}

func newSample(dir, root string, limit int) (*sample, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		root, err = filepath.Abs(root)
	}
	if err == nil {
		err = os.RemoveAll(dir)
	}
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return nil, err
	}
	module := "module fuzz\n\ngo 1.24.0\n\nrequire github.com/bpfskel/bpfskel v0.0.0\n\n" +
		"replace github.com/bpfskel/bpfskel => " + root + "\n"
	return &sample{dir: dir, root: root, limit: limit}, errors.Join(
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644),
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte(module), 0o644))
}

// add copies a package into the module, unless the module already has limit packages.
func (s *sample) add(run int, c fuzzCase, dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cases) >= s.limit {
		return nil
	}
	s.runs, s.cases = append(s.runs, run), append(s.cases, c)
	return os.CopyFS(filepath.Join(s.dir, fmt.Sprintf("p%d", len(s.cases)-1)), os.DirFS(dir))
}

// compile builds and vets all packages, and returns the compiler's messages by package number.
func (s *sample) compile() (map[int]string, error) {
	if len(s.cases) == 0 {
		return nil, errors.New("the generator wrote no package, so none was compiled")
	}
	faults := map[int]string{}
	for _, verb := range []string{"build", "vet"} {
		for {
			cmd := exec.Command("go", verb, "-mod=mod", "./...")
			cmd.Dir = s.dir
			cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // half of a package is for cgo, and testall tests without
			out, err := cmd.CombinedOutput()
			if err == nil {
				break
			}
			found := faultsByPackage(string(out))
			if len(found) == 0 {
				return nil, fmt.Errorf("go %s: %w: %.2000s", verb, err, out)
			}
			// A package that cannot be parsed keeps the others from being compiled.
			for n, text := range found {
				if faults[n] == "" {
					faults[n] = "go " + verb + ": " + text
				}
				if err := os.RemoveAll(filepath.Join(s.dir, fmt.Sprintf("p%d", n))); err != nil {
					return nil, err
				}
			}
			if len(faults) >= len(s.cases) {
				return faults, nil
			}
		}
	}
	return faults, nil
}

var packageNumber = regexp.MustCompile(`^(?:# \[?fuzz/|package fuzz/|vet: )?(?:\./)?p([0-9]+)(?:$|[/\]: ])`)

// faultsByPackage returns the go command's messages by package number.
func faultsByPackage(out string) map[int]string {
	faults := map[int]string{}
	at := -1
	for _, line := range strings.Split(out, "\n") {
		if m := packageNumber.FindStringSubmatch(line); m != nil {
			at, _ = strconv.Atoi(m[1])
		}
		if at >= 0 && len(faults[at]) < 600 {
			faults[at] += line + "\n"
		}
	}
	return faults
}
