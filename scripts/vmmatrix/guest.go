package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// cell is one entry of the matrix: a feature and its result.
type cell struct{ what, result string }

// guest is the content of one kernel's log.
type guest struct {
	kernel, release string
	cells           []cell
	failures        []string // names, or why the guest itself failed
	passed, seconds int
	skips           []string // names and reasons
	output          []string // the output of failed tests
}

// read parses the output of test binaries that ran with -test.v.
func read(r io.Reader, kernel string, tests int) *guest {
	g := &guest{kernel: kernel}
	ended, status := 0, -1
	said := map[string][]string{} // by test
	current := ""
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		trimmed := strings.TrimSpace(line)
		key, value, _ := strings.Cut(trimmed, ": ")
		switch {
		case key == "matrix":
			if what, result, ok := strings.Cut(value, ": "); ok {
				g.cells = append(g.cells, cell{what, result})
			}
		case key == "release":
			g.release = value
		case key == "ended":
			ended++
		case key == "status":
			fmt.Sscan(value, &status)
		case key == "seconds":
			fmt.Sscan(value, &g.seconds)
		case strings.HasPrefix(trimmed, "=== "):
			fields := strings.Fields(trimmed)
			current = fields[len(fields)-1]
		case strings.HasPrefix(trimmed, "--- "):
			g.finish(trimmed, said)
		default:
			said[current] = append(said[current], line)
		}
	}
	if ended != tests {
		g.failures = append(g.failures, fmt.Sprintf("%d of %d test binaries ended", ended, tests))
		g.output = append(g.output, tail(said[current])...)
	}
	if status != 0 && len(g.failures) == 0 {
		g.failures = append(g.failures, fmt.Sprintf("the guest ended with status %d", status))
		g.output = append(g.output, tail(said[current])...)
	}
	return g
}

// finish takes a line such as "--- FAIL: TestX/y (0.01s)".
func (g *guest) finish(line string, said map[string][]string) {
	result, name, _ := strings.Cut(strings.TrimPrefix(line, "--- "), ": ")
	name, _, _ = strings.Cut(name, " (")
	switch result {
	case "PASS":
		g.passed++
	case "SKIP":
		g.skips = append(g.skips, name+": "+strings.TrimSpace(strings.Join(said[name], " ")))
	case "FAIL":
		g.failures = append(g.failures, name)
		g.output = append(g.output, said[name]...)
	}
}

func tail(lines []string) []string { return lines[max(0, len(lines)-30):] }
