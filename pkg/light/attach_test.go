//go:build linux

package light

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

const testCookie = 0xfeed_0000_c0de

// watcher is a program that counts its runs, and keeps the cookie that it was attached
// with.
type watcher struct {
	progInfo
	fd      int
	results bpf.Elems
}

// instruction is one of BPF's; registers are from<<4 | to.
func instruction(code, registers byte, offset int16, value int32) []byte {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		registers = registers<<4 | registers>>4
	}
	b := binary.NativeEndian.AppendUint16([]byte{code, registers}, uint16(offset))
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

func watch(t testing.TB, p progInfo) *watcher {
	t.Helper()
	testkit.NeedRoot(t)
	results := fdOf(t)(bpf.CreateMap(&bpf.MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 16, MaxEntries: 1}))
	var code []byte
	add := func(parts ...[]byte) {
		for _, p := range parts {
			code = append(code, p...)
		}
	}
	const mapValue, getCookie, atomicAdd = 2, 174, 0
	switch p.kind {
	case uapi.ProgTypeKprobe, uapi.ProgTypeTracepoint:
		add(instruction(0x85, 0, 0, getCookie))
	default: // older kernels do not know a cookie of theirs
		add(instruction(0xb7, 0, 0, 0))
	}
	add(
		instruction(0x18, mapValue<<4|1, 0, int32(results)), instruction(0, 0, 0, 0),
		instruction(0x7b, 0<<4|1, 8, 0),         // cookie = r0
		instruction(0xb7, 2, 0, 1),              // r2 = 1
		instruction(0xdb, 2<<4|1, 0, atomicAdd), // runs += r2
		instruction(0xb7, 0, 0, 0), instruction(0x95, 0, 0, 0),
	)
	fd := fdOf(t)(bpf.LoadProgram(&bpf.ProgramSpec{
		Type: p.kind, AttachType: p.attachType, Name: "watch", License: "GPL", Insns: code, AttachBTF: p.btf(t),
	}))
	p.name = "watch"
	return &watcher{p, fd, bpf.NewElems(results, bpf.MapShape{})}
}

// btf returns the type of the kernel that a program of BTF is loaded for.
func (p *progInfo) btf(t testing.TB) uint32 {
	if p.kind != uapi.ProgTypeTracing {
		return 0
	}
	kind, name := uapi.BTFKindTypedef, "btf_trace_sys_enter"
	if p.attachType == uapi.AttachTypeTraceIter {
		kind, name = uapi.BTFKindFunc, "bpf_iter_task"
	} else if p.attachType != uapi.AttachTypeTraceRawTP {
		kind, name = uapi.BTFKindFunc, "vfs_open"
	}
	id, _, err := findKernelType(name, kind)
	if err != nil {
		t.Skipf("this kernel has no %s: %v", name, err)
	}
	return id
}

func (w *watcher) results16(t testing.TB) (runs, cookie uint64) {
	t.Helper()
	var key uint32
	var value [2]uint64
	if errno := w.results.Call(uapi.CmdMapLookupElem, mem.At(&key), mem.At(&value), 0); errno != 0 {
		t.Fatal(errno)
	}
	return value[0], value[1]
}

func (w *watcher) runs(t testing.TB) uint64 {
	runs, _ := w.results16(t)
	return runs
}

// fdOf is a file descriptor that is closed after the test.
func fdOf(t testing.TB) func(fd int, err error) int {
	return func(fd int, err error) int {
		t.Helper()
		testkit.Must(t, err)
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
}

// resources are what attaching takes: file descriptors, and events in tracefs.
type resources struct{ fds, kprobes, uprobes string }

func resourcesNow(t testing.TB) (r resources) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	testkit.Must(t, err)
	var open []string
	for _, fd := range fds {
		target, err := os.Readlink("/proc/self/fd/" + fd.Name())
		// Not the one that listed them, nor what the C library reads when it frees memory.
		if err == nil && !strings.HasPrefix(target, "/proc/sys/") {
			open = append(open, fd.Name()+" "+target)
		}
	}
	return resources{strings.Join(open, "\n"), eventsOf(tracefs() + "/kprobe_events"), eventsOf(tracefs() + "/uprobe_events")}
}

