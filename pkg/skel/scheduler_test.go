package skel_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/scheduler"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// A scheduler is a struct_ops map like any other. It affects the whole machine, so it
// is tested only in guests.
func TestGuestScheduler(t *testing.T) {
	needRoot(t)
	if _, err := os.Stat("/sys/kernel/sched_ext/state"); err != nil {
		t.Skip("sched_ext is not configured in this kernel")
	}
	if !testkit.InGuest {
		t.Skip("make test-vm runs this")
	}
	needLibbpf(t, "struct_ops")
	open, err := scheduler.Open()
	must(t, err)
	open.StructOps.Scheduler.TimeoutMs = 5000
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	must(t, s.Attach())
	if state, ops := sysfs(t, "state"), sysfs(t, "root/ops"); state != "enabled" || ops != "bpfskel" {
		t.Errorf("sched_ext is %s with %s", state, ops)
	}
	waitUntil(t, func() bool { // which sleeps, and so is scheduled
		return s.Bss.Runs > 0
	})
	must(t, s.Links.Scheduler.Close())
	waitUntil(t, func() bool { return sysfs(t, "state") == "disabled" })
}

func sysfs(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("/sys/kernel/sched_ext/" + name)
	must(t, err)
	return strings.TrimSpace(string(text))
}
