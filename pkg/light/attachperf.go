//go:build linux

package light

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// openEvent opens a perf event that is disabled. Events of all processes (pid -1) are
// those on CPU 0, as the kernel requires a CPU; probes and tracepoints fire on all.
func openEvent(attr *unix.PerfEventAttr, pid int) (int, error) {
	attr.Size = uint32(unsafe.Sizeof(*attr)) // SAFETY: a size
	cpu := -1
	if pid == -1 {
		cpu = 0
	}
	return unix.PerfEventOpen(attr, max(pid, -1), cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
}

// tracepointEvent opens the perf event of an event in tracefs.
func tracepointEvent(id, pid int) (int, error) {
	return openEvent(&unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: uint64(id)}, pid)
}

func (a *attempt) tracepoint(t backend.Tracepoint) (*link, error) {
	event, err := a.openTracepoint(t.Category, t.Name)
	if err != nil {
		a.warn("prog '%s': failed to create tracepoint '%s/%s' perf event: %v", a.name, t.Category, t.Name, err)
		return nil, err
	}
	l, err := a.attachEvent(event, t.Cookie, false)
	if err != nil {
		a.warn("prog '%s': failed to attach to tracepoint '%s/%s': %v", a.name, t.Category, t.Name, err)
	}
	return l, err
}

func (a *attempt) openTracepoint(category, name string) (int, error) {
	id, err := readNumber(tracefs()+"/events/"+category+"/"+name+"/id", "")
	if err != nil {
		a.warn("failed to determine tracepoint '%s/%s' perf event ID: %v", category, name, err)
		return -1, err
	}
	event, err := tracepointEvent(id, -1)
	if err != nil {
		a.warn("tracepoint '%s/%s' perf_event_open() failed: %v", category, name, err)
	}
	return event, err
}

// attachEvent attaches to a perf event, which the link then owns, and enables it: by a
// link of the kernel's from Linux 5.15 on, unless noLink is set, else by ioctl. After an
// error the event is closed.
func (a *attempt) attachEvent(event int, cookie uint64, noLink bool) (*link, error) {
	l := &link{fd: event, event: event}
	err := a.setProgram(l, cookie, noLink)
	if err == nil {
		if err = unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_ENABLE, 0); err == nil {
			return l, nil
		}
		a.warn("prog '%s': failed to enable perf_event FD %d: %v", a.name, event, err)
	}
	if l.fd != event {
		unix.Close(l.fd)
	}
	unix.Close(event)
	return nil, err
}

// setProgram makes the event of l run the program.
func (a *attempt) setProgram(l *link, cookie uint64, noLink bool) error {
	if !noLink {
		fd, err := bpf.LinkPerfEvent(a.program, l.event, cookie)
		if err == nil {
			l.fd = fd
			return nil
		}
		if err != unix.EINVAL || a.hasPerfLinks() {
			a.warn("prog '%s': failed to create BPF link for perf_event FD %d: %v", a.name, l.event, err)
			return err
		}
	}
	if cookie != 0 {
		a.warn("prog '%s': user context value is not supported", a.name)
		return unix.EOPNOTSUPP
	}
	err := unix.IoctlSetInt(l.event, unix.PERF_EVENT_IOC_SET_BPF, a.program)
	if err != nil {
		a.warn("prog '%s': failed to attach to perf_event FD %d: %v", a.name, l.event, err)
	}
	return err
}

// hasPerfLinks reports whether the kernel has links to perf events: only such a kernel
// looks for the event, which is not open. For a program of a type that no event runs, it
// is true, so that the error is the kernel's.
func (a *attempt) hasPerfLinks() bool {
	switch a.kind {
	case uapi.ProgTypeKprobe, uapi.ProgTypeTracepoint, uapi.ProgTypePerfEvent:
		_, err := bpf.LinkPerfEvent(a.program, -1, 0)
		return err == unix.EBADF
	}
	return true
}

// Modes of a probe (enum probe_attach_mode).
const (
	modeDefault = iota
	modeLegacy
	modePerf
	modeLink
)

// probe is a kprobe or uprobe.
type probe struct {
	source     string // "kprobe" or "uprobe": the name of its kind of event, and of its files
	place      string // a function of the kernel, "" for an address; or a file
	offset     uint64 // in it, or the address
	onReturn   bool
	pid        int
	refCounter uint64
	cookie     uint64
	mode       int
}

