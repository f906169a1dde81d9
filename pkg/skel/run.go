package skel

import (
	"cmp"
	"time"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// RunOptions are options of TestRun. Which of them are allowed depends on the program's
// type and on the kernel.
type RunOptions struct {
	Data    []byte // the packet, for programs that take one
	Context []byte // the program's context
	// DataOut and ContextOut receive the packet and the context as the program leaves
	// them.
	DataOut, ContextOut []byte
	// Repeat runs it that many times, by default once.
	Repeat int
	// CPU is used with the flag RunOnCPU.
	Flags uapi.RunFlags
	CPU   int
	// BatchSize is used for XDP programs whose packets are sent on
	// (uapi.RunXDPLiveFrames).
	BatchSize int
}

// RunOnCPU runs the program on RunOptions.CPU (BPF_F_TEST_RUN_ON_CPU).
const RunOnCPU = uapi.RunOnCPU

// check refuses numbers that the kernel's struct would truncate.
func (o RunOptions) check() error {
	return firstError(
		checkRange("Repeat", o.Repeat, 0, maxInt32), checkRange("CPU", o.CPU, 0, maxInt32), checkRange("BatchSize", o.BatchSize, 0, maxInt32),
		checkRange("the size of Data", len(o.Data), 0, maxInt32), checkRange("the size of DataOut", len(o.DataOut), 0, maxInt32),
		checkRange("the size of Context", len(o.Context), 0, maxInt32), checkRange("the size of ContextOut", len(o.ContextOut), 0, maxInt32),
	)
}

// RunResult is the result of a TestRun.
type RunResult struct {
	Return   uint32        // the program's return value
	Duration time.Duration // of one run, on average
	// Data and Context are the parts of DataOut and ContextOut that were written.
	Data, Context []byte
}

// TestRun runs the program now. It is the only way to run programs of type syscall.
//
// Signals of this process are deferred on the thread that runs it. A run that is still
// interrupted, because the process was stopped or is being debugged, starts again: the
// program may then run more often than Repeat says. (bpf_prog_test_run_opts)
func (p *Program) TestRun(o RunOptions) (RunResult, error) {
	if err := p.object().beginUse(); err != nil {
		return RunResult{}, err
	}
	defer p.o.endUse()
	err := o.check()
	if p.lp.FD() < 0 {
		err = errNotLoaded
	}
	if err != nil {
		return RunResult{}, p.fail("test run", err)
	}
	r, err := bpf.Run(p.lp.FD(), &bpf.RunOptions{
		Data: o.Data, DataOut: o.DataOut, Context: o.Context, ContextOut: o.ContextOut,
		Repeat: o.Repeat, Flags: o.Flags, CPU: uint32(o.CPU), BatchSize: o.BatchSize,
	})
	err = fail("test run", p.o.name, "", p.name, err)
	if e, ok := err.(*Error); ok {
		e.Hint = cmp.Or(e.Hint, packetHint(p.lp.Type(), o, e.Err))
	}
	return RunResult{
		Return: r.Return, Duration: time.Duration(r.Nanoseconds), Data: r.Data, Context: r.Context,
	}, err
}
