//go:build linux

package bpf

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

const loopback = 1 // the interface's index, in every network namespace

func rawTracepoint(t testing.TB, cookie uint64) int {
	t.Helper()
	program := newProgram(t, program{kind: uapi.ProgTypeRawTracepoint, code: returns(0)})
	if !kernelHas(t, 6, 10) {
		cookie = 0
	}
	return closeAtEnd(t)(LinkRawTracepoint(program, "sched_process_exit", cookie))
}

func tracingProgram(t testing.TB) int {
	target := kernelType(t, uapi.BTFKindTypedef, "btf_trace_sched_process_exit")
	return newProgram(t, program{kind: uapi.ProgTypeTracing, attachType: uapi.AttachTypeTraceRawTP, code: returns(0), btfTarget: target})
}

func iterProgram(t testing.TB, what string) int {
	target := kernelType(t, uapi.BTFKindFunc, "bpf_iter_"+what)
	needRoot(t)
	fd, err := loadProgram(program{kind: uapi.ProgTypeTracing, attachType: uapi.AttachTypeTraceIter, code: returns(0), btfTarget: target})
	if errors.Is(err, unix.EPERM) { // as some kernels that are locked down do
		t.Skipf("iter/%s is not permitted by this kernel: %v", what, err)
	}
	return closeAtEnd(t)(fd, err)
}

func iterator(t testing.TB) int {
	t.Helper()
	return closeAtEnd(t)(NewIterator(closeAtEnd(t)(LinkIter(iterProgram(t, "task"), nil))))
}

func softwareEvent(t testing.TB) int {
	t.Helper()
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK, Sample: 1 << 30}
	attr.Size = uint32(unsafe.Sizeof(attr)) // SAFETY: a size
	return closeAtEnd(t)(unix.PerfEventOpen(&attr, -1, 0, -1, unix.PERF_FLAG_FD_CLOEXEC))
}

func cgroup(t testing.TB) int {
	t.Helper()
	dir := t.TempDir()
	must(t, unix.Mount("cgroup2", dir, "cgroup2", 0, ""))
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	own, err := os.MkdirTemp(dir, "bpfskel")
	must(t, err)
	t.Cleanup(func() { unix.Rmdir(own) })
	return closeAtEnd(t)(unix.Open(own, unix.O_DIRECTORY|unix.O_CLOEXEC, 0))
}

// ownNetwork moves the test's thread to a new network namespace, and locks the test to
// the thread permanently.
func ownNetwork(t testing.TB) (netns int) {
	t.Helper()
	needRoot(t)
	runtime.LockOSThread()
	must(t, unix.Unshare(unix.CLONE_NEWNET))
	return closeAtEnd(t)(unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0))
}

func mapID(t testing.TB, fd int) uint32 {
	info, err := InfoOfMap(fd)
	must(t, err)
	return info.ID
}

// tracing attaches to a function of the kernel, if this kernel allows it.
func tracing(t testing.TB, kind uapi.ProgType, attachType uapi.AttachType, function string) (int, LinkInfo) {
	t.Helper()
	want := LinkInfo{Type: uapi.LinkTypeTracing, AttachType: attachType}
	target := kernelType(t, uapi.BTFKindFunc, function)
	fd, err := loadProgram(program{kind: kind, attachType: attachType, code: returns(0), btfTarget: target})
	if errors.Is(err, unix.EPERM) {
		t.Skipf("fentry and lsm are not permitted by this kernel: %v", err)
	}
	o := TraceTarget{}
	if kernelHas(t, 5, 19) {
		o.Cookie = 77
	}
	if kernelHas(t, 6, 19) {
		want.Cookie = 77
	}
	if kernelHas(t, 5, 13) {
		want.TargetObject, want.TargetBTF = 1, target // in vmlinux
	}
	return closeAtEnd(t)(LinkTracing(closeAtEnd(t)(fd, err), attachType, o)), want
}

