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
		return "this kernel was built without BTF (CONFIG_DEBUG_INFO_BTF): WithKernelBTF takes a file with it, which does for CO-RE alone"
	}
	if section, ok := log.Find(backend.UnknownSection); ok {
		return fmt.Sprintf(`libbpf does not know the section %q: name the kind of program first, as in SEC("tp/...") or SEC("xdp"), or call SetType`, section)
	}
	if name, ok := log.Find(backend.NoBTFTarget); ok {
		return fmt.Sprintf("the BTF of this kernel and its modules has no %s: another kernel may call it otherwise, have inlined it, or not have it", name)
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
		return "each attempt was interrupted by signals: try again"
	}
	return ""
}

// attachHint is about an attach that failed.
func attachHint(p backend.Program, a attempt, e *Error) string {
	if p.FD() < 0 {
		return "SetAutoload(true) before Load loads the program"
	}
	if hint := a.way.refuses(p.Type()); hint != "" {
		return hint
	}
	switch a.way {
	case wayTracepoint:
		return cmp.Or(tracefsHint(e.Err, tracefs, debugTracefs), tracepointHint(a.symbol, e.Err), paranoidHint(e.Err, perfParanoid))
	case wayRawTP:
		return rawTracepointHint(a.symbol, e.Err)
	case wayKprobe, wayKsyscall, wayKprobeMulti:
		return cmp.Or(kprobesHint(e.Err), functionHint(a, e.Err), tracefsHint(e.Err, tracefs, debugTracefs), paranoidHint(e.Err, perfParanoid))
	case wayUprobe, wayUprobeMulti, wayUSDT:
		return cmp.Or(fileHint(a, e), paranoidHint(e.Err, perfParanoid))
	}
	return cmp.Or(interfaceHint(a, e.Err), takenHint(a, e.Err), cgroupHint(a, e.Err), iterHint(a), noTargetHint(p.Type(), a, e.Err))
}

// takenHint is about an interface that runs another XDP program.
func takenHint(a attempt, err error) string {
	switch {
	case a.way == wayXDP && errors.Is(err, syscall.EBUSY):
		return "the interface runs an XDP program already, which a link does not replace: close its link, or give the link this program by Link.UpdateProgram"
	case a.way == wayXDP && errors.Is(err, syscall.EEXIST):
		return "the interface runs an XDP program in another mode: XDPOptions.Flags choose the mode"
	}
	return ""
}

// iterHint is about a section that names an iterator, but not its map.
func iterHint(a attempt) string {
	if a.op == wayAny.op && a.way == wayIter && iterOver[a.symbol] == "Map" {
		return fmt.Sprintf("the iterator %s goes through a map: call AttachIter with IterOptions.Map", a.symbol)
	}
	return ""
}

// noTargetHint is about a section that does not say what to attach to.
func noTargetHint(kind uapi.ProgType, a attempt, err error) string {
	if a.op != wayAny.op || a.target != "" || !errors.Is(err, syscall.EOPNOTSUPP) {
		return ""
	}
	switch kind {
	case uapi.ProgTypeSyscall:
		return "a program of type syscall is run by TestRun alone"
	case uapi.ProgTypeSocketFilter, uapi.ProgTypeSkReuseport:
		return "setsockopt attaches a program of this type to a socket, by its FD"
	}
	return "the program's section names no target: call the Attach method that takes one, as AttachXDP does for type xdp"
}

// fileHint is about the program or library that a probe is in.
func fileHint(a attempt, e *Error) string {
	if name, ok := e.log.Find(backend.NoFile); ok {
		return fmt.Sprintf("no folder of PATH, LD_LIBRARY_PATH or the usual ones has %s: give its path", name)
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
		return "there is no file " + a.path
	}
	if a.way == wayUSDT {
		return fmt.Sprintf("%s has no USDT probe %s", a.path, a.symbol)
	}
	return ""
}

// shapeHint is about a map that the kernel does not create.
func shapeHint(m backend.Map, err error) string {
	if !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.E2BIG) {
		return ""
	}
	if mapOfMapsKinds.has(m.Type()) { // see templateHint
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
	return fmt.Sprintf("a program of type %s runs on a packet: RunOptions.Data has %d bytes or more", kind, ethernet)
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
	if differ := differences(fd, specOf(m)); differ != "" {
		return fmt.Sprintf("of the map pinned at %s, %s: remove the pin, or pin this one elsewhere", path, differ)
	}
	return ""
}

// differences describes how the map behind fd differs from the wanted one; "" if it
// does not.
func differences(fd int, want bpf.MapSpec) string {
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