// kprobed is a kprobe, ksyscalled a system call.
type (
	kprobed    struct{ backend.Kprobe }
	ksyscalled struct{ backend.Ksyscall }
)

func (t kprobed) attachBy(a *attempt) (*link, error)    { return a.attachProbe(kprobeOf(t.Kprobe)) }
func (t ksyscalled) attachBy(a *attempt) (*link, error) { return a.ksyscall(t.Ksyscall) }

func kprobeOf(t backend.Kprobe) *probe {
	return &probe{source: "kprobe", place: t.Function, offset: t.Offset, onReturn: t.Return, pid: -1, cookie: t.Cookie, mode: t.Mode}
}

// kind is the name that messages use, such as "kretprobe".
func (p *probe) kind() string {
	if p.onReturn {
		return p.source[:1] + "ret" + p.source[1:]
	}
	return p.source
}

// String is the place, as tracefs and messages write it.
func (p *probe) String() string {
	switch {
	case p.source == "uprobe":
		return fmt.Sprintf("%s:%#x", p.place, p.offset)
	case p.place == "":
		return fmt.Sprintf("%#x", p.offset)
	}
	return fmt.Sprintf("%s+%#x", p.place, p.offset)
}

// attachProbe attaches to a probe, as its mode says: through a kind of perf event that the
// kernel has for probes, or through an event in tracefs.
func (a *attempt) attachProbe(p *probe) (*link, error) {
	noLink := p.mode == modeLegacy || p.mode == modePerf
	perfType, err := p.perfType()
	lacking := err == unix.ENOENT || err == unix.EACCES // this kind of event
	legacy := p.mode == modeLegacy || lacking
	switch {
	case p.mode < modeDefault || p.mode > modeLink:
		return nil, unix.EINVAL
	case err != nil && !legacy:
		a.warn("failed to determine %s perf type: %v", p.source, err)
		return nil, err
	case p.mode == modePerf && legacy, p.mode == modeLink && (legacy || !a.hasPerfLinks()):
		return nil, unix.EOPNOTSUPP
	case legacy && p.refCounter != 0:
		return nil, unix.EINVAL
	}
	var event int
	var made *tracefsProbe
	if legacy {
		event, made, err = a.openLegacy(p)
	} else {
		event, err = a.openProbe(p, perfType)
	}
	if err != nil {
		a.warn("prog '%s': failed to create %s '%v' perf event: %v", a.name, p.kind(), p, err)
		return nil, err
	}
	l, err := a.attachEvent(event, p.cookie, noLink)
	if err != nil {
		a.warn("prog '%s': failed to attach to %s '%v': %v", a.name, p.kind(), p, err)
		if made != nil {
			made.remove()
		}
		return nil, err
	}
	if made != nil {
		l.removeProbe = made.remove
	}
	return l, nil
}

const eventSources = "/sys/bus/event_source/devices/"

// perfType returns the number of the kind of perf event.
func (p *probe) perfType() (int, error) { return readNumber(eventSources+p.source+"/type", "") }

// openProbe opens the perf event of a probe.
func (a *attempt) openProbe(p *probe, perfType int) (int, error) {
	const refCounterShift = 32
	if p.refCounter >= 1<<(64-refCounterShift) {
		return -1, unix.EINVAL
	}
	attr := unix.PerfEventAttr{Type: uint32(perfType), Config: p.refCounter << refCounterShift, Ext2: p.offset}
	if p.onReturn {
		bit, err := readNumber(eventSources+p.source+"/format/retprobe", "config:")
		if err != nil {
			a.warn("failed to determine %s retprobe bit: %v", p.source, err)
			return -1, err
		}
		attr.Config |= 1 << bit
	}
	if p.place != "" {
		if strings.IndexByte(p.place, 0) >= 0 {
			return -1, unix.EINVAL
		}
		place := append([]byte(p.place), 0)
		var pins runtime.Pinner
		defer pins.Unpin()
		at := mem.Of(place)
		pins.Pin(at)
		attr.Ext1 = uint64(uintptr(at)) // SAFETY: pinned until the kernel has copied it
	}
	return openEvent(&attr, p.pid)
}