// linkCases make one link of each kind, with the kernel's information on it, except for
// ids.
var linkCases = []struct {
	name         string
	major, minor int // the first kernel that has it
	make         func(t *testing.T) (link int, want LinkInfo)
}{
	{"raw tracepoint", 0, 0, func(t *testing.T) (int, LinkInfo) {
		want := LinkInfo{Type: uapi.LinkTypeRawTracepoint, Name: "sched_process_exit"}
		if kernelHas(t, 6, 17) {
			want.Cookie = 1 << 40
		}
		return rawTracepoint(t, 1<<40), want
	}},
	{"tracepoint with BTF", 0, 0, func(t *testing.T) (int, LinkInfo) {
		return closeAtEnd(t)(LinkTracing(tracingProgram(t), uapi.AttachTypeTraceRawTP, TraceTarget{})),
			LinkInfo{Type: uapi.LinkTypeRawTracepoint, Name: "sched_process_exit"}
	}},
	{"fentry", 0, 0, func(t *testing.T) (int, LinkInfo) {
		return tracing(t, uapi.ProgTypeTracing, uapi.AttachTypeTraceFentry, "vfs_open")
	}},
	{"LSM", 0, 0, func(t *testing.T) (int, LinkInfo) {
		return tracing(t, uapi.ProgTypeLSM, uapi.AttachTypeLSMMac, "bpf_lsm_file_open")
	}},
	{"iterator of tasks", 0, 0, func(t *testing.T) (int, LinkInfo) {
		return closeAtEnd(t)(LinkIter(iterProgram(t, "task"), nil)), LinkInfo{Type: uapi.LinkTypeIter, Name: "task"}
	}},
	{"iterator of a map's elements", 0, 0, func(t *testing.T) (int, LinkInfo) {
		m := newMap(t, &MapSpec{Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 8, MaxEntries: 4})
		info := binary.NativeEndian.AppendUint32(nil, uint32(m))
		return closeAtEnd(t)(LinkIter(iterProgram(t, "bpf_map_elem"), info)),
			LinkInfo{Type: uapi.LinkTypeIter, Name: "bpf_map_elem", MapID: mapID(t, m)}
	}},
	{"perf event", 5, 15, func(t *testing.T) (int, LinkInfo) {
		want := LinkInfo{Type: uapi.LinkTypePerfEvent}
		if kernelHas(t, 6, 9) {
			want.Cookie = 99
		}
		p := newProgram(t, program{kind: uapi.ProgTypePerfEvent, code: returns(0)})
		return closeAtEnd(t)(LinkPerfEvent(p, softwareEvent(t), 99)), want
	}},
	{"tracepoint", 5, 15, func(t *testing.T) (int, LinkInfo) {
		want := LinkInfo{Type: uapi.LinkTypePerfEvent}
		if kernelHas(t, 6, 6) {
			want.Name = "sched_process_exit"
		}
		if kernelHas(t, 6, 9) {
			want.Cookie = 98
		}
		p := newProgram(t, program{kind: uapi.ProgTypeTracepoint, code: returns(0)})
		return closeAtEnd(t)(LinkPerfEvent(p, tracepointEvent(t), 98)), want
	}},
	{"places in a file", 6, 6, func(t *testing.T) (int, LinkInfo) {
		p := newProgram(t, program{kind: uapi.ProgTypeKprobe, attachType: uapi.AttachTypeTraceUprobeMulti, code: returns(0)})
		path := fileOfNobody(t)
		link := UprobeMulti{Path: path, Offsets: []uint64{8, 16}, Cookies: []uint64{1, 2}, RefCounters: []uint64{32, 34}, Return: true}
		return closeAtEnd(t)(LinkUprobeMulti(p, link)), LinkInfo{Type: uapi.LinkTypeUprobeMulti, Name: path}
	}},
	{"functions of the kernel", 6, 12, func(t *testing.T) (int, LinkInfo) {
		p := newProgram(t, program{kind: uapi.ProgTypeKprobe, attachType: uapi.AttachTypeTraceKprobeMulti, code: returns(0)})
		fd, err := LinkKprobeMulti(p, KprobeMulti{Names: []string{"vfs_open", "vfs_fsync"}, Cookies: []uint64{1, 2}})
		if err == unix.EOPNOTSUPP && !testkit.InGuest {
			t.Skip("kprobes are not configured in this kernel")
		}
		return closeAtEnd(t)(fd, err), LinkInfo{Type: uapi.LinkTypeKprobeMulti}
	}},
	{"cgroup", 0, 0, func(t *testing.T) (int, LinkInfo) {
		fd := cgroup(t)
		var stat unix.Stat_t
		must(t, unix.Fstat(fd, &stat))
		p := newProgram(t, program{kind: uapi.ProgTypeCgroupSkb, attachType: uapi.AttachTypeCgroupInetEgress, code: returns(1)})
		return closeAtEnd(t)(LinkCgroup(p, fd, uapi.AttachTypeCgroupInetEgress, Order{})),
			LinkInfo{Type: uapi.LinkTypeCgroup, CgroupID: stat.Ino, AttachType: uapi.AttachTypeCgroupInetEgress}
	}},
	{"network namespace", 0, 0, func(t *testing.T) (int, LinkInfo) {
		fd := ownNetwork(t)
		var stat unix.Stat_t
		must(t, unix.Fstat(fd, &stat))
		p := newProgram(t, program{kind: uapi.ProgTypeSkLookup, attachType: uapi.AttachTypeSkLookup, code: returns(1)})
		return closeAtEnd(t)(LinkNetns(p, fd, uapi.AttachTypeSkLookup)),
			LinkInfo{Type: uapi.LinkTypeNetns, NetnsInode: uint32(stat.Ino), AttachType: uapi.AttachTypeSkLookup}
	}},
	{"XDP", 0, 0, func(t *testing.T) (int, LinkInfo) {
		ownNetwork(t)
		p := newProgram(t, program{kind: uapi.ProgTypeXDP, attachType: uapi.AttachTypeXDP, code: returns(2)})
		return closeAtEnd(t)(LinkXDP(p, loopback, uapi.AttachTypeXDP, uapi.XDPFlagSkbMode)), LinkInfo{Type: uapi.LinkTypeXDP, Ifindex: loopback}
	}},
	{"TCX", 6, 6, func(t *testing.T) (int, LinkInfo) {
		ownNetwork(t)
		p := newProgram(t, program{kind: uapi.ProgTypeSchedCls, attachType: uapi.AttachTypeTCXIngress, code: returns(-1)})
		return closeAtEnd(t)(LinkTCX(p, loopback, uapi.AttachTypeTCXIngress, Order{})),
			LinkInfo{Type: uapi.LinkTypeTCX, Ifindex: loopback, AttachType: uapi.AttachTypeTCXIngress}
	}},
	{"netkit", 6, 7, func(t *testing.T) (int, LinkInfo) {
		ownNetwork(t)
		ifindex := netkitPair(t)
		p := newProgram(t, program{kind: uapi.ProgTypeSchedCls, attachType: uapi.AttachTypeNetkitPrimary, code: returns(0)})
		return closeAtEnd(t)(LinkNetkit(p, ifindex, uapi.AttachTypeNetkitPrimary, Order{})),
			LinkInfo{Type: uapi.LinkTypeNetkit, Ifindex: ifindex, AttachType: uapi.AttachTypeNetkitPrimary}
	}},
	{"netfilter", 6, 4, func(t *testing.T) (int, LinkInfo) {
		ownNetwork(t)
		p := newProgram(t, program{kind: uapi.ProgTypeNetfilter, attachType: uapi.AttachTypeNetfilter, code: returns(1)})
		hook := NetfilterHook{Family: uapi.NFProtoIPv4, Hook: uapi.NFHookLocalOut, Priority: -128}
		return closeAtEnd(t)(LinkNetfilter(p, hook)), LinkInfo{Type: uapi.LinkTypeNetfilter}
	}},
	{"sockmap", 6, 10, func(t *testing.T) (int, LinkInfo) {
		m := newMap(t, &MapSpec{Type: uapi.MapTypeSockMap, KeySize: 4, ValueSize: 4, MaxEntries: 4})
		p := newProgram(t, program{kind: uapi.ProgTypeSkMsg, attachType: uapi.AttachTypeSkMsgVerdict, code: returns(1)})
		return closeAtEnd(t)(LinkSockmap(p, m, uapi.AttachTypeSkMsgVerdict)),
			LinkInfo{Type: uapi.LinkTypeSockMap, MapID: mapID(t, m), AttachType: uapi.AttachTypeSkMsgVerdict}
	}},
}

