package skel

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A hint says what to do about a failure. Each function checks that its advice applies
// now, and returns "" if it cannot be sure.

// logHint returns the hint that follows from libbpf's messages alone.
func logHint(log backend.Log) string {
	if path, ok := log.Find(backend.NotOnBPFFS); ok {
		return bpffsHint(path)
	}
	if _, ok := log.Find(backend.NoKernelBTF); ok {
		return "this kernel was built without BTF (CONFIG_DEBUG_INFO_BTF): for CO-RE, pass a BTF file to WithKernelBTF"
	}
	if section, ok := log.Find(backend.UnknownSection); ok {
		return fmt.Sprintf(`libbpf does not know the section %q: begin its name with the kind of program, as in SEC("tp/...") or SEC("xdp"), or call SetType`, section)
	}
	if name, ok := log.Find(backend.NoBTFTarget); ok {
		return fmt.Sprintf("the BTF of this kernel and its modules does not contain %s: this kernel may have another name for it, have inlined it, or lack it", name)
	}
	return ""
}

// bpffs is where BPF file systems are mounted by convention.
const bpffs = "/sys/fs/bpf"

func bpffsHint(path string) string {
	if !isBPFFS(bpffs) {
		return "no BPF file system is mounted: mount -t bpf bpf " + bpffs
	}
	return path + " is not in a BPF file system: choose a path in " + bpffs
}

func pinHint(err error) string {
	if p := (*pinError)(nil); errors.As(err, &p) {
		return p.hint
	}
	return ""
}

// interruptedHint is about signals that cannot be deferred, such as a debugger's, and
// that came at each attempt.
func interruptedHint(op string, err error) string {
	if errors.Is(err, syscall.EINTR) || op == "load" && errors.Is(err, syscall.EAGAIN) {
		return "signals interrupted every attempt: try again"
	}
	return ""
}

// attachHint is about an attach that failed.
func attachHint(p backend.Program, a attachRequest, e *Error) string {
	if p.FD() < 0 {
		return "call SetAutoload(true) before Load"
	}
	if hint := a.method.typeHint(p.Type()); hint != "" {
		return hint
	}
	switch a.method {
	case methodTracepoint:
		return cmp.Or(tracefsHint(e.Err, tracefs, debugTracefs), tracepointHint(a.symbol, e.Err), paranoidHint(e.Err, perfParanoid))
	case methodRawTP:
		return rawTracepointHint(a.symbol, e.Err)
	case methodKprobe, methodKsyscall, methodKprobeMulti:
		return cmp.Or(kprobesHint(e.Err), functionHint(a, e.Err), tracefsHint(e.Err, tracefs, debugTracefs), paranoidHint(e.Err, perfParanoid))
	case methodUprobe, methodUprobeMulti, methodUSDT:
		return cmp.Or(fileHint(a, e), paranoidHint(e.Err, perfParanoid))
	}
	return cmp.Or(interfaceHint(a, e.Err), xdpBusyHint(a, e.Err), cgroupHint(a, e.Err), iterHint(a), noTargetHint(p.Type(), a, e.Err))
}

// xdpBusyHint is about an interface that runs another XDP program.
func xdpBusyHint(a attachRequest, err error) string {
	switch {
	case a.method == methodXDP && errors.Is(err, syscall.EBUSY):
		return "the interface already runs an XDP program: close the link of that program, or call UpdateProgram of that link with this program"
	case a.method == methodXDP && errors.Is(err, syscall.EEXIST):
		return "the interface already runs an XDP program in another mode: set the same mode in XDPOptions.Flags"
	}
	return ""
}

// iterHint is about a section that names an iterator, but not its map.
func iterHint(a attachRequest) string {
	if a.op == methodAny.op && a.method == methodIter && iterOptionName[a.symbol] == "Map" {
		return fmt.Sprintf("the iterator %s needs a map: call AttachIter with IterOptions.Map", a.symbol)
	}
	return ""
}

