package tests

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A kind of attach that needs libbpf is in one place in Go, a case in attach.go, and in one place in C, a function in
// shim_attach.h: CONTRIBUTING.md says how to add one.
func TestEachAttachKindHasOneCaseInGoAndOneInC(t *testing.T) {
	kinds := attachTargets(t)
	if len(kinds) < 8 {
		t.Fatalf("found only the kinds %v", kinds)
	}
	goFiles, err := filepath.Glob("../../cgo/libbpf/*.go")
	if err != nil {
		t.Fatal(err)
	}
	cFiles, err := filepath.Glob("../../cgo/libbpf/*.[ch]")
	if err != nil {
		t.Fatal(err)
	}
	inGo, inC := readAll(t, goFiles), readAll(t, cFiles)
	called := regexp.MustCompile(`C\.bpfskel_attach_(\w+)\(`)
	for _, kind := range kinds {
		places := regexp.MustCompile(`(?s)\bcase backend\.`+kind+`:(.*?)\n\t(?:case|default)\b`).FindAllStringSubmatch(inGo, -1)
		methods := regexp.MustCompile(`\) Attach`+kind+`\(t backend\.`+kind+`\)`).FindAllString(inGo, -1)
		if n := len(regexp.MustCompile(`\bbackend\.`+kind+`\b`).FindAllString(inGo, -1)); n != 2 || len(places) != 1 || len(methods) != 1 {
			t.Errorf("cgo/libbpf names backend.%s %d times, of which %d are a case and %d a method", kind, n, len(places), len(methods))
			continue
		}
		functions := called.FindAllStringSubmatch(places[0][1], -1)
		if len(functions) != 1 {
			t.Errorf("the case of backend.%s calls %d functions that attach", kind, len(functions))
			continue
		}
		name := functions[0][1]
		if n := strings.Count(inC, "ATTACH("+name+")\n"); n != 1 {
			t.Errorf("%d functions in C have ATTACH(%s)", n, name)
		}
		if n := strings.Count(inC, "struct bpfskel_"+name+" {"); n != 1 {
			t.Errorf("%d structs in C are bpfskel_%s", n, name)
		}
		if strings.Contains(inC, "bpfskel_attach_"+name) {
			t.Errorf("a second C file names bpfskel_attach_%s", name)
		}
	}
}

// attachTargets are the types that pkg/backend declares, each with a method of Program.
func attachTargets(t *testing.T) (names []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../pkg/backend/data.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if block, ok := d.(*ast.GenDecl); ok && strings.HasPrefix(block.Doc.Text(), "Targets of Program, ") {
			for _, spec := range block.Specs {
				names = append(names, spec.(*ast.TypeSpec).Name.Name)
			}
		}
	}
	return names
}

func readAll(t *testing.T, paths []string) string {
	var all strings.Builder
	for _, path := range slices.DeleteFunc(paths, func(p string) bool { return strings.HasSuffix(p, "_test.go") }) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