// fileOfNobody is a file that no process runs.
func fileOfNobody(t testing.TB) string {
	t.Helper()
	path := t.TempDir() + "/file"
	must(t, os.WriteFile(path, make([]byte, 64), 0o600))
	return path
}

// The kernel reports for each kind of link the properties with which it was made.
func TestLinks(t *testing.T) {
	for _, tc := range linkCases {
		t.Run(tc.name, func(t *testing.T) {
			needRoot(t)
			needKernel(t, tc.major, tc.minor, "it has this kind of link")
			link, want := tc.make(t)
			info, err := InfoOfLink(link)
			must(t, err)
			if info.ID == 0 || info.ProgramID == 0 {
				t.Errorf("no ids: %+v", info)
			}
			want.ID, want.ProgramID = info.ID, info.ProgramID
			if info != want {
				t.Errorf("%+v, want %+v", info, want)
			}
			must(t, CheckKind(link, KindLink))
		})
	}
}

func TestLinksRefused(t *testing.T) {
	needRoot(t)
	filter := socketFilter(t, 0)
	// Kernels that do not know a kind refuse its attributes before they look at the program.
	known := map[string]bool{"struct_ops": kernelHas(t, 6, 4), "kprobe.multi": kernelHas(t, 5, 18), "uprobe.multi": kernelHas(t, 6, 6)}
	for name, f := range map[string]func(program int) (int, error){
		"raw tracepoint": func(p int) (int, error) { return LinkRawTracepoint(p, "sched_switch", 0) },
		"tracing":        func(p int) (int, error) { return LinkTracing(p, uapi.AttachTypeTraceFentry, TraceTarget{}) },
		"freplace":       func(p int) (int, error) { return LinkTracing(p, 0, TraceTarget{FD: filter, BTF: 1}) },
		"iterator":       func(p int) (int, error) { return LinkIter(p, nil) },
		"cgroup":         func(p int) (int, error) { return LinkCgroup(p, 1<<20, uapi.AttachTypeCgroupInetEgress, Order{}) },
		"XDP":            func(p int) (int, error) { return LinkXDP(p, loopback, uapi.AttachTypeXDP, 0) },
		"struct_ops":     func(p int) (int, error) { return LinkStructOps(p) },
		"sockmap":        func(p int) (int, error) { return LinkSockmap(p, 1<<20, uapi.AttachTypeSkMsgVerdict) },
		"kprobe.multi":   func(p int) (int, error) { return LinkKprobeMulti(p, KprobeMulti{Names: []string{"vfs_open"}}) },
		"uprobe.multi":   func(p int) (int, error) { return LinkUprobeMulti(p, UprobeMulti{Path: "/", Offsets: []uint64{8}}) },
	} {
		for _, p := range []int{-1, filter} {
			if fd, err := f(p); err == nil {
				t.Errorf("%s: made", name)
				unix.Close(fd)
			} else if since, limited := known[name]; p == -1 && err != unix.EBADF && (since || !limited) {
				t.Errorf("%s without a program: %v", name, err)
			}
		}
	}
	_, err := LinkRawTracepoint(filter, "sched\x00switch", 0)
	wantErrno(t, "a name that is cut", err, unix.EINVAL)
	for name, multi := range map[string]KprobeMulti{
		"a name that is cut": {Names: []string{"vfs_open", "vfs\x00open"}}, "fewer cookies": {Addresses: []uint64{1, 2}, Cookies: []uint64{1}},
		"cookies of addresses beside names": {Names: []string{"a"}, Addresses: []uint64{1, 2}, Cookies: []uint64{1, 2}},
	} {
		_, err = LinkKprobeMulti(filter, multi)
		wantErrno(t, name, err, unix.EINVAL)
	}
	for name, multi := range map[string]UprobeMulti{
		"a path that is cut": {Path: "/\x00", Offsets: []uint64{8}}, "more cookies": {Path: "/", Offsets: []uint64{8}, Cookies: []uint64{1, 2}},
		"counters of nothing": {Path: "/", RefCounters: []uint64{1}},
	} {
		_, err = LinkUprobeMulti(filter, multi)
		wantErrno(t, name, err, unix.EINVAL)
	}
	_, err = LinkTCX(filter, loopback, uapi.AttachTypeTCXIngress, Order{RelativeFD: 3, RelativeID: 3})
	wantErrno(t, "two relatives", err, unix.EINVAL)
}

