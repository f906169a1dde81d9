package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// needsGroup are the tools that deps.sh installs for some targets only, by the sign that a
// script uses one of them.
var needsGroup = []struct{ sign, group string }{
	{"lib/debootstrap.sh", "docker"},
	{"setcap ", "docker"},
	{"qemu-system-", "vm"},
	{"musl-gcc", "musl"},
}

// exempt are targets that work without the tools of a group.
var exempt = map[string]string{
	"static": "chooses the group by CC and GOARCH",
	"docker": "debootstrap.sh installs them if no registry has the base image",
}

// A target must install the tools that its scripts need. On a machine that already has
// them, a missing step goes unnoticed.
func TestTargetsInstallWhatTheirScriptsNeed(t *testing.T) {
	found := 0
	for target, recipe := range recipes(t, "../../Makefile", "../ship.mk") {
		for _, need := range needsGroup {
			script := scriptWith(t, need.sign, recipe, nil)
			if script == "" || exempt[target] != "" {
				continue
			}
			found++
			if !strings.Contains(recipe, "scripts/deps.sh "+need.group) {
				t.Errorf("make %s runs %s, which needs what deps.sh %s installs: add it to the target", target, script, need.group)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d targets need a group: the patterns do not match the scripts", found)
	}
}

var (
	rule       = regexp.MustCompile(`(?m)^([a-z][a-z-]*):.*\n((?:\t.*\n)*)`)
	scriptName = regexp.MustCompile(`[a-z][a-z0-9-]*\.sh`)
)

// recipes returns the recipe of each target.
func recipes(t *testing.T, files ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rule.FindAllStringSubmatch(string(data), -1) {
			out[m[1]] += m[2]
		}
	}
	return out
}

// scriptWith returns the first script that text names, or that such a script names, whose
// commands contain sign; "" if there is none. deps.sh installs, and is left out.
func scriptWith(t *testing.T, sign, text string, seen []string) string {
	t.Helper()
	for _, name := range scriptName.FindAllString(text, -1) {
		data, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || name == "deps.sh" || slices.Contains(seen, name) {
			continue
		}
		var commands []string
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(strings.TrimSpace(line), "#") {
				commands = append(commands, line)
			}
		}
		body := strings.Join(commands, "")
		if strings.Contains(body, sign) {
			return name
		}
		seen = append(seen, name)
		if inner := scriptWith(t, sign, body, seen); inner != "" {
			return inner
		}
	}
	return ""
}