// eventsOf returns the events in a file of tracefs that this process added: other tests may
// add some too.
func eventsOf(path string) (events string) {
	all, _ := os.ReadFile(path)
	for line := range strings.Lines(string(all)) {
		if strings.Contains(line, fmt.Sprintf("bpf_%d_", os.Getpid())) || strings.Contains(line, fmt.Sprintf("skel_%d_", os.Getpid())) {
			events += line
		}
	}
	return events
}

// checkResources fails the test if attaching left something.
func checkResources(t testing.TB, before resources) {
	t.Helper()
	if now := resourcesNow(t); now != before {
		t.Errorf("attaching left %+v, before %+v", now, before)
	}
}

func needTracefs(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(tracefs() + "/events"); err != nil {
		t.Skip("tracefs is not mounted: sh scripts/mounts.sh")
	}
}

func needKprobes(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(eventSources + "kprobe"); err != nil {
		t.Skip("kprobes are not configured in this kernel")
	}
}

// Types of program.
var (
	anyTracepoint = progInfo{kind: uapi.ProgTypeTracepoint}
	anyKprobe     = progInfo{kind: uapi.ProgTypeKprobe}
	anyRaw        = progInfo{kind: uapi.ProgTypeRawTracepoint}
	manyKprobes   = progInfo{kind: uapi.ProgTypeKprobe, attachType: uapi.AttachTypeTraceKprobeMulti}
	manyUprobes   = progInfo{kind: uapi.ProgTypeKprobe, attachType: uapi.AttachTypeTraceUprobeMulti}
)

func in(section string, p progInfo) progInfo {
	p.section, p.kprobes, p.uprobes = section, Kprobes, Uprobes
	return p
}

// probing returns this package's target for one of package backend, as the methods of a
// program do.
func probing(target any) any {
	switch t := target.(type) {
	case backend.Kprobe:
		return kprobed{t}
	case backend.KprobeMulti:
		return kprobedMulti{t}
	case backend.Ksyscall:
		return ksyscalled{t}
	case backend.Uprobe:
		return uprobed{t}
	case backend.UprobeMulti:
		return uprobedMulti{t}
	}
	return target
}

// watchedFunction is what uprobes of the test itself are set on.
//
//go:noinline
func watchedFunction() { watchedCalls++ }

var watchedCalls int

func callWatched(testing.TB) { watchedFunction() }

func getppid(testing.TB) { unix.Getppid() }

func openFile(t testing.TB) {
	_, err := os.ReadFile("/proc/self/stat")
	testkit.Must(t, err)
}

// offsetInMemory returns the offset of a function in the file of this test.
func offsetInMemory(t testing.TB, function any) uint64 {
	t.Helper()
	at := uint64(reflect.ValueOf(function).Pointer())
	maps, err := os.ReadFile("/proc/self/maps")
	testkit.Must(t, err)
	for line := range strings.Lines(string(maps)) {
		var from, to, offset uint64
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s %x", &from, &to, &mode, &offset); n == 4 && from <= at && at < to {
			return at - from + offset
		}
	}
	t.Fatalf("no file is mapped at %#x", at)
	return 0
}

const self = "/proc/self/exe"

