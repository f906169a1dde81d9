package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
)

// The Go code in the README compiles: the program, and the lines of the table beside C.
func TestREADMECompiles(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := regexp.MustCompile("(?s)```go\n(func run.*?)```").FindSubmatch(readme)
	if program == nil {
		t.Fatal("no program in the README")
	}
	var lines []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]*)` \\| `[^`]*;` \\|$|^\\| `([^`]*)` \\| `[^`]*\\)` \\|$").FindAllSubmatch(readme, -1) {
		lines = append(lines, string(row[1])+string(row[2]))
	}
	if len(lines) < 8 {
		t.Fatalf("only %d rows of Go beside C", len(lines))
	}
	dir := t.TempDir()
	usermod.Write(t, dir, "readme", map[string]string{
		"main.go": `package main

import (
	"fmt"
	"os"
	"time"

	"github.com/bpfskel/bpfskel/examples/minimal/minimal"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

` + string(program[1]) + `
func table() {
	var key minimal.Key
	` + strings.Join(lines, "\n\t") + `
	fmt.Println(n, err)
}

func main() {
	table()
	if err := run(); err != nil {
		fmt.Println(err)
	}
}
`,
	})
	if out, err := usermod.Go(dir, nil, "vet", "."); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The documentation pages in the README are the output of go doc.
func TestREADMEShowsThePackageAsItIs(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Skel", "Bss"} {
		page, err := exec.Command("go", "doc", "../examples/minimal/minimal", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		_, page, _ = bytes.Cut(page, []byte("\n\n")) // the package clause
		if !bytes.Contains(readme, bytes.TrimSpace(page)) {
			t.Errorf("the README lacks this page of %s:\n%s", name, page)
		}
	}
}
