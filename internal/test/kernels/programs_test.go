package kernels

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/kernels/progs"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// programType is a row of the matrix: one program, loaded by itself.
type programType struct {
	name string
	open func(*progs.OpenSkel) *skel.OpenProgram
	// attach attaches a program whose section does not name a target; nil if Attach
	// does it.
	attach func(t *testing.T, fd int) error
	loaded func(*progs.Skel) *skel.Program
	// fire makes the program run.
	fire func(t *testing.T, s *progs.Skel)
	// since is the first kernel under test that supports it.
	since version
}

var programTypes = []programType{
	{name: "kprobe", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnKprobe }, fire: openFile},
	{name: "kretprobe", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnKretprobe }, fire: openFile},
	{name: "ksyscall", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnKsyscall }, fire: getppid},
	{name: "kprobe.multi", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnKprobeMulti }, fire: openFile, since: version{6, 12}},
	{name: "uprobe", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnUprobe }, fire: openSkeleton},
	{name: "uretprobe", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnUretprobe }, fire: openSkeleton},
	{name: "uprobe.multi", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnUprobeMulti }, fire: openSkeleton, since: version{6, 12}},
	{name: "tp", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnTp }, fire: getppid},
	{name: "raw_tp", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnRawTp }, fire: getppid},
	{name: "tp_btf", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnTpBtf }, fire: getppid},
	{name: "fentry", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnFentry }, fire: openFile},
	{name: "fexit", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnFexit }, fire: openFile},
	{name: "fmod_ret", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnFmodRet }, fire: openFile},
	{name: "fentry.s on a system call", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnFentrySleepable }, fire: getpgid, since: version{7, 0}},
	{name: "lsm", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnLsm }, fire: openFile},
	{name: "lsm.s", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnLsmSleepable }, fire: openFile, since: version{6, 1}},
	{
		name: "lsm_cgroup", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnLsmCgroup },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnLsmCgroup }, attach: toCgroup(attachLSMCgroup),
		fire: udp, since: version{6, 1},
	},
	{name: "iter/task", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnIter }, fire: iterate},
	{
		name: "perf_event", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnPerfEvent },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnPerfEvent }, attach: toPerfEvent, fire: useProcessorTime,
	},
	{
		name: "socket", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnSocket },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnSocket }, attach: toSocket, fire: noTrigger,
	},
	{
		name: "xdp", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnXdp },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnXdp }, attach: toInterface(attachXDP, xdpGeneric), fire: udp,
	},
	{
		name: "tc", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnTc },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnTc }, attach: toClsact, fire: udp,
	},
	{
		name: "tcx", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnTcx },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnTcx }, attach: toInterface(attachTCXIngress, 0), fire: udp, since: version{6, 12},
	},
	{
		name: "netfilter", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnNetfilter },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnNetfilter }, attach: toNetfilter, fire: udp, since: version{6, 12},
	},
	{
		name: "cgroup_skb", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnCgroupSkb },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnCgroupSkb }, attach: toCgroup(attachCgroupEgress), fire: udp,
	},
	{
		name: "cgroup/connect4", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnCgroupConnect },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnCgroupConnect }, attach: toCgroup(attachCgroupConnect4), fire: tcp,
	},
	{
		name: "cgroup/sock_create", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnCgroupSock },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnCgroupSock }, attach: toCgroup(attachCgroupSockCreate), fire: udp,
	},
	{
		name: "sockops", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnSockops },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnSockops }, attach: toCgroup(attachSockOps), fire: tcp,
	},
	{
		name: "sk_lookup", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnSkLookup },
		loaded: func(s *progs.Skel) *skel.Program { return s.Progs.OnSkLookup }, attach: toNamespace, fire: tcp,
	},
	{name: "syscall", open: func(s *progs.OpenSkel) *skel.OpenProgram { return s.Progs.OnSyscall }, fire: runSyscall, since: version{6, 1}},
}