// Each kind of target: the program runs while it is attached, sees its cookie, and does
// not run afterwards.
var attachCases = []struct {
	name    string
	program progInfo // attached by its section, if there is one
	target  any
	fire    func(testing.TB)
	kind    uapi.LinkType // of the kernel's link
	noLink  bool          // it has none
	need    func(testing.TB)
	major   int
	minor   int
}{
	{name: "tracepoint", program: anyTracepoint, need: needTracefs, fire: getppid, kind: uapi.LinkTypePerfEvent,
		target: backend.Tracepoint{Category: "raw_syscalls", Name: "sys_enter", Cookie: testCookie}},
	{name: "section tp", program: in("tp/raw_syscalls/sys_enter", anyTracepoint), need: needTracefs, fire: getppid, kind: uapi.LinkTypePerfEvent},
	{name: "section tracepoint", program: in("tracepoint/raw_syscalls/sys_exit", anyTracepoint), need: needTracefs, fire: getppid, kind: uapi.LinkTypePerfEvent},
	{name: "section raw_tp", program: in("raw_tp/sys_enter", anyRaw), fire: getppid, kind: uapi.LinkTypeRawTracepoint},
	{name: "section raw_tracepoint.w", program: in("raw_tracepoint.w/sys_enter", progInfo{kind: uapi.ProgTypeRawTracepointWritable}), fire: getppid, kind: uapi.LinkTypeRawTracepoint},
	{name: "section tp_btf", program: in("tp_btf/sys_enter", progInfo{kind: uapi.ProgTypeTracing, attachType: uapi.AttachTypeTraceRawTP}), fire: getppid, kind: uapi.LinkTypeRawTracepoint},
	{name: "section fentry", program: in("fentry/vfs_open", progInfo{kind: uapi.ProgTypeTracing, attachType: uapi.AttachTypeTraceFentry}), fire: openFile, kind: uapi.LinkTypeTracing, need: needKprobes},
	{name: "section fexit", program: in("fexit/vfs_open", progInfo{kind: uapi.ProgTypeTracing, attachType: uapi.AttachTypeTraceFexit}), fire: openFile, kind: uapi.LinkTypeTracing, need: needKprobes},
	{name: "kprobe", program: anyKprobe, need: needKprobes, fire: openFile, kind: uapi.LinkTypePerfEvent,
		target: backend.Kprobe{Function: "vfs_open", Cookie: testCookie}},
	{name: "kprobe with a link", program: anyKprobe, need: needKprobes, fire: openFile, kind: uapi.LinkTypePerfEvent,
		target: backend.Kprobe{Function: "vfs_open", Mode: modeLink}},
	{name: "kretprobe", program: anyKprobe, need: needKprobes, fire: openFile, kind: uapi.LinkTypePerfEvent,
		target: backend.Kprobe{Function: "vfs_open", Cookie: testCookie, Return: true}},
	{name: "kprobe through a perf event", program: anyKprobe, need: needKprobes, fire: openFile, noLink: true,
		target: backend.Kprobe{Function: "vfs_open", Mode: modePerf}},
	{name: "kprobe through tracefs", program: anyKprobe, need: needKprobes, fire: openFile, noLink: true,
		target: backend.Kprobe{Function: "vfs_open", Mode: modeLegacy}},
	{name: "kretprobe through tracefs", program: anyKprobe, need: needKprobes, fire: openFile, noLink: true,
		target: backend.Kprobe{Function: "vfs_open", Mode: modeLegacy, Return: true}},
	{name: "section kprobe", program: in("kprobe/vfs_open", anyKprobe), need: needKprobes, fire: openFile, kind: uapi.LinkTypePerfEvent},
	{name: "section kretprobe", program: in("kretprobe/vfs_open", anyKprobe), need: needKprobes, fire: openFile, kind: uapi.LinkTypePerfEvent},
	{name: "section ksyscall", program: in("ksyscall/getppid", anyKprobe), need: needKprobes, fire: getppid, kind: uapi.LinkTypePerfEvent},
	{name: "ksyscall on return", program: anyKprobe, need: needKprobes, fire: getppid, kind: uapi.LinkTypePerfEvent,
		target: backend.Ksyscall{Name: "getppid", Cookie: testCookie, Return: true}},
	{name: "kprobe.multi by names", program: manyKprobes, need: needKprobes, fire: openFile, kind: uapi.LinkTypeKprobeMulti, major: 6, minor: 12,
		target: backend.KprobeMulti{Targets: backend.Targets{Names: []string{"vfs_fsync", "vfs_open"}, Cookies: []uint64{1, testCookie}}}},
	{name: "section kprobe.multi with a pattern", program: in("kprobe.multi/vfs_ope*", manyKprobes), need: needKprobes, fire: openFile, kind: uapi.LinkTypeKprobeMulti, major: 6, minor: 12},
	{name: "section kretprobe.multi with a name", program: in("kretprobe.multi/vfs_open", manyKprobes), need: needKprobes, fire: openFile, kind: uapi.LinkTypeKprobeMulti, major: 6, minor: 12},
	{name: "unique kprobe.multi", program: manyKprobes, need: needKprobes, fire: openFile, kind: uapi.LinkTypeKprobeMulti, major: 6, minor: 12,
		target: backend.KprobeMulti{Pattern: "vfs_open", Targets: backend.Targets{Unique: true}}},
	{name: "section kprobe.session", program: in("kprobe.session/vfs_open", progInfo{kind: uapi.ProgTypeKprobe, attachType: uapi.AttachTypeTraceKprobeSession}),
		need: needKprobes, fire: openFile, kind: uapi.LinkTypeKprobeMulti, major: 6, minor: 12},
	{name: "uprobe by offset", program: anyKprobe, fire: callWatched, kind: uapi.LinkTypePerfEvent, target: backend.Uprobe{PID: -1, Cookie: testCookie}},
	{name: "uprobe of one process", program: anyKprobe, fire: callWatched, kind: uapi.LinkTypePerfEvent, target: backend.Uprobe{PID: os.Getpid(), Mode: modeLink}},
	{name: "uprobe through a perf event", program: anyKprobe, fire: callWatched, noLink: true, target: backend.Uprobe{PID: -1, Mode: modePerf}},
	{name: "uprobe through tracefs", program: anyKprobe, fire: callWatched, need: needTracefs, noLink: true, target: backend.Uprobe{PID: -1, Mode: modeLegacy}},
	{name: "uprobe.multi by offsets", program: manyUprobes, fire: callWatched, kind: uapi.LinkTypeUprobeMulti, major: 6, minor: 6,
		target: backend.UprobeMulti{PID: -1, Targets: backend.Targets{Cookies: []uint64{testCookie}}}},
	{name: "uprobe.multi of this process", program: manyUprobes, fire: callWatched, kind: uapi.LinkTypeUprobeMulti, major: 6, minor: 6,
		target: backend.UprobeMulti{PID: 0}},
}