// A position in an order is set by a program or link, or by its id.
func TestOrder(t *testing.T) {
	needKernel(t, 6, 6, "its TCX has an order")
	ownNetwork(t)
	cls := program{kind: uapi.ProgTypeSchedCls, attachType: uapi.AttachTypeTCXIngress, code: returns(-1)}
	attach := func(o Order) (int, error) { return LinkTCX(newProgram(t, cls), loopback, uapi.AttachTypeTCXIngress, o) }
	first := closeAtEnd(t)(attach(Order{}))
	info, err := InfoOfLink(first)
	must(t, err)
	closeAtEnd(t)(attach(Order{Flags: uapi.AttachFlagBefore | uapi.AttachFlagLink, RelativeFD: first}))
	closeAtEnd(t)(attach(Order{Flags: uapi.AttachFlagAfter | uapi.AttachFlagLink, RelativeID: info.ID}))
	_, err = attach(Order{Flags: uapi.AttachFlagAfter | uapi.AttachFlagLink, RelativeID: 1 << 30})
	wantErrno(t, "an id that there is not", err, unix.ENOENT)
	_, err = attach(Order{Flags: uapi.AttachFlagBefore, Revision: 1})
	wantErrno(t, "an old revision", err, unix.ESTALE)
}

func TestUpdateAndDetachLink(t *testing.T) {
	needRoot(t)
	egress := program{kind: uapi.ProgTypeCgroupSkb, attachType: uapi.AttachTypeCgroupInetEgress, code: returns(1)}
	first, second := newProgram(t, egress), newProgram(t, egress)
	link := closeAtEnd(t)(LinkCgroup(first, cgroup(t), uapi.AttachTypeCgroupInetEgress, Order{}))
	runs := func() uint32 {
		info, err := InfoOfLink(link)
		must(t, err)
		return info.ProgramID
	}
	id := func(fd int) uint32 {
		info, err := InfoOfProgram(fd)
		must(t, err)
		return info.ID
	}
	must(t, UpdateLink(link, LinkUpdate{New: second}))
	if runs() != id(second) {
		t.Error("not updated")
	}
	wantErrno(t, "update from another", UpdateLink(link, LinkUpdate{New: first, Old: first, Flags: uapi.AttachFlagReplace}), unix.EPERM)
	must(t, UpdateLink(link, LinkUpdate{New: first, Old: second, Flags: uapi.AttachFlagReplace}))
	if runs() != id(first) {
		t.Error("not replaced")
	}
	wantErrno(t, "update a program", UpdateLink(first, LinkUpdate{New: second}), unix.EINVAL)
	must(t, DetachLink(link))
	info, err := InfoOfLink(link)
	if err != nil || info.CgroupID != 0 {
		t.Errorf("after detach: %+v, %v", info, err)
	}
	wantErrno(t, "detach a raw tracepoint", DetachLink(rawTracepoint(t, 0)), unix.EOPNOTSUPP)
	wantErrno(t, "detach a program", DetachLink(first), unix.EINVAL)
}