// noTargetHint is about a section that does not say what to attach to.
func noTargetHint(kind uapi.ProgType, a attachRequest, err error) string {
	if a.op != methodAny.op || a.target != "" || !errors.Is(err, syscall.EOPNOTSUPP) {
		return ""
	}
	switch kind {
	case uapi.ProgTypeSyscall:
		return "only TestRun runs a program of type syscall"
	case uapi.ProgTypeSocketFilter, uapi.ProgTypeSkReuseport:
		return "attach a program of this type to a socket by setsockopt, with the program's FD"
	}
	return "the program's section does not name a target: call the Attach method that takes one, such as AttachXDP for type xdp"
}

// fileHint is about the program or library that a probe is in.
func fileHint(a attachRequest, e *Error) string {
	if name, ok := e.log.Find(backend.NoFile); ok {
		return fmt.Sprintf("%s is not in PATH, LD_LIBRARY_PATH or the standard folders: pass its path", name)
	}
	if path, ok := e.log.Find(backend.UnreadableFile); ok {
		return fmt.Sprintf("%s cannot be read: %v", path, e.Err)
	}
	if name, ok := e.log.Find(backend.NoSymbol); ok {
		return fmt.Sprintf("%s has no function %s", a.path, name)
	}
	if _, ok := e.log.Find(backend.NoUSDT); ok {
		return a.path + " has no USDT probes"
	}
	if !errors.Is(e.Err, syscall.ENOENT) {
		return ""
	}
	if strings.Contains(a.path, "/") && !exists(a.path) {
		return "the file " + a.path + " does not exist"
	}
	if a.method == methodUSDT {
		return fmt.Sprintf("%s has no USDT probe %s", a.path, a.symbol)
	}
	return ""
}

// shapeHint is about a map that the kernel does not create.
func shapeHint(m backend.Map, err error) string {
	if !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.E2BIG) {
		return ""
	}
	if mapOfMapsKinds.has(m.Type()) { // see addTemplateHint
		return ""
	}
	return fmt.Sprintf("the kernel refuses type %s with keys of %d bytes, values of %d bytes, max_entries %d, flags %s",
		m.Type(), m.KeySize(), m.ValueSize(), m.MaxEntries(), uapi.MapFlags(m.Flags()))
}

// packetHint is about a test run without the packet that programs for packets take.
func packetHint(kind uapi.ProgType, o RunOptions, err error) string {
	const ethernet = 14 // the bytes of its header
	packets := []uapi.ProgType{uapi.ProgTypeXDP, uapi.ProgTypeSchedCls, uapi.ProgTypeSchedAct, uapi.ProgTypeSocketFilter, uapi.ProgTypeCgroupSkb}
	if len(o.Data) >= ethernet || !errors.Is(err, syscall.EINVAL) || !slices.Contains(packets, kind) {
		return ""
	}
	return fmt.Sprintf("a program of type %s runs on a packet: RunOptions.Data must have at least %d bytes", kind, ethernet)
}

// reuseHint is about a map that was found pinned, and differs from the object's.
func reuseHint(m backend.Map, log backend.Log) string {
	path, ok := log.Find(backend.PinDiffers)
	if !ok {
		return ""
	}
	fd, err := bpf.OpenPin(path, bpf.PinOptions{})
	if err != nil {
		return ""
	}
	defer closeFD(fd)
	if differ := mapDifferences(fd, specOf(m)); differ != "" {
		return fmt.Sprintf("the map pinned at %s differs: its %s; remove the pin, or pin this map elsewhere", path, differ)
	}
	return ""
}

// mapDifferences describes how the map behind fd differs from the wanted one; "" if it
// does not.
func mapDifferences(fd int, want bpf.MapSpec) string {
	info, err := bpf.InfoOfMap(fd)
	if err != nil {
		return ""
	}
	var differ []string
	for _, p := range []struct {
		name      string
		want, got any
	}{
		{"type", want.Type, info.Type},
		{"key size", want.KeySize, info.KeySize},
		{"value size", want.ValueSize, info.ValueSize},
		{"max_entries", want.MaxEntries, info.MaxEntries},
		{"flags", uapi.MapFlags(want.Flags), uapi.MapFlags(info.Flags)},
		{"map_extra", want.Extra, info.Extra},
	} {
		if p.want != p.got {
			differ = append(differ, fmt.Sprintf("%s is %v, not %v", p.name, p.got, p.want))
		}
	}
	return strings.Join(differ, ", ")
}