// TestProgramTypes loads, attaches and fires one program of each type. A type for which
// a kernel is too old, or that it is built without, must return an error with an errno.
func TestProgramTypes(t *testing.T) {
	needRoot(t)
	for _, p := range programTypes {
		t.Run(p.name, func(t *testing.T) {
			if strings.HasPrefix(p.name, "u") {
				testkit.NeedLibbpf(t, "its function, which the program watches")
			}
			leave := ownNetwork(t)
			defer leave()
			err := p.run(t)
			switch {
			case err == nil && testkit.KernelHas(t, p.since.major, p.since.minor):
				record(p.name, "yes")
			case err == nil && testkit.InGuest:
				t.Errorf("works, but is expected from %v on", p.since)
			case err == nil:
			case testkit.KernelHas(t, p.since.major, p.since.minor) && testkit.InGuest:
				t.Errorf("does not work: %v", err)
			case strings.HasPrefix(p.name, "u") && !hasSymbols(t):
				t.Skip("go test left the symbols out that uprobes need: run it with -ldflags=-s=false")
			case testkit.KernelHas(t, p.since.major, p.since.minor) && !isOptional(p.name):
				t.Errorf("does not work on this kernel: %v", err)
			default:
				wantErrno(t, err)
				record(p.name, "no")
				t.Logf("refused as it should be: %v", err)
			}
		})
	}
}

// run returns the error of the skeleton; any other failure is fatal.
func (p *programType) run(t *testing.T) error {
	open, err := progs.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := p.open(open).SetAutoload(true); err != nil {
		t.Fatal(err)
	}
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	if p.attach == nil {
		if err := s.Attach(); err != nil {
			return err
		}
	} else if err := p.attach(t, p.loaded(s).FD()); err != nil {
		return fmt.Errorf("progs_bpf: %w", err)
	}
	p.fire(t, s)
	if s.Bss.Fired == 0 {
		t.Error("the program never ran")
	}
	return s.Close()
}

func wantErrno(t *testing.T, err error) {
	t.Helper()
	wantCause(t, err)
	if !strings.Contains(err.Error(), "progs_bpf") {
		t.Errorf("an error that does not name the skeleton: %v", err)
	}
}

// wantCause fails unless err has an error number from the kernel or libbpf.
func wantCause(t *testing.T, err error) {
	t.Helper()
	var errno syscall.Errno
	var code skel.Code
	if !errors.As(err, &errno) && !errors.As(err, &code) {
		t.Errorf("an error without a cause: %v", err)
	}
}

// hasSymbols reports whether this program has its symbol table.
func hasSymbols(t *testing.T) bool {
	t.Helper()
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Section(".symtab") != nil
}

// isOptional reports whether a kernel of any age may be built without a type: kprobes, and
// types such as fentry and LSM that use trampolines.
func isOptional(name string) bool {
	switch strings.TrimSuffix(name, " on a system call") {
	case "kprobe", "kretprobe", "kprobe.multi", "ksyscall":
		return true
	case "fentry", "fentry.s", "fexit", "fmod_ret", "lsm", "lsm.s", "lsm_cgroup":
		return true
	}
	return false
}

func noTrigger(*testing.T, *progs.Skel) {}

func openFile(t *testing.T, _ *progs.Skel) {
	if _, err := os.ReadFile("/proc/self/stat"); err != nil {
		t.Fatal(err)
	}
}

func getppid(_ *testing.T, s *progs.Skel) {
	makeSystemCallsUntil(func() bool { return s.Bss.Fired > 0 })
}

func getpgid(*testing.T, *progs.Skel) { unix.Getpgid(0) }

// openSkeleton calls the function of libbpf that the uprobes are set on.
func openSkeleton(t *testing.T, _ *progs.Skel) {
	s, err := plain.Open()
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func iterate(t *testing.T, s *progs.Skel) {
	fd, err := bpf(bpfIterCreate, &struct{ link, flags uint32 }{link: uint32(s.Links.OnIter.FD())})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for buf := make([]byte, 64); ; {
		if n, err := unix.Read(fd, buf); n <= 0 {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

func runSyscall(t *testing.T, s *progs.Skel) {
	run := struct {
		prog, result       uint32
		dataSizes          [2]uint32
		data               [2]uint64
		repeat, duration   uint32
		ctxSizes           [2]uint32
		ctx                [2]uint64
		flags, cpu, batch_ uint32
		_                  uint32
	}{prog: uint32(s.Progs.OnSyscall.FD())}
	if _, err := bpf(bpfProgTestRun, &run); err != nil {
		t.Fatal(err)
	}
	if run.result != 7 {
		t.Errorf("the program returned %d, not 7", run.result)
	}
}
