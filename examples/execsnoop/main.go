// Execsnoop shows which programs are started and how long they run. The events come
// through a ring buffer and are read in place.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/bpfskel/bpfskel/examples/execsnoop/execsnoop"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func newApp() *cli.App {
	return &cli.App{
		Name:      "execsnoop",
		Usage:     "show which programs are started and how long they run",
		ArgsUsage: "[COMMAND [ARG]...]",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "duration", Usage: "how long to watch (default: until interrupted, or until COMMAND ends)"},
			&cli.IntFlag{Name: "uid", Value: -1, Usage: "only processes of the user `UID`"},
			&cli.DurationFlag{Name: "min", Usage: "only show the end of programs that ran as long"},
		},
		Action: run,
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newApp().RunContext(ctx, os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "execsnoop:", err)
		os.Exit(1)
	}
}

func run(c *cli.Context) error {
	if c.Args().Present() {
		if _, err := exec.LookPath(c.Args().First()); err != nil {
			return err
		}
	}
	open, err := execsnoop.Open()
	if err != nil {
		return err
	}
	defer open.Close()

	open.Rodata.AnyUid = c.Int("uid") < 0 // constants for the verifier, which drops the branches that they rule out
	open.Rodata.OnlyUid = uint32(c.Int("uid"))
	open.Rodata.MinDurationNs = uint64(c.Duration("min"))
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()

	events, err := ringbuf.NewReader(s.Maps.Events)
	if err != nil {
		return err
	}
	defer events.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(c.Context)
	defer stop()
	if d := c.Duration("duration"); d > 0 {
		ctx, stop = context.WithTimeout(ctx, d)
		defer stop()
	}
	if c.Args().Present() {
		go command(ctx, stop, c.Args().Slice())
	}
	out := c.App.Writer
	fmt.Fprintf(out, "%-5s %7s %7s %5s %-16s %s\n", "", "PID", "PPID", "UID", "COMMAND", "FILE, OR TIME AND STATUS")
	for e, err := range ringbuf.Events[execsnoop.Event](ctx, events) {
		if err != nil && errors.Is(err, ctx.Err()) {
			break // the time is over
		}
		if err != nil {
			return err
		}
		show(out, e)
	}
	fmt.Fprintf(out, "%d events were dropped\n", s.Bss.Dropped)
	return nil
}

// show prints an event, which is in the ring buffer until it returns.
func show(out io.Writer, e *execsnoop.Event) {
	kind, text := "exec", skel.CString(e.Filename[:])
	if e.Kind == execsnoop.EventExit {
		kind, text = "exit", fmt.Sprintf("%v, %s", time.Duration(e.DurationNs).Round(time.Microsecond), ending(e.ExitCode))
	}
	fmt.Fprintf(out, "%-5s %7d %7d %5d %-16s %s\n", kind, e.Pid, e.Ppid, e.Uid, skel.CString(e.Comm[:]), text)
}

func ending(code uint32) string {
	status := syscall.WaitStatus(code)
	if status.Signaled() {
		return status.Signal().String()
	}
	return fmt.Sprintf("status %d", status.ExitStatus())
}

// command runs the command to be watched, and ends the watch a moment later.
func command(ctx context.Context, stop func(), args []string) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	_ = cmd.Run() // its status is among the events
	time.Sleep(100 * time.Millisecond)
	stop()
}