// aimed fills in the file and the offset of a target in this test.
func aimed(t testing.TB, target any) any {
	switch u := target.(type) {
	case backend.Uprobe:
		// The kernel does not resolve links of tracefs's commands as this process.
		path, err := os.Readlink(self)
		testkit.Must(t, err)
		u.Path, u.Offset = path, offsetInMemory(t, watchedFunction)
		return u
	case backend.UprobeMulti:
		u.Path, u.Locations = self, []uint64{offsetInMemory(t, watchedFunction)}
		return u
	}
	return target
}

func cookieOf(target any) uint64 {
	v := reflect.ValueOf(target)
	if !v.IsValid() {
		return 0
	}
	if f := v.FieldByName("Cookie"); f.IsValid() {
		return f.Uint()
	}
	if f := v.FieldByName("Cookies"); f.IsValid() && f.Len() > 0 {
		return testCookie
	}
	return 0
}

func TestAttachTo(t *testing.T) {
	for _, c := range attachCases {
		t.Run(c.name, func(t *testing.T) {
			testkit.NeedKernel(t, c.major, c.minor, "it is newer")
			if c.need != nil {
				c.need(t)
			}
			w := watch(t, c.program)
			before := resourcesNow(t)
			var l backend.Link
			var err error
			if c.target != nil {
				l, err = attachTo(w.fd, w.progInfo, probing(aimed(t, c.target)))
			} else {
				l, err = attachBySection(w.fd, w.progInfo)
			}
			testkit.Must(t, err)
			c.fire(t)
			runs, cookie := w.results16(t)
			if runs == 0 {
				t.Error("it did not run")
			}
			if want := cookieOf(c.target); want != 0 && cookie != want {
				t.Errorf("it saw the cookie %#x", cookie)
			}
			info, err := bpf.InfoOfLink(l.FD())
			if (err != nil) != c.noLink || err == nil && info.Type != c.kind {
				t.Errorf("its link is %+v, %v", info, err)
			}
			testkit.Must(t, l.Destroy())
			testkit.Must(t, l.Destroy())
			runs = w.runs(t)
			c.fire(t)
			if now := w.runs(t); now != runs {
				t.Errorf("it ran %d times after Destroy", now-runs)
			}
			checkResources(t, before)
		})
	}
}

