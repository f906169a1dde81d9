package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// matrix renders the cells as a Markdown table: a row for each feature, in the order of their first appearance, and a
// column for each kernel.
func matrix(guests []*guest) string {
	var rows []string
	results := map[string]map[string]string{}
	for _, g := range guests {
		for _, c := range g.cells {
			if !slices.Contains(rows, c.feature) {
				rows = append(rows, c.feature)
				results[c.feature] = map[string]string{}
			}
			results[c.feature][g.kernel] = c.result
		}
	}
	var b strings.Builder
	b.WriteString("| |")
	for _, g := range guests {
		fmt.Fprintf(&b, " %s |", g.kernel)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(guests)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |", row)
		for _, g := range guests {
			result := results[row][g.kernel]
			if result == "" {
				result = "failed"
			}
			fmt.Fprintf(&b, " %s |", result)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// report prints the failures and the skipped tests, and reports whether every guest passed.
func report(w io.Writer, guests []*guest) bool {
	ok := true
	for _, g := range guests {
		for _, line := range g.output {
			fmt.Fprintf(w, "[%s] %s\n", g.kernel, line)
		}
		for _, name := range g.failures {
			fmt.Fprintf(w, "FAIL: kernel %s: %s\n", g.kernel, name)
			ok = false
		}
		if g.passed == 0 {
			fmt.Fprintf(w, "FAIL: kernel %s: no test passed\n", g.kernel)
			ok = false
		}
		for _, skip := range g.skips {
			fmt.Fprintf(w, "skipped: kernel %s: %s\n", g.kernel, skip)
		}
		fmt.Fprintf(w, "kernel %s (%s): %d passed, %d failed, %d skipped, %d s\n",
			g.kernel, g.release, g.passed, len(g.failures), len(g.skips), g.seconds)
	}
	return ok
}

func printTotal(w io.Writer, guests []*guest) {
	passed, failed, skipped := 0, 0, 0
	for _, g := range guests {
		passed, failed, skipped = passed+g.passed, failed+len(g.failures), skipped+len(g.skips)
		if g.passed == 0 && len(g.failures) == 0 {
			failed++
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
}
