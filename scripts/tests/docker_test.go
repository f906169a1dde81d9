package tests

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var copied = regexp.MustCompile(`(?m)^COPY (\S+) (\S+)$`)

// The Dockerfiles copy folders one by one, so that a change elsewhere does not rebuild the images.
func TestDockerfilesCopyTheSourcesOfSkelgen(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}", "./skelgen")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Dockerfile", "scripts/Dockerfile.alpine"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		var folders []string
		for _, match := range copied.FindAllStringSubmatch(string(text), -1) {
			folders = append(folders, match[1]+"/")
		}
		for _, path := range strings.Fields(string(out)) {
			path = strings.TrimPrefix(path, module) + "/"
			if !slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(path, f) }) {
				t.Errorf("%s copies no folder that has %s", name, path)
			}
		}
	}
}