func TestNewIterator(t *testing.T) {
	needRoot(t)
	file := os.NewFile(uintptr(iterator(t)), "iterator")
	if text, err := io.ReadAll(file); err != nil || len(text) != 0 {
		t.Errorf("%q, %v", text, err)
	}
	_, err := NewIterator(rawTracepoint(t, 0))
	wantErrno(t, "of another link", err, unix.EINVAL)
	_, err = NewIterator(-1)
	wantErrno(t, "of nothing", err, unix.EBADF)
}

func TestAttachWithoutLink(t *testing.T) {
	needRoot(t)
	target := cgroup(t)
	egress := program{kind: uapi.ProgTypeCgroupSkb, attachType: uapi.AttachTypeCgroupInetEgress, code: returns(1)}
	first, second := newProgram(t, egress), newProgram(t, egress)
	a := ProgramAttach{Program: first, Target: target, AttachType: uapi.AttachTypeCgroupInetEgress, Order: Order{Flags: uapi.AttachFlagAllowMulti}}
	must(t, AttachProgram(a))
	wantErrno(t, "attach again", AttachProgram(a), unix.EINVAL)
	replace := a
	replace.Program, replace.ReplaceFD, replace.Order.Flags = second, first, uapi.AttachFlagAllowMulti|uapi.AttachFlagReplace
	must(t, AttachProgram(replace))
	a.Order = Order{}
	wantErrno(t, "detach the replaced program", DetachProgram(a), unix.ENOENT)
	a.Program = second
	must(t, DetachProgram(a))
	wantErrno(t, "detach again", DetachProgram(a), unix.ENOENT)
}

