package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

func runExample(t *testing.T, args ...string) string {
	t.Helper()
	testkit.NeedRoot(t)
	var out strings.Builder
	app := newApp()
	app.Writer = &out
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := app.RunContext(ctx, append([]string{"execsnoop"}, args...)); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatal("it did not end with its command")
	}
	return out.String()
}

func TestExecAndExitOfACommand(t *testing.T) {
	out := runExample(t, "sh", "-c", `sleep 0.05; sh -c 'exit 3'; sh -c 'kill -TERM $$'; true`)
	for _, want := range []string{
		`(?m)^exec +\d+ +\d+ +0 sleep +/.*/sleep$`,
		`(?m)^exit +\d+ +\d+ +0 sleep +(5\d|[6-9]\d|\d{3,})\.?\d*ms, status 0$`,
		`(?m)^exit +\d+ +\d+ +0 sh +.*, status 3$`,
		`(?m)^exit +\d+ +\d+ +0 sh +.*, terminated$`,
		`(?m)^\d+ events were dropped$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no line like %s in\n%s", want, out)
		}
	}
}

func TestFiltersAreTheKernels(t *testing.T) {
	out := runExample(t, "--uid", "54321", "sh", "-c", "true; ls > /dev/null")
	if strings.Contains(out, "exec ") || strings.Contains(out, "exit ") {
		t.Errorf("processes of other users are shown:\n%s", out)
	}
	out = runExample(t, "--min", "900ms", "sh", "-c", "sleep 1; ls > /dev/null")
	if !strings.Contains(out, " sleep ") || strings.Contains(out, " ls ") || strings.Contains(out, "exec ") {
		t.Errorf("not just the end of sleep is shown:\n%s", out)
	}
}

func TestCommandThatDoesNotExist(t *testing.T) {
	app := newApp()
	app.Writer = &strings.Builder{}
	err := app.Run([]string{"execsnoop", "no-such-command"})
	if err == nil || !strings.Contains(err.Error(), "no-such-command") {
		t.Fatalf("got %v", err)
	}
}
