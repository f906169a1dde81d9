package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var countsLine = regexp.MustCompile(`(?m)^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$`)

// suite runs a target of make and adds the counts on its last line. It shows the output if something failed.
func (s *summary) suite(target string) {
	start := time.Now()
	cmd := exec.Command("make", target)
	out, err := cmd.CombinedOutput()
	passed, failed, skipped, ok := parseCounts(string(out))
	s.passed += passed
	s.suiteSkips += skipped
	switch {
	case failed > 0:
		s.failed += failed
		fmt.Fprintf(s.out, "FAIL: make %s\n%s", target, out)
	case err != nil || !ok:
		s.fail("make "+target, fmt.Sprintf("%s%v", out, err))
	}
	for line := range strings.Lines(string(out)) {
		if failed == 0 && strings.HasPrefix(line, "skipped: ") {
			fmt.Fprint(s.out, line)
		}
	}
	fmt.Fprintf(s.out, "make %s: %d passed, %d failed, %d skipped in %.0f s\n", target, passed, failed, skipped, time.Since(start).Seconds())
	if s.progress {
		fmt.Fprintf(os.Stderr, "make %s %.1f s\n", target, time.Since(start).Seconds())
	}
}

// parseCounts finds the last line of counts.
func parseCounts(out string) (passed, failed, skipped int, ok bool) {
	all := countsLine.FindAllStringSubmatch(strings.ReplaceAll(out, "\r", ""), -1)
	if len(all) == 0 {
		return 0, 0, 0, false
	}
	last := all[len(all)-1]
	passed, _ = strconv.Atoi(last[1])
	failed, _ = strconv.Atoi(last[2])
	skipped, _ = strconv.Atoi(last[3])
	return passed, failed, skipped, true
}
