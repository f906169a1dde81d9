package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// papers are the pages that send readers to files of the repository.
var papers = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
	"skelgen/README.md", "internal/test/README.md", "internal/test/kernels/README.md", "scripts/README.md", "scripts/bench/README.md"}

// pathInPaper is a path of the repository in code quotes, with or without stars.
var pathInPaper = regexp.MustCompile("`((?:skelgen|internal|pkg|cgo|scripts|examples|libbpf)/[^` ,]*)`")

func TestMarkdownNamesFilesThatExist(t *testing.T) {
	for _, paper := range papers {
		text, err := os.ReadFile(filepath.Join("../..", paper))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range pathInPaper.FindAllSubmatch(text, -1) {
			found, err := filepath.Glob(filepath.Join("../..", string(match[1])))
			if err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which does not exist", paper, match[1])
			}
		}
	}
}

// The table at the top of ARCHITECTURE.md names a function in a file for each question.
func TestArchitectureNamesFunctionsThatExist(t *testing.T) {
	paper, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(paper), "## Six questions first\n")
	table, _, _ = strings.Cut(table, "\n## ")
	quoted := regexp.MustCompile("`([^`]+)`")
	named := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || !strings.Contains(cells[3], "`") {
			continue
		}
		file := quoted.FindStringSubmatch(cells[3])[1]
		source, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, match := range quoted.FindAllStringSubmatch(cells[4], -1) {
			named++
			declared := regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + regexp.QuoteMeta(match[1]) + `[\[(]`)
			if !declared.Match(source) {
				t.Errorf("ARCHITECTURE.md names %s in %s, which does not declare it", match[1], file)
			}
		}
	}
	if named < 8 {
		t.Errorf("the table names %d functions", named)
	}
}
