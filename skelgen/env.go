package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

const modulePath = "github.com/bpfskel/bpfskel"

func envCommand() *cli.Command {
	return &cli.Command{
		Name:      "env",
		Usage:     "print the settings that a build against our libbpf needs",
		UsageText: "skelgen env [-w | --static]",
		Description: `For eval in a shell, or with -w for good: into "go env", where plain go build, go
test and gopls find them. libbpf is built first if need be. Run it again after a
change of libbpf: Go's build cache does not see one by itself.

With --static, go build makes one static and reproducible binary. GOARCH=arm64 before
it cross-compiles, CC=musl-gcc links musl. A -ldflags of your own must repeat what is
in BPFSKEL_LDFLAGS.

EXAMPLE:
   eval "$(build/bin/skelgen env)" && go vet ./...`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "w", Usage: "write them into go env"},
			&cli.BoolFlag{Name: "static", Usage: "for a static binary"},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usageError(c, fmt.Errorf("%q is too many", c.Args().First()), true)
			}
			if c.Bool("w") && c.Bool("static") {
				return usageError(c, errors.New("-w and --static exclude each other: static is for one build"), true)
			}
			return printEnv(c)
		},
	}
}

func printEnv(c *cli.Context) error {
	script, err := envScript()
	if err != nil {
		return err
	}
	if c.Bool("w") {
		return writeEnv(script)
	}
	var args []string
	if c.Bool("static") {
		args = []string{"--static"}
	}
	out, err := runScript(script, args...)
	if err != nil {
		return err
	}
	_, err = c.App.Writer.Write(out)
	return err
}

// envScript finds scripts/env.sh, the one place that knows the settings: in the
// checkout that this program was built in, or in the module's source, which the
// module in the working folder or the program's own version leads to.
func envScript() (string, error) {
	var roots []string
	if exe, err := os.Executable(); err == nil {
		roots = append(roots, filepath.Join(filepath.Dir(exe), "..", ".."))
	}
	if out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", modulePath).Output(); err == nil {
		roots = append(roots, strings.TrimSpace(string(out)))
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == modulePath {
		if out, err := exec.Command("go", "env", "GOMODCACHE").Output(); err == nil {
			roots = append(roots, filepath.Join(strings.TrimSpace(string(out)), modulePath+"@"+info.Main.Version))
		}
	}
	for _, root := range roots {
		script := filepath.Join(root, "scripts", "env.sh")
		if _, err := os.Stat(script); err == nil && root != "" {
			return script, nil
		}
	}
	return "", fmt.Errorf("cannot find the source of %s: run this in a module that requires it", modulePath)
}

// runScript runs env.sh with args. What it prints on standard error is the
// user's to see: progress on a terminal, the reason of a failure.
func runScript(script string, args ...string) ([]byte, error) {
	cmd := exec.Command("sh", append([]string{script}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			return nil, errors.New(last)
		}
		return nil, fmt.Errorf("%s: %w", script, err)
	}
	return out, nil
}

// writeEnv puts the settings into "go env". Go refuses PKG_CONFIG_PATH there, so
// PKG_CONFIG becomes a script that sets it.
func writeEnv(script string) error {
	out, err := runScript(script, "env", "-0")
	if err != nil {
		return err
	}
	set := map[string]string{}
	for _, entry := range strings.Split(string(out), "\x00") {
		if name, value, ok := strings.Cut(entry, "="); ok {
			set[name] = value
		}
	}
	wrapper, err := pkgConfigWrapper(set["PKG_CONFIG_PATH"])
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "env", "-w", "PKG_CONFIG="+wrapper,
		"CGO_CFLAGS="+set["CGO_CFLAGS"], "CGO_LDFLAGS="+set["CGO_LDFLAGS"])
	if msg, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go env -w: %s", strings.TrimSpace(string(msg)))
	}
	return nil
}

func pkgConfigWrapper(path string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "bpfskel")
	quoted := "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	text := "#!/bin/sh\n# " + generatedMark + " env -w\n" +
		"PKG_CONFIG_PATH=" + quoted + "${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH} exec pkg-config \"$@\"\n"
	if err := writeFiles(dir, []file{{"pkg-config", []byte(text)}}); err != nil {
		return "", err
	}
	wrapper := filepath.Join(dir, "pkg-config")
	return wrapper, os.Chmod(wrapper, 0o755)
}