// An iterator is read, and by its section attaches to its kind.
func TestAttachIter(t *testing.T) {
	w := watch(t, in("iter/task", progInfo{kind: uapi.ProgTypeTracing, attachType: uapi.AttachTypeTraceIter}))
	l, err := autoAttach(w.fd, w.progInfo)
	testkit.Must(t, err)
	defer l.Destroy()
	fd := fdOf(t)(bpf.NewIterator(l.FD()))
	if _, err := unix.Read(fd, make([]byte, 16)); err != nil || w.runs(t) == 0 {
		t.Errorf("%d runs, %v", w.runs(t), err)
	}
}

func TestAttachUprobeSession(t *testing.T) {
	testkit.NeedKernel(t, 6, 13, "earlier ones have no sessions of uprobes")
	path := buildTarget(t)
	w := watch(t, in("uprobe.session/"+path+":target_one", progInfo{kind: uapi.ProgTypeKprobe, attachType: uapi.AttachTypeTraceUprobeSession}))
	l, err := attachBySection(w.fd, w.progInfo)
	testkit.Must(t, err)
	callTarget(t, path, 10)
	if runs := w.runs(t); runs != 20 {
		t.Errorf("%d runs", runs)
	}
	testkit.Must(t, l.Destroy())
}

// buildTarget compiles a program with the functions target_one and target_two.
func buildTarget(t testing.TB, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("a C compiler is needed for a program to be watched")
	}
	path := filepath.Join(t.TempDir(), "target")
	line := append([]string{"-O1", "-o", path, "../skel/testdata/target/target.c"}, flags...)
	if out, err := exec.Command(cc, line...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// callTarget makes it call both functions n times, and returns its semaphore.
func callTarget(t testing.TB, path string, n int) (semaphore int) {
	t.Helper()
	out, err := exec.Command(path, fmt.Sprint(n)).Output()
	testkit.Must(t, err)
	var usdt int
	if _, err := fmt.Sscan(string(out), &usdt, &semaphore); err != nil {
		t.Fatalf("the program said %q", out)
	}
	return semaphore
}

// Functions of a file: by name, with an offset, on return, with a semaphore, by pattern.
func TestAttachToFunctionsOfAFile(t *testing.T) {
	path := buildTarget(t)
	semaphore := symbolOffset(t, path, "own_semaphore")
	for _, c := range []struct {
		name    string
		program progInfo
		target  any
		runs    uint64
		own     int
		need    func(testing.TB)
	}{
		{name: "name", program: anyKprobe, runs: 10, target: backend.Uprobe{PID: -1, Path: path, Function: "target_one", Cookie: testCookie}},
		{name: "return", program: anyKprobe, runs: 10, target: backend.Uprobe{PID: -1, Path: path, Function: "target_one", Return: true, Cookie: testCookie}},
		{name: "semaphore", program: anyKprobe, runs: 10, own: 1, target: backend.Uprobe{PID: -1, Path: path, Function: "target_two", RefCounter: semaphore}},
		{name: "return through tracefs", program: anyKprobe, runs: 10, need: needTracefs, target: backend.Uprobe{PID: -1, Path: path, Function: "target_two", Return: true, Mode: modeLegacy}},
		{name: "another process", program: anyKprobe, target: backend.Uprobe{PID: os.Getpid(), Path: path, Function: "target_one"}},
		{name: "section", program: in("uprobe/"+path+":target_one", anyKprobe), runs: 10},
		{name: "section with an offset of 0", program: in("uprobe/"+path+":target_one+0", anyKprobe), runs: 10},
		{name: "section on return", program: in("uretprobe/"+path+":target_two", anyKprobe), runs: 10},
		{name: "several names", program: manyUprobes, runs: 20, own: 2, target: backend.UprobeMulti{PID: -1, Path: path, Targets: backend.Targets{
			Names: []string{"target_two", "target_one"}, Cookies: []uint64{testCookie, testCookie}, RefCounters: []uint64{semaphore, semaphore},
		}}},
		{name: "pattern", program: manyUprobes, runs: 20, target: backend.UprobeMulti{PID: -1, Path: path, Pattern: "target_*"}},
		{name: "section with a pattern", program: in("uretprobe.multi/"+path+":target_?w*", manyUprobes), runs: 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.need != nil {
				c.need(t)
			}
			if c.program.attachType == uapi.AttachTypeTraceUprobeMulti {
				testkit.NeedKernel(t, 6, 6, "earlier ones have no uprobe.multi")
			}
			w := watch(t, c.program)
			before := resourcesNow(t)
			l, err := attachBySection(w.fd, w.progInfo)
			if c.target != nil {
				l, err = attachTo(w.fd, w.progInfo, probing(c.target))
			}
			testkit.Must(t, err)
			if own := callTarget(t, path, 10); own != c.own {
				t.Errorf("the semaphore is %d, want %d", own, c.own)
			}
			runs, cookie := w.results16(t)
			if want := cookieOf(c.target); runs != c.runs || want != 0 && cookie != want {
				t.Errorf("%d runs, want %d, with cookie %#x", runs, c.runs, cookie)
			}
			testkit.Must(t, l.Destroy())
			if own := callTarget(t, path, 1); own != 0 || w.runs(t) != runs {
				t.Errorf("after Destroy: %d runs, semaphore %d", w.runs(t)-runs, own)
			}
			checkResources(t, before)
		})
	}
}

