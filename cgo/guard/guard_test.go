package guard

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The guarded program is this test itself, started again: works are the functions that
// it runs inside Call, with a limit of one second.
var guardedFuncs = map[string]func(){
	"sleeps":       func() { time.Sleep(2500 * time.Millisecond) },
	"takes CPU":    func() { spin(60 * time.Second) },
	"takes little": func() { spin(200 * time.Millisecond) },
	"reads nil":    func() { fmt.Fprintln(os.Stderr, *pointer) },
	"aborts":       func() { raise(syscall.SIGABRT) },
	"waits":        func() { fmt.Println(os.Getpid()); time.Sleep(60 * time.Second) },
	"starts another": func() {
		if err := exec.Command("true").Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	},
}

var pointer *int

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

func raise(sig syscall.Signal) {
	if err := syscall.Tgkill(os.Getpid(), syscall.Gettid(), sig); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	time.Sleep(time.Second) // the signal is for this process, and may take a moment
}

func TestMain(m *testing.M) {
	if work, ok := guardedFuncs[os.Getenv("GUARD_TEST_WORK")]; ok {
		Call("the work", time.Second, work)
		return
	}
	os.Exit(m.Run())
}

// guarded returns a command that runs a work, in its own process group, like a shell's
// job.
func guarded(work string, command ...string) (*exec.Cmd, *bytes.Buffer) {
	command = append(command, os.Args[0])
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "GUARD_TEST_WORK="+work)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}

func TestExitStatusAndStderr(t *testing.T) {
	for _, c := range []struct {
		work, says string
	}{
		{"sleeps", ""}, // for longer than the limit
		{"takes little", ""},
		{"starts another", ""},
		{"takes CPU", "the work: libbpf did not finish within 1 s of CPU time"},
		{"reads nil", "the work: libbpf crashed (signal 11"},
		{"aborts", "the work: libbpf crashed (signal 6"},
	} {
		t.Run(c.work, func(t *testing.T) {
			t.Parallel()
			for _, parent := range [][]string{nil, {"sh", "-c", `trap "" CHLD; exec "$0"`}} {
				cmd, stderr := guarded(c.work, parent...)
				err := cmd.Run()
				status := cmd.ProcessState.ExitCode()
				if c.says == "" && (err != nil || stderr.Len() > 0) || c.says != "" && status != 1 {
					t.Errorf("%q: %v %s", parent, err, stderr)
				}
				if text := stderr.String(); !strings.Contains(text, c.says) || strings.Count(text, "\n") > 1 {
					t.Errorf("%q: it says %q, not %q", parent, text, c.says)
				}
			}
		})
	}
}

// startGuarded starts a work that waits and returns when it does, with the process that
// is guarded.
func startGuarded(t *testing.T) (cmd *exec.Cmd, stderr *bytes.Buffer, child int) {
	t.Helper()
	cmd, stderr = guarded("waits")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		child, err = strconv.Atoi(strings.TrimSpace(line))
	}
	if err != nil {
		t.Fatal(err, stderr)
	}
	return cmd, stderr, child
}

// A signal from another process is not a crash: the parent of the command sees that
// signal and reads nothing.
func TestSignalsAreSignals(t *testing.T) {
	const job, command, process = "the job", "the command", "the guarded process"
	for _, c := range []struct {
		to      string
		signals []syscall.Signal
	}{
		{job, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL}},
		{command, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL}},
		{process, []syscall.Signal{
			syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL,
			syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGABRT, syscall.SIGPROF,
		}},
	} {
		for _, sig := range c.signals {
			t.Run(sig.String()+" to "+c.to, func(t *testing.T) {
				t.Parallel()
				cmd, stderr, child := startGuarded(t)
				pid := map[string]int{job: -cmd.Process.Pid, command: cmd.Process.Pid, process: child}[c.to]
				if err := syscall.Kill(pid, sig); err != nil {
					t.Fatal(err)
				}
				cmd.Wait()
				status := cmd.ProcessState.Sys().(syscall.WaitStatus)
				if !status.Signaled() || status.Signal() != sig || stderr.Len() > 0 {
					t.Errorf("%v, and it says %q", cmd.ProcessState, stderr)
				}
			})
		}
	}
}

// A stopped job does not use CPU time, however long it is stopped, and runs again when
// its shell, or a supervisor that knows only the command, continues it.
func TestASuspendedJobContinues(t *testing.T) {
	for _, stop := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGTSTP} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v, continued as a job: %v", stop, whole), func(t *testing.T) {
				t.Parallel()
				cmd, stderr := guarded("sleeps")
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				defer cmd.Process.Kill()
				time.Sleep(500 * time.Millisecond)
				if err := syscall.Kill(-cmd.Process.Pid, stop); err != nil {
					t.Fatal(err)
				}
				time.Sleep(1500 * time.Millisecond)
				pid := cmd.Process.Pid
				if whole {
					pid = -pid
				}
				if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				select {
				case err := <-ended:
					if err != nil || stderr.Len() > 0 {
						t.Errorf("%v: %s", err, stderr)
					}
				case <-time.After(20 * time.Second):
					t.Error("it is still stopped")
				}
			})
		}
	}
}