func tracepointEvent(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(tracefs(t) + "/events/sched/sched_process_exit/id")
	must(t, err)
	id := uint64(0)
	for _, c := range strings.TrimSpace(string(text)) {
		id = id*10 + uint64(c-'0')
	}
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id}
	attr.Size = uint32(unsafe.Sizeof(attr)) // SAFETY: a size
	return closeAtEnd(t)(unix.PerfEventOpen(&attr, -1, 0, -1, unix.PERF_FLAG_FD_CLOEXEC))
}

func tracefs(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	must(t, unix.Mount("tracefs", dir, "tracefs", 0, ""))
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// netkitPair makes two interfaces of kind netkit, and returns the index of the first.
func netkitPair(t testing.TB) int {
	t.Helper()
	attribute := func(kind uint16, data []byte) []byte {
		b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(data)))
		b = append(binary.NativeEndian.AppendUint16(b, kind), data...)
		return append(b, make([]byte, -len(b)&3)...)
	}
	const infoKind = 1 // IFLA_INFO_KIND
	body := append(make([]byte, unix.SizeofIfInfomsg), attribute(unix.IFLA_IFNAME, []byte("bpf0\x00"))...)
	body = append(body, attribute(unix.IFLA_LINKINFO, attribute(infoKind, []byte("netkit")))...)
	message := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	message = binary.NativeEndian.AppendUint16(message, unix.RTM_NEWLINK)
	message = binary.NativeEndian.AppendUint16(message, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	message = append(append(message, make([]byte, 8)...), body...)
	fd := closeAtEnd(t)(unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE))
	must(t, unix.Sendto(fd, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
	answer := make([]byte, 4096)
	_, _, err := unix.Recvfrom(fd, answer, 0)
	must(t, err)
	if errno := -int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:])); errno == int32(unix.EOPNOTSUPP) {
		t.Skip("netkit is not configured in this kernel")
	} else if errno != 0 {
		t.Fatal(unix.Errno(errno))
	}
	request, err := unix.NewIfreq("bpf0")
	must(t, err)
	must(t, unix.IoctlIfreq(closeAtEnd(t)(unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)), unix.SIOCGIFINDEX, request))
	return int(request.Uint32())
}
