//go:build linux

package libbpf

/*
#include "shim_prog.h"
*/
import "C"

// RunOptions are those of bpf_test_run_opts, RunResult what comes back.
type RunOptions struct {
	Data, Context       []byte // input
	DataOut, ContextOut []byte // room for output
	Repeat              int
	Flags, CPU          uint32
	BatchSize           int
}

// RunResult is what a run gave. Data and Context are parts of the room for them.
type RunResult struct {
	Return        uint32
	Nanoseconds   uint32 // on average
	Data, Context []byte
}

// Run runs the program behind fd (bpf_prog_test_run_opts).
func Run(fd int, o RunOptions) (RunResult, error) {
	run := C.struct_bpfskel_run{
		data_size: C.uint32_t(len(o.Data)), data_out_size: C.uint32_t(len(o.DataOut)),
		ctx_size: C.uint32_t(len(o.Context)), ctx_out_size: C.uint32_t(len(o.ContextOut)),
		repeat: C.int32_t(o.Repeat), flags: C.uint32_t(o.Flags), cpu: C.uint32_t(o.CPU), batch_size: C.uint32_t(o.BatchSize),
	}
	rc := C.bpfskel_prog_run(C.int(fd), &run, bytesPtr(o.Data), bytesPtr(o.DataOut), bytesPtr(o.Context), bytesPtr(o.ContextOut))
	return RunResult{
		Return: uint32(run.retval), Nanoseconds: uint32(run.duration),
		Data:    o.DataOut[:min(int(run.data_out_size), len(o.DataOut))],
		Context: o.ContextOut[:min(int(run.ctx_out_size), len(o.ContextOut))],
	}, result("run", rc, nil)
}
