package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// cell is one entry of the matrix.
type cell struct{ feature, result string }

// guest is the content of one kernel's log.
type guest struct {
	kernel, release string
	cells           []cell
	failures        []string // names, or why the guest itself failed
	passed, seconds int
	skips           []string // names and reasons
	output          []string // the output of failed tests
}

// parseLog parses the output of test binaries that ran with -test.v.
func parseLog(r io.Reader, kernel string, tests int) *guest {
	g := &guest{kernel: kernel}
	ended, status := 0, -1
	output := map[string][]string{} // by test
	current := ""
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		trimmed := strings.TrimSpace(line)
		key, value, _ := strings.Cut(trimmed, ": ")
		switch {
		case key == "matrix":
			if feature, result, ok := strings.Cut(value, ": "); ok {
				g.cells = append(g.cells, cell{feature, result})
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
			g.addResult(trimmed, output)
		default:
			output[current] = append(output[current], line)
		}
	}
	if ended != tests {
		g.failures = append(g.failures, fmt.Sprintf("%d of %d test binaries ended", ended, tests))
		g.output = append(g.output, lastLines(output[current])...)
	}
	if status != 0 && len(g.failures) == 0 {
		g.failures = append(g.failures, fmt.Sprintf("the guest ended with status %d", status))
		g.output = append(g.output, lastLines(output[current])...)
	}
	return g
}

// addResult parses a line such as "--- FAIL: TestX/y (0.01s)".
func (g *guest) addResult(line string, output map[string][]string) {
	result, name, _ := strings.Cut(strings.TrimPrefix(line, "--- "), ": ")
	name, _, _ = strings.Cut(name, " (")
	switch result {
	case "PASS":
		g.passed++
	case "SKIP":
		g.skips = append(g.skips, name+": "+strings.TrimSpace(strings.Join(output[name], " ")))
	case "FAIL":
		g.failures = append(g.failures, name)
		g.output = append(g.output, output[name]...)
	}
}

func lastLines(lines []string) []string { return lines[max(0, len(lines)-30):] }