// A program that cannot be attached leaves nothing: the errno is the kernel's, and the
// messages name the program.
func TestAttachRefused(t *testing.T) {
	filter := progInfo{kind: uapi.ProgTypeSocketFilter}
	w := &watcher{progInfo: filter, fd: fdOf(t)(bpf.LoadProgram(&bpf.ProgramSpec{
		Type: filter.kind, License: "GPL", Insns: append(instruction(0xb7, 0, 0, 0), instruction(0x95, 0, 0, 0)...),
	}))}
	w.name = "filter"
	for _, c := range attachCases {
		t.Run(c.name, func(t *testing.T) {
			if c.need != nil {
				c.need(t)
			}
			before := resourcesNow(t)
			for _, fd := range []int{w.fd, -1} {
				l, err := attachTo(fd, w.progInfo, probing(aimed(t, c.target)))
				if c.target == nil {
					l, err = autoAttach(fd, in(c.program.section, w.progInfo))
				}
				var e *backend.Error
				if l != nil || !errors.As(err, &e) || !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EOPNOTSUPP) {
					t.Fatalf("%v, %v", l, err)
				}
				if e.Op != "attach" || !strings.Contains(e.Log.String(), "prog 'filter': ") {
					t.Errorf("%q, %q", e.Op, e.Log)
				}
			}
			checkResources(t, before)
		})
	}
}

