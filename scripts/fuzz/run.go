package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// limit is the time limit of a run.
const limit = 10 * time.Second

// commandLine is a way to call the generator, without the last argument OBJ.
type commandLine struct {
	args []string
	// out is a folder that must hold files after success, and must not exist
	// after an error.
	out string
	// prints is set if a successful run prints to standard output.
	prints bool
}

var commandLines = []commandLine{
	{args: []string{"header"}, prints: true},
	{args: []string{"header", "--subskeleton"}, prints: true},
	{args: []string{"inspect", "--json"}, prints: true},
	{args: []string{"generate", "--out", "out"}, out: "out"},
	{args: []string{"generate", "--out", "out"}, out: "out"},
	{args: []string{"generate", "--light", "--out", "out"}, out: "out"},
	{args: []string{"header", "--light"}, prints: true},
}

// verdict is the result of a run: outcome for the count, problem if the result is wrong.
type verdict struct {
	outcome string
	problem string
}

// run calls the generator in a new folder. It returns an error only if the run itself could not be made.
func (c fuzzCase) run(command string) (verdict, error) {
	dir, err := os.MkdirTemp("", "skelgen-fuzz-")
	if err != nil {
		return verdict{"not run", ""}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, c.name)
	if err := os.WriteFile(path, c.data, 0o644); err != nil {
		return verdict{"not run", ""}, err
	}
	temporary := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temporary, 0o755); err != nil {
		return verdict{"not run", ""}, err
	}
	e := execute(command, dir, temporary, append(append([]string(nil), c.command.args...), c.name))
	e.files = listFiles(dir)
	v := c.judge(e)
	if v.outcome == "accepted" && c.command.out != "" && c.after != nil {
		fault, err := c.after(c, filepath.Join(dir, c.command.out))
		if err != nil {
			return v, err
		}
		if fault != "" {
			v = verdict{"failed", fault}
		}
	}
	return v, nil
}

// runResult is everything observable about a finished run.
type runResult struct {
	status         int // exit status, -1 for a signal
	timedOut       bool
	leftProcess    bool
	stdout, stderr string
	files          []string // that exist after it, except the object
}

func execute(command, dir, temporary string, args []string) runResult {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	// A new process group, to find processes that are left behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	e := runResult{timedOut: ctx.Err() != nil, stdout: stdout.String(), stderr: stderr.String()}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		e.stderr += err.Error()
		e.status = -1
	} else if cmd.ProcessState != nil {
		e.status = cmd.ProcessState.ExitCode()
		e.leftProcess = groupAlive(cmd.Process.Pid)
	}
	return e
}

// groupAlive reports whether a process of the group still exists after half a second.
func groupAlive(group int) bool {
	for range 50 {
		if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = syscall.Kill(-group, syscall.SIGKILL)
	return true
}

func listFiles(dir string) []string {
	var list []string
	for _, pattern := range []string{"*", ".*", "*/*", "*/.*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range found {
			name, _ := filepath.Rel(dir, f)
			list = append(list, name)
		}
	}
	return list
}

// judge checks a result against the generator's promises.
func (c fuzzCase) judge(e runResult) verdict {
	for _, f := range e.files {
		inside := c.command.out != "" && (f == c.command.out || strings.HasPrefix(f, c.command.out+"/"))
		if f != c.name && f != "tmp" && !(inside && e.status == 0) {
			return verdict{"failed", "left the file " + f}
		}
	}
	switch {
	case e.timedOut:
		return verdict{"failed", fmt.Sprintf("took more than %v", limit)}
	case e.leftProcess:
		return verdict{"failed", "left a process"}
	case strings.Contains(e.stderr, "goroutine ") || strings.Contains(e.stderr, "panic:"):
		return verdict{"failed", "panicked: " + firstLine(e.stderr)}
	case e.status == 0:
		return c.judgeSuccess(e)
	case e.status == 1:
		return judgeError(e)
	default:
		return verdict{"failed", fmt.Sprintf("exit status %d: %s", e.status, firstLine(e.stderr))}
	}
}

func (c fuzzCase) judgeSuccess(e runResult) verdict {
	if c.command.prints && e.stdout == "" {
		return verdict{"failed", "success, but nothing printed"}
	}
	if c.command.out != "" && !contains(e.files, c.command.out) {
		return verdict{"failed", "success, but nothing written"}
	}
	return verdict{"accepted", ""}
}

func judgeError(e runResult) verdict {
	lines := strings.Count(e.stderr, "\n")
	switch {
	case e.stdout != "":
		return verdict{"failed", "an error, but output was printed"}
	case lines != 1 || !strings.HasPrefix(e.stderr, "skelgen: "):
		return verdict{"failed", fmt.Sprintf("an error of %d lines: %q", lines, e.stderr)}
	case strings.Contains(e.stderr, "crash"):
		return verdict{"survived a crash of libbpf", ""}
	}
	return verdict{"refused", ""}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
