package skel

import (
	"sync"
	"time"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// ProgramInfo is the kernel's information on a program. Without CAP_BPF and CAP_PERFMON
// some fields are zero.
type ProgramInfo struct {
	Name      string // cut to 15 bytes by the kernel
	Type      uapi.ProgType
	ID, BTFID uint32
	Tag       [8]byte       // a hash of the instructions
	LoadTime  time.Duration // after boot
	UID       uint32        // of the user who loaded it
	MapIDs    []uint32
	Ifindex   uint32 // of the device that runs it
	// XlatedBytes and JitedBytes are the sizes of its instructions, the kernel's
	// and the machine's.
	XlatedBytes, JitedBytes int
	// Functions and Lines are the numbers of its records of func_info and line_info.
	Functions, Lines int
	Verified         uint32 // instructions that the verifier processed
	GPL              bool
	// AttachObject and AttachBTF are the BTF, and the type in it, that a program of
	// type tracing attaches to.
	AttachObject, AttachBTF uint32
	// RunTime and RunCount grow while statistics are collected (CollectRunStats).
	RunTime         time.Duration
	RunCount        uint64
	RecursionMisses uint64 // runs that would have interrupted another
}

// Info asks the kernel for the program's properties. (bpf_prog_get_info_by_fd)
func (p *Program) Info() (info ProgramInfo, err error) {
	err = p.WithFD(func(fd int) error {
		got, err := bpf.InfoOfProgram(fd)
		info = ProgramInfo(got)
		return p.fail("get info", err)
	})
	return info, err
}

// RunStats are counted from the program's load on, but only while they are collected
// (CollectRunStats).
type RunStats struct {
	Count  uint64        // of runs
	Time   time.Duration // of all of them
	Missed uint64        // runs that would have interrupted another; always counted
}

// RunStats asks the kernel how often and how long the program ran.
// (bpf_prog_get_info_by_fd)
func (p *Program) RunStats() (RunStats, error) {
	info, err := p.Info()
	return RunStats{info.RunCount, info.RunTime, info.RecursionMisses}, err
}

// CollectRunStats makes the kernel count and time the runs of all programs of the
// machine, which costs each run a little, until stop is called. The error wraps
// the errno: EPERM without CAP_SYS_ADMIN. (bpf_enable_stats)
func CollectRunStats() (stop func(), err error) {
	fd, err := bpf.EnableStats()
	if err != nil {
		return nil, fail("collect", "run statistics", "", "", err)
	}
	return sync.OnceFunc(func() { closeFD(fd) }), nil
}

// Pin keeps the program in the kernel under path, in a BPF file system, also after
// Close. It does not keep its attachments: see Link.Pin. (bpf_program__pin)
func (p *Program) Pin(path string) error {
	return p.withChange("pin", func() error { return pinFD(p.lp.FD(), path) })
}

// Unpin removes a pin. (bpf_program__unpin)
func (p *Program) Unpin(path string) error {
	return p.withChange("unpin", func() error { return unpinPath(path) })
}

// programInfoByID queries a program by its id, which requires CAP_SYS_ADMIN.
func programInfoByID(id uint32) (info bpf.ProgramInfo, err error) {
	fd, err := bpf.OpenByID(bpf.KindProgram, id, 0, 0)
	if err != nil {
		return info, err
	}
	defer closeFD(fd)
	return bpf.InfoOfProgram(fd)
}

// withChange calls f while no other call changes the object.
func (p *Program) withChange(op string, f func() error) error {
	if err := p.object().beginChange(); err != nil {
		return err
	}
	defer p.o.endChange()
	if p.lp.FD() < 0 {
		return p.fail(op, errNotLoaded)
	}
	return p.fail(op, f())
}

// Log returns the verifier's log from the buffer of OpenProgram.SetLogBuffer: "" if
// there is no buffer, or if the log level was 0. (bpf_program__log_buf)
func (p *Program) Log() string {
	if p.object().beginUse() != nil {
		return ""
	}
	defer p.o.endUse()
	log, _ := p.lp.LogBuffer()
	return log
}
