// Minimal shows which processes call the kernel most. It shows the whole life of a BPF
// skeleton on one page: open, set, load, attach, read, close.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/bpfskel/bpfskel/examples/minimal/minimal"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

var (
	duration = flag.Duration("duration", 5*time.Second, "how long to run")
	interval = flag.Duration("interval", time.Second, "between two tables")
	top      = flag.Int("top", 5, "how many processes to show")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "minimal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	open, err := minimal.Open() // nothing is in the kernel yet
	if err != nil {
		return err
	}
	defer open.Close()

	open.Rodata.MyPid = int32(os.Getpid()) // a constant for the verifier
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()

	if err := s.Attach(); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, *duration)
	defer stop()
	tick := time.NewTicker(*interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := show(s, *top); err != nil {
				return err
			}
		}
	}
}

type row struct {
	name  string
	calls uint64
}

func show(s *minimal.Skel, top int) error {
	var rows []row
	counts := s.Maps.Counts.Iter()
	for key, calls := range counts.All() {
		rows = append(rows, row{skel.CString(key.Comm[:]), calls})
	}
	if err := counts.Err(); err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(b.calls, a.calls) })

	// Hits and Switches are the program's own variables, mapped into this process.
	fmt.Printf("%d system calls, %d switches (without process %d)\n", s.Bss.Hits, s.Bss.Switches, s.Rodata.MyPid())
	for _, r := range rows[:min(top, len(rows))] {
		fmt.Printf("  %-16s %8d\n", r.name, r.calls)
	}
	return nil
}
