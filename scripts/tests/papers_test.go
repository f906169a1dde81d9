package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// papers are the pages that send readers to files of the repository.
var papers = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
	"skelgen/README.md", "internal/test/README.md", "internal/test/kernels/README.md", "scripts/README.md", "scripts/bench/README.md"}

// pathInPaper is a path of the repository in code quotes, with or without stars.
var pathInPaper = regexp.MustCompile("`((?:skelgen|internal|pkg|cgo|scripts|examples|libbpf)/[^` ,]*)`")

func TestPapersNameFilesThatExist(t *testing.T) {
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
