package soak

import (
	"context"
	"flag"
	"io"
	"os/exec"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

var (
	duration = flag.Duration("duration", 5*time.Second, "how long TestSoak runs")
	workers  = flag.Int("workers", 10, "goroutines of TestSoak")
	pause    = flag.Duration("pause", 20*time.Millisecond, "pause of each goroutine between two lives")
)

// maxFailures is enough to see the problem.
const maxFailures = 10

func TestMain(m *testing.M) { testkit.Main(m, nil) }

func TestSoak(t *testing.T) {
	testkit.NeedRoot(t)
	run(t, min(*duration/3, 3*time.Minute)) // caches fill, threads get their arenas
	before := sample(t)
	lived := run(t, *duration)
	after := sample(t)
	t.Logf("%d lives; the process held %v, now %v", lived, before, after)
	if lived < int64(*workers) {
		t.Errorf("only %d lives", lived)
	}
	if after.grownFrom(before) {
		t.Errorf("the process grew from %v to %v", before, after)
	}
}

// A soak counts lives, and stops after too many failures.
type soak struct {
	t             *testing.T
	lived, failed atomic.Int64
	stop          context.CancelFunc
}

// run keeps all goroutines busy for a while, and returns the number of lives.
func run(t *testing.T, d time.Duration) int64 {
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	profile(t)
	defer pprof.StopCPUProfile()
	s := &soak{t: t, stop: stop}
	var wg sync.WaitGroup
	wg.Add(1 + *workers)
	go func() {
		defer wg.Done()
		s.startProcesses(ctx)
	}()
	for i := range *workers {
		go func() {
			defer wg.Done()
			s.work(ctx, i)
		}()
	}
	s.report(ctx)
	wg.Wait()
	return s.lived.Load()
}

// work lives one life after another.
func (s *soak) work(ctx context.Context, worker int) {
	for n := 0; ctx.Err() == nil; n++ {
		life := lifecycles[(worker+n)%len(lifecycles)]
		if err := life.run(); err != nil {
			s.fail(life.name, err)
		} else {
			s.lived.Add(1)
		}
		sleep(ctx, *pause)
	}
}

// startProcesses causes SIGCHLD and forks while everything else runs.
func (s *soak) startProcesses(ctx context.Context) {
	for ctx.Err() == nil {
		if err := exec.Command("true").Run(); err != nil {
			s.fail("true", err)
		}
		sleep(ctx, *pause)
	}
}

// profile starts the profiler. The profile keeps every new stack in memory, so it is
// restarted often.
func profile(t *testing.T) {
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Error(err)
	}
}

// report logs once a minute how far the run is.
func (s *soak) report(ctx context.Context) {
	for start := time.Now(); ; {
		sleep(ctx, time.Minute)
		if ctx.Err() != nil {
			return
		}
		pprof.StopCPUProfile()
		profile(s.t)
		s.t.Logf("%v: %d lives, %d failures; %v", time.Since(start).Round(time.Second), s.lived.Load(), s.failed.Load(), sample(s.t))
	}
}

func (s *soak) fail(what string, err error) {
	s.t.Errorf("%s: %v", what, err)
	if s.failed.Add(1) >= maxFailures {
		s.stop()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
