package main

import (
	"bytes"
	"fmt"
	"os"
)

// The lines before and after the matrix in a page.
const (
	begin = "<!-- begin: written by make test-vm WRITE=1 -->\n"
	end   = "<!-- end -->\n"
)

// updatePage writes the matrix into a page or, without write, compares it with the page's matrix.
func updatePage(path, table string, write bool) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok1 := bytes.Cut(page, []byte(begin))
	_, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok1 || !ok2 {
		return fmt.Errorf("%s does not have the lines %q and %q, which enclose the matrix", path, begin, end)
	}
	updated := bytes.Join([][]byte{head, []byte(begin), []byte(table), []byte(end), tail}, nil)
	if bytes.Equal(page, updated) {
		return nil
	}
	if !write {
		return fmt.Errorf("the matrix in %s is not up to date: run make test-vm WRITE=1", path)
	}
	return os.WriteFile(path, updated, 0o644)
}
