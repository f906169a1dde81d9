package bpf

import (
	"math"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// RunOptions are the options of Run (bpf_test_run_opts).
type RunOptions struct {
	Data, Context       []byte // input
	DataOut, ContextOut []byte // room for output
	Repeat              int
	Flags               uapi.RunFlags
	CPU                 uint32 // with RunOnCPU
	BatchSize           int
}

// RunResult is the result of a run. Data and Context are the written parts of DataOut
// and ContextOut.
type RunResult struct {
	Return        uint32
	Nanoseconds   uint32 // of one run, on average
	Data, Context []byte
}

// runAttr is union bpf_attr of BPF_PROG_TEST_RUN.
type runAttr struct {
	program, retval            uint32
	dataSize, dataOutSize      uint32
	data, dataOut              ptr64
	repeat, duration           uint32
	contextSize, contextOutLen uint32
	context, contextOut        ptr64
	flags, cpu, batchSize      uint32
	_                          uint32
}

// runAttempts limits how often Run tries. It defers signals, but a debugger or a frozen
// cgroup may still interrupt it.
const runAttempts = 5

// Run runs the program behind fd (bpf_prog_test_run_opts). Signals for its thread are
// deferred until it returns. The error is ENOSPC if the room for the output is too
// small; the part that fits has been written.
func Run(fd int, o *RunOptions) (RunResult, error) {
	attr, err := o.attr(fd)
	if err != nil {
		return RunResult{}, err
	}
	var run runAttr
	var errno Errno
	withoutSignals(func() {
		for range runAttempts {
			run = attr // an attempt overwrites the sizes of outputs
			_, errno = callAttr(uapi.CmdProgTestRun, &run)
			if errno != errInterrupted {
				break
			}
		}
	})
	return RunResult{
		Return: run.retval, Nanoseconds: run.duration,
		Data:    o.DataOut[:min(int64(run.dataOutSize), int64(len(o.DataOut)))],
		Context: o.ContextOut[:min(int64(run.contextOutLen), int64(len(o.ContextOut)))],
	}, errnoError(errno)
}

func (o *RunOptions) attr(fd int) (attr runAttr, err error) {
	if o.Repeat < 0 || int64(o.Repeat) > math.MaxInt32 || o.BatchSize < 0 || int64(o.BatchSize) > math.MaxInt32 {
		return attr, errInvalid
	}
	attr = runAttr{
		program: uint32(fd), repeat: uint32(o.Repeat), flags: uint32(o.Flags), cpu: o.CPU, batchSize: uint32(o.BatchSize),
	}
	for _, b := range []struct {
		data []byte
		at   *ptr64
		size *uint32
	}{
		{o.Data, &attr.data, &attr.dataSize},
		{o.DataOut, &attr.dataOut, &attr.dataOutSize},
		{o.Context, &attr.context, &attr.contextSize},
		{o.ContextOut, &attr.contextOut, &attr.contextOutLen},
	} {
		if *b.at, *b.size, err = bytesPointer(b.data); err != nil {
			return attr, err
		}
	}
	return attr, nil
}