// syscallPrefix returns the part of the names of the kernel's functions for system calls
// that depends on the architecture; "" if it has none.
func syscallPrefix() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x64"
	case "386":
		return "ia32"
	case "s390x", "arm", "arm64":
		return runtime.GOARCH
	case "riscv64":
		return "riscv"
	case "mips", "mipsle", "mips64", "mips64le":
		return "mips"
	case "ppc64", "ppc64le":
		return "powerpc"
	}
	return ""
}

// hasWrappers is set once a function with that prefix was found.
var hasWrappers atomic.Bool

func (a *attempt) ksyscall(t backend.Ksyscall) (*link, error) {
	p := kprobeOf(backend.Kprobe{Function: "__se_sys_" + t.Name, Cookie: t.Cookie, Return: t.Return})
	if prefix := syscallPrefix(); prefix != "" && (hasWrappers.Load() || probeWrapper(prefix)) {
		hasWrappers.Store(true)
		p.place = "__" + prefix + "_sys_" + t.Name
	}
	return a.attachProbe(p)
}

// probeWrapper reports whether the names of system call functions have the prefix. It
// probes the function of bpf(2), which exists in every kernel that loads programs.
func probeWrapper(prefix string) bool {
	p := kprobeOf(backend.Kprobe{Function: "__" + prefix + "_sys_bpf"})
	perfType, err := p.perfType()
	if err != nil {
		made, err := addTracefsProbe(p)
		if err == nil {
			made.remove()
		}
		return err == nil
	}
	p.pid = os.Getpid()
	event, err := new(attempt).openProbe(p, perfType)
	if err == nil {
		unix.Close(event)
	}
	return err == nil
}

// tracefsProbe is an event that was added to tracefs.
type tracefsProbe struct {
	control     string // the file to which events are added
	group, name string
}

// probesAdded makes the names of events unique in this process.
var probesAdded atomic.Uint32

// addTracefsProbe adds an event for the probe.
func addTracefsProbe(p *probe) (*tracefsProbe, error) {
	const longest = 63 // the kernel's MAX_EVENT_NAME_LEN, without the NUL
	name := fmt.Sprintf("bpfskel_%d_%d_%s_%#x", os.Getpid(), probesAdded.Add(1), p.place[strings.LastIndexByte(p.place, '/')+1:], p.offset)
	name = strings.Map(func(r rune) rune {
		if span(string(r), "") == 0 {
			return '_'
		}
		return r
	}, name)
	t := &tracefsProbe{control: tracefs() + "/" + p.source + "_events", group: p.kind() + "s", name: name[:min(len(name), longest)]}
	how := "p"
	if p.onReturn {
		how = "r"
	}
	return t, appendLine(t.control, how+":"+t.group+"/"+t.name+" "+p.String())
}

// remove removes the event. The kernel refuses that while a process has its perf event
// open. A new child process has it open until it calls execve(2).
func (t *tracefsProbe) remove() error {
	var err error
	for range 50 {
		if err = appendLine(t.control, "-:"+t.group+"/"+t.name); err != unix.EBUSY {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

// appendLine writes to one of the files through which tracefs takes commands.
func appendLine(path, line string) error {
	if strings.ContainsAny(line, "\n\x00") {
		return unix.EINVAL
	}
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_APPEND|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(line))
	return err
}

// openLegacy opens the perf event of a probe through an event in tracefs, which the caller
// removes after the perf event. After an error neither exists.
func (a *attempt) openLegacy(p *probe) (int, *tracefsProbe, error) {
	made, err := addTracefsProbe(p)
	if err != nil {
		a.warn("failed to add legacy %s event for '%v': %v", p.source, p, err)
		return -1, nil, err
	}
	id, err := readNumber(tracefs()+"/events/"+made.group+"/"+made.name+"/id", "")
	if err != nil {
		a.warn("failed to determine legacy %s event id for '%v': %v", p.source, p, err)
		made.remove()
		return -1, nil, err
	}
	event, err := tracepointEvent(id, p.pid)
	if err != nil {
		a.warn("legacy %s perf_event_open() failed: %v", p.source, err)
		made.remove()
		return -1, nil, err
	}
	return event, made, nil
}