// Whatever file cannot be opened for want of descriptors: the error says so, and nothing
// is left.
func TestAttachWithoutDescriptors(t *testing.T) {
	var limit unix.Rlimit
	testkit.Must(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	for _, c := range attachCases {
		t.Run(c.name, func(t *testing.T) {
			testkit.NeedKernel(t, c.major, c.minor, "it is newer")
			if c.need != nil {
				c.need(t)
			}
			w := watch(t, c.program)
			target := aimed(t, c.target)
			before := resourcesNow(t)
			for more := uint64(0); ; more++ {
				low := limit
				low.Cur = lowestFree(t) + more
				testkit.Must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &low))
				l, err := attachBySection(w.fd, w.progInfo)
				if target != nil {
					l, err = attachTo(w.fd, w.progInfo, probing(target))
				}
				testkit.Must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
				if err == nil {
					testkit.Must(t, l.Destroy())
					break
				}
				if !errors.Is(err, unix.EMFILE) || more > 10 {
					t.Fatalf("with %d descriptors: %v", more, err)
				}
				checkResources(t, before)
			}
			checkResources(t, before)
		})
	}
}

// lowestFree is the number that the next descriptor has.
func lowestFree(t testing.TB) uint64 {
	t.Helper()
	fd, err := unix.Dup(0)
	testkit.Must(t, err)
	testkit.Must(t, unix.Close(fd))
	return uint64(fd)
}

func TestTargetsThatNeedLibbpf(t *testing.T) {
	ext := progInfo{name: "p", kind: uapi.ProgTypeExt}
	for _, c := range []struct {
		program progInfo
		target  any
		want    string
	}{
		{anyKprobe, backend.USDT{}, "the back end light does not support USDT probes: build with cgo"},
		{ext, backend.Freplace{}, "the back end light does not support freplace: build with cgo"},
		{ext, 7, "the back end light does not support attaching to a int"},
		{ext, backend.USDT{}, "attach: invalid argument"},
		{anyKprobe, backend.Freplace{}, "attach: invalid argument (prog '': only BPF_PROG_TYPE_EXT can attach as freplace)"},
	} {
		_, err := attachTo(3, c.program, probing(c.target))
		if errors.Is(err, errors.ErrUnsupported) == errors.Is(err, unix.EINVAL) || err.Error() != c.want {
			t.Errorf("%T: %v", c.target, err)
		}
	}
	for _, p := range []progInfo{in("usdt/libc.so.6:libc:setjmp", anyKprobe), in("freplace/f", ext)} {
		if l, err := autoAttach(3, p); l != nil || !errors.Is(err, errors.ErrUnsupported) {
			t.Error(p.section, err)
		}
	}
}

func TestLinkOutlivesItsOwner(t *testing.T) {
	w := watch(t, in("raw_tp/sys_enter", anyRaw))
	folder := testkit.BPFFS(t)
	attach := func() backend.Link {
		l, err := attachBySection(w.fd, w.progInfo)
		testkit.Must(t, err)
		return l
	}
	runs := func() bool {
		before := w.runs(t)
		unix.Getppid()
		return w.runs(t) > before
	}
	// The kernel frees a link that was pinned some time after its pin.
	stops := func() bool {
		for range 500 {
			if !runs() {
				return true
			}
			time.Sleep(10 * time.Millisecond)
		}
		return false
	}

	l, path := attach(), folder+"/below/link"
	testkit.Must(t, l.Pin(path))
	if l.PinPath() != path {
		t.Errorf("pinned at %q", l.PinPath())
	}
	wantErrno(t, "a second pin", l.Pin(folder+"/again"), unix.EBUSY)
	testkit.Must(t, l.Destroy())
	if !runs() {
		t.Error("a pinned link was detached")
	}
	testkit.Must(t, os.Remove(path))
	if !stops() {
		t.Error("it is attached without a pin")
	}

	l = attach()
	wantErrno(t, "no pin", l.Unpin(), unix.EINVAL)
	err := l.Pin(t.TempDir() + "/link")
	wantErrno(t, "another file system", err, unix.EINVAL)
	var e *backend.Error
	if errors.As(err, &e) {
		if where, ok := e.Log.Find(backend.NotOnBPFFS); !ok || !strings.HasSuffix(where, "/link") {
			t.Errorf("the log is %q", e.Log)
		}
	}
	wantErrno(t, "no folder", l.Pin(folder+"/a/b/c"), unix.ENOENT)
	testkit.Must(t, l.Pin(path))
	testkit.Must(t, l.Unpin())
	if l.PinPath() != "" {
		t.Errorf("pinned at %q", l.PinPath())
	}
	testkit.Must(t, l.Destroy())
	if !stops() {
		t.Error("a link that was unpinned is attached")
	}

	l = attach()
	fd := l.FD()
	l.Disconnect()
	testkit.Must(t, l.Destroy())
	if !runs() {
		t.Error("a disconnected link was detached")
	}
	testkit.Must(t, unix.Close(fd))
	if !stops() {
		t.Error("it is attached without a descriptor")
	}
}

