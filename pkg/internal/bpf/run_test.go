//go:build linux

package bpf

import (
	"bytes"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// packet is the smallest packet that the kernel accepts for all types of program.
var packet = append(bytes.Repeat([]byte{1, 2, 3, 4, 5, 6}, 2), append([]byte{8, 0}, make([]byte, 50)...)...)

func TestRun(t *testing.T) {
	cls := newProgram(t, program{kind: uapi.ProgTypeSchedCls, code: returns(42)})
	room := make([]byte, 100)
	r, err := Run(cls, &RunOptions{Data: packet, DataOut: room, Repeat: 3})
	must(t, err)
	if r.Return != 42 || !bytes.Equal(r.Data, packet) || &r.Data[0] != &room[0] || len(r.Context) != 0 {
		t.Errorf("%+v", r)
	}
	r, err = Run(cls, &RunOptions{Data: packet, DataOut: room[:20]})
	wantErrno(t, "too little room", err, unix.ENOSPC)
	if !bytes.Equal(r.Data, packet[:20]) {
		t.Errorf("what fits: %v", r.Data)
	}
	// Empty slices have an address, which the kernel must not see.
	_, err = Run(cls, &RunOptions{Data: packet, DataOut: room[:0], Context: room[:0], ContextOut: room[:0]})
	must(t, err)
	_, err = Run(cls, &RunOptions{})
	wantErrno(t, "no packet", err, unix.EINVAL)
	_, err = Run(cls, &RunOptions{Data: packet, Flags: 1 << 30})
	wantErrno(t, "a flag that there is not", err, unix.EINVAL)
	_, err = Run(cls, &RunOptions{Data: packet, Repeat: -1})
	wantErrno(t, "less than once", err, unix.EINVAL)
	_, err = Run(-1, &RunOptions{Data: packet})
	wantErrno(t, "nothing", err, unix.EBADF)
}

func TestRunWithContext(t *testing.T) {
	needKernel(t, 5, 14, "it has programs of type syscall")
	// r1 is the context: r0 = *(u32 *)(r1 + 0); r2 = 7; *(u32 *)(r1 + 4) = r2
	code := []insn{{code: 0x61, registers: registers(0, 1)}, {code: 0xb7, registers: registers(2, 0), value: 7},
		{code: 0x63, registers: registers(1, 2), offset: 4}, {code: 0x95}}
	p := newProgram(t, program{kind: uapi.ProgTypeSyscall, flags: uapi.ProgFlagSleepable, code: code})
	context := make([]byte, 8)
	context[0], context[3] = 5, 5
	r, err := Run(p, &RunOptions{Context: context})
	must(t, err)
	if r.Return != 5<<24|5 || context[4]|context[7] != 7 {
		t.Errorf("%+v, context %v", r, context)
	}
}

func TestRunOnCPU(t *testing.T) {
	needKernel(t, 5, 10, "raw tracepoints can be run")
	p := newProgram(t, program{kind: uapi.ProgTypeRawTracepoint, code: returns(3)})
	r, err := Run(p, &RunOptions{Flags: uapi.RunOnCPU, Context: make([]byte, 64)})
	must(t, err)
	if r.Return != 3 {
		t.Errorf("%+v", r)
	}
	_, err = Run(p, &RunOptions{Flags: uapi.RunOnCPU, CPU: 1 << 20})
	wantErrno(t, "a CPU that there is not", err, unix.ENXIO)
}

// A signal makes the kernel abort a run; the signals that Go programs get do not reach
// it.
func TestRunBesideSignals(t *testing.T) {
	cls := newProgram(t, program{kind: uapi.ProgTypeSchedCls, code: returns(0)})
	o := RunOptions{Data: packet, Repeat: 1 << 10}
	for took := time.Duration(0); took < 20*time.Millisecond; o.Repeat *= 2 {
		start := time.Now()
		must(t, second(Run(cls, &o)))
		took = time.Since(start)
	}
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				signalAllThreads(t, unix.SIGURG)
			}
		}
	}()
	failed := 0
	for range 20 {
		if _, err := Run(cls, &o); err == unix.EINTR {
			failed++
		} else {
			must(t, err)
		}
	}
	close(stop)
	<-done
	if failed > 0 {
		t.Errorf("%d of 20 runs were interrupted", failed)
	}
}

// signalAllThreads sends a signal to every thread of the process.
func signalAllThreads(t *testing.T, s unix.Signal) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Error(err)
	}
	for _, thread := range threads {
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			unix.Tgkill(unix.Getpid(), id, s)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestSignalsAreDeferred(t *testing.T) {
	mask := func() (set unix.Sigset_t) {
		must(t, unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set))
		return set
	}
	has := func(set unix.Sigset_t, s unix.Signal) bool {
		word := 64
		if len(set.Val) > 0 && ^uintptr(0)>>32 == 0 {
			word = 32
		}
		return set.Val[int(s-1)/word]>>(int(s-1)%word)&1 != 0
	}
	withoutSignals(func() {
		within := mask()
		for s, want := range map[unix.Signal]bool{
			unix.SIGINT: true, unix.SIGPROF: true, unix.SIGURG: true, unix.SIGCHLD: true, unix.SIGUSR1: true,
			unix.SIGSEGV: false, unix.SIGBUS: false, unix.SIGABRT: false, 33: false,
		} {
			if has(within, s) != want {
				t.Errorf("%v: deferred %v", s, !want)
			}
		}
	})
	after := mask()
	if has(after, unix.SIGURG) || has(after, unix.SIGPROF) {
		t.Error("still deferred afterwards")
	}
}
