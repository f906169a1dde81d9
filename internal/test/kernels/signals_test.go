package kernels

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/heavy"
	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// runTime is how long one run of the program lasts: many times as long as the
// storm's calms.
const runTime = 30 * time.Millisecond

// TestSignals loads and runs programs in a process that gets signals all the time.
func TestSignals(t *testing.T) {
	needRoot(t)
	repeat := repeatFor(t, runTime)
	for _, c := range []struct {
		name   string
		begin  func(*testing.T)
		before func(*testing.T) // each call
	}{
		{"a storm", sendSignals, nil},
		{"the CPU profiler", profile, nil},
		{"children that exit", startAndEndProcesses, exitSoon},
	} {
		t.Run(c.name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if c.before == nil {
				c.before = func(*testing.T) {}
			}
			c.begin(t)
			slowest := time.Duration(0)
			for range 5 {
				c.before(t)
				start := time.Now()
				s, err := loadHeavy()
				if err != nil {
					t.Fatal("load: ", err)
				}
				slowest = max(slowest, time.Since(start))
				must(t, s.Close())
			}
			s, err := heavy.OpenAndLoad()
			must(t, err)
			defer s.Close()
			for range 5 {
				c.before(t)
				if err := runLight(s, repeat); err != nil {
					t.Fatal("run: ", err)
				}
			}
			if want := 5 * uint64(repeat); s.Bss.Runs != want {
				t.Errorf("the program ran %d times, not %d", s.Bss.Runs, want)
			}
			t.Logf("a load took up to %v", slowest)
		})
	}
}

// TestLoadsAmongSignals loads a small object a thousand times in a process that gets signals
// all the time.
func TestLoadsAmongSignals(t *testing.T) {
	needRoot(t)
	n := 1000
	if testing.Short() {
		n = 50
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	sendSignals(t)
	for i := range n {
		s, err := plain.OpenAndLoad()
		if err != nil {
			t.Fatalf("load %d of %d: %v", i, n, err)
		}
		must(t, s.Close())
	}
}

func loadHeavy() (*heavy.Skel, error) {
	open, err := heavy.Open()
	if err != nil {
		return nil, err
	}
	defer open.Close()
	if err := open.Progs.Heavy.SetAutoload(true); err != nil {
		return nil, err
	}
	return open.Load()
}

func runLight(s *heavy.Skel, repeat int) error {
	r, err := s.Progs.Light.TestRun(skel.RunOptions{Data: make([]byte, 64), Repeat: repeat})
	if err == nil && r.Return != 7 {
		return fmt.Errorf("it returned %d", r.Return)
	}
	return err
}

// repeatFor measures how often the program runs in that time.
func repeatFor(t *testing.T, d time.Duration) int {
	t.Helper()
	s, err := heavy.OpenAndLoad()
	must(t, err)
	defer s.Close()
	for repeat := 1000; ; repeat *= 2 {
		start := time.Now()
		must(t, runLight(s, repeat))
		if took := time.Since(start); took > d {
			return repeat
		}
	}
}

// sendSignals sends a signal to each thread of this process every millisecond, until the
// test ends.
func sendSignals(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	background(t, func() {
		threads, _ := filepath.Glob("/proc/self/task/*")
		for _, path := range threads {
			tid, _ := strconv.Atoi(filepath.Base(path))
			_ = unix.Tgkill(os.Getpid(), tid, syscall.SIGUSR1) // it may have ended
		}
		time.Sleep(time.Millisecond)
	}, func() { signal.Stop(c) })
}

// profile runs the CPU profiler at ten times its usual rate, beside work.
func profile(t *testing.T) {
	runtime.SetCPUProfileRate(1000)
	must(t, pprof.StartCPUProfile(io.Discard)) // says that it keeps the rate
	background(t, func() {}, pprof.StopCPUProfile)
}

// startAndEndProcesses starts one process after another: each causes SIGCHLD when it ends.
func startAndEndProcesses(t *testing.T) {
	background(t, func() {
		if err := exec.Command("true").Run(); err != nil {
			t.Error(err)
		}
	}, func() {})
}

// exitSoon starts processes whose SIGCHLD goes to this thread, which is their parent.
func exitSoon(t *testing.T) {
	for range 3 {
		cmd := exec.Command("true")
		must(t, cmd.Start())
		t.Cleanup(func() { _ = cmd.Wait() })
	}
}

// background repeats work until the test ends, and calls end then.
func background(t *testing.T, work, end func()) {
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				work()
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-done
		end()
	})
}

// TestStoppedJob stops a process in the middle of a load and of a test run, which a
// signal mask cannot prevent.
func TestStoppedJob(t *testing.T) {
	needRoot(t)
	cmd := command(t, "load and run")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if text := lines.Text(); text != "begin" {
			t.Error(text)
			continue
		}
		time.Sleep(runTime / 3)
		must(t, cmd.Process.Signal(syscall.SIGSTOP))
		time.Sleep(runTime)
		must(t, cmd.Process.Signal(syscall.SIGCONT))
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestLoadThatIsAlwaysInterrupted stops a process so often that the kernel aborts each
// attempt: the log that it leaves does not contain a reason of the verifier.
func TestLoadThatIsAlwaysInterrupted(t *testing.T) {
	needRoot(t)
	cmd := command(t, "load in vain")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	ended := make(chan bool)
	go func() {
		defer close(ended)
		said, _ := io.ReadAll(out)
		if len(said) > 0 {
			t.Errorf("%s", said)
		}
	}()
	for stopping := true; stopping; {
		_ = cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(time.Millisecond)
		_ = cmd.Process.Signal(syscall.SIGCONT)
		select {
		case <-ended:
			stopping = false
		case <-time.After(4 * time.Millisecond):
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func loadRefusedProgram() error {
	s, err := loadHeavy()
	if err == nil {
		s.Close()
		return errors.New("the load succeeded")
	}
	var v *skel.VerifierError
	if !errors.Is(err, syscall.EAGAIN) || errors.As(err, &v) || !strings.Contains(err.Error(), "signals interrupted every attempt") {
		return fmt.Errorf("got %w", err)
	}
	return nil
}

func loadAndRun() error {
	s, err := heavy.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	repeat := 1000
	for took := time.Duration(0); took < 2*runTime; repeat *= 2 {
		start := time.Now()
		if err := runLight(s, repeat); err != nil {
			return err
		}
		took = time.Since(start)
	}
	for range 3 {
		fmt.Println("begin")
		if err := runLight(s, repeat); err != nil {
			return err
		}
		fmt.Println("begin")
		other, err := loadHeavy()
		if err != nil {
			return err
		}
		other.Close()
	}
	return nil
}