// A pinned link of a perf event stays enabled.
func TestPinnedPerfEvent(t *testing.T) {
	testkit.NeedKernel(t, 5, 15, "earlier ones have no links of perf events")
	needTracefs(t)
	w := watch(t, in("tp/raw_syscalls/sys_enter", anyTracepoint))
	l, err := attachBySection(w.fd, w.progInfo)
	testkit.Must(t, err)
	path := testkit.BPFFS(t) + "/link"
	testkit.Must(t, l.Pin(path))
	event := l.(*link).event
	testkit.Must(t, l.Destroy())
	before := w.runs(t)
	unix.Getppid()
	if w.runs(t) == before {
		t.Error("it does not run")
	}
	testkit.Must(t, os.Remove(path))
	testkit.Must(t, unix.Close(event))
}

func wantErrno(t testing.TB, what string, err error, want unix.Errno) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// Functions by pattern: the kernel's list with addresses, and its list of names beside
// kallsyms, have the same.
func TestKernelFunctions(t *testing.T) {
	needTracefs(t)
	folder := tracefs()
	if _, err := os.Stat(folder + "/available_filter_functions"); err != nil {
		t.Skip("this kernel has no list of functions that can be probed")
	}
	for _, pattern := range []string{"vfs_open", "vfs_*", "*_open"} {
		a := attempt{progInfo: progInfo{name: "p"}}
		direct, err := a.kernelFunctions(pattern)
		if errors.Is(err, unix.EPERM) && !testkit.InGuest {
			t.Skip("the list of functions is not permitted by this kernel")
		}
		testkit.Must(t, err)
		byName, err := a.kernelFunctionsByName(pattern, folder+"/available_filter_functions")
		testkit.Must(t, err)
		if len(direct) == 0 {
			t.Errorf("%s: no functions", pattern)
		}
		// Of several functions of one name, kallsyms has those too that cannot be probed. The
		// kernel's own addresses are those of the places that it patches, a few bytes behind.
		const prologue = 16
		for _, address := range direct {
			if !slices.ContainsFunc(byName, func(start uint64) bool { return address-start < prologue }) {
				t.Errorf("%s: no function of kallsyms begins at %#x", pattern, address)
			}
		}
		if pattern != "*_open" && len(direct) != len(byName) {
			t.Errorf("%s: %d functions, by name %d", pattern, len(direct), len(byName))
		}
	}
	if _, err := new(attempt).kernelFunctions("no_such_function_*"); err != unix.ENOENT && err != unix.EPERM {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	for text, want := range map[string][]string{
		"": nil, "\n\n": nil, "one": {"one"}, "one\n": {"one"}, "one\n\ntwo three\n": {"one", "two three"}, long + "y\nlast": {long, "y", "last"},
		"a\n" + long[1:] + "\nb\n": {"a", long[1:], "b"},
	} {
		path := t.TempDir() + "/file"
		testkit.Must(t, os.WriteFile(path, []byte(text), 0o600))
		var got []string
		err := new(attempt).eachLine(path, func(line string) { got = append(got, line) })
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.20q of %d bytes: %d lines, %v", text, len(text), len(got), err)
		}
	}
	first, rest := word("  ffff T\tname")
	if second, rest := word(rest); first != "ffff" || second != "T" || rest != "\tname" {
		t.Errorf("%q, %q, %q", first, second, rest)
	}
}
