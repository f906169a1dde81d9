//go:build linux && cgo

package light

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// objectWith is an object whose only program, which returns 0, is in a section.
func objectWith(t testing.TB, section string) []byte {
	t.Helper()
	const name, license = "program", "license"
	var texts []byte
	text := func(s string) uint32 {
		at := len(texts)
		texts = append(append(texts, s...), 0)
		return uint32(at)
	}
	text("")
	order := binary.NativeEndian
	var symbols bytes.Buffer
	put := func(to *bytes.Buffer, v any) { testkit.Must(t, binary.Write(to, order, v)) }
	put(&symbols, elf.Sym64{})
	put(&symbols, elf.Sym64{Name: text(name), Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), Shndx: 3, Size: 16})
	headers := []elf.Section64{
		{},
		{Type: uint32(elf.SHT_STRTAB), Name: text(".strtab"), Addralign: 1},
		{Type: uint32(elf.SHT_SYMTAB), Name: text(".symtab"), Link: 1, Info: 1, Entsize: 24, Addralign: 8},
		{Type: uint32(elf.SHT_PROGBITS), Name: text(section), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR), Addralign: 8},
		{Type: uint32(elf.SHT_PROGBITS), Name: text(license), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE), Addralign: 1},
	}
	code := append(instruction(0xb7, 0, 0, 0), instruction(0x95, 0, 0, 0)...)
	data := [][]byte{nil, texts, symbols.Bytes(), code, []byte("GPL\x00")}
	const header = 64
	var out bytes.Buffer
	out.Write(make([]byte, header))
	for i := range headers {
		for out.Len()%8 != 0 {
			out.WriteByte(0)
		}
		if i > 0 {
			headers[i].Off, headers[i].Size = uint64(out.Len()), uint64(len(data[i]))
		}
		out.Write(data[i])
	}
	for out.Len()%8 != 0 {
		out.WriteByte(0)
	}
	table := uint64(out.Len())
	put(&out, headers)
	h := elf.Header64{
		Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_BPF), Version: 1, Ehsize: header,
		Shoff: table, Shentsize: 64, Shnum: uint16(len(headers)), Shstrndx: 1,
	}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	if order.Uint16([]byte{1, 0}) != 1 {
		h.Ident[elf.EI_DATA] = byte(elf.ELFDATA2MSB)
	}
	var head bytes.Buffer
	put(&head, h)
	copy(out.Bytes(), head.Bytes())
	return out.Bytes()
}

// libbpfProgram loads a program of that section with libbpf.
func libbpfProgram(t testing.TB, section string) backend.Program {
	t.Helper()
	testkit.NeedRoot(t)
	object := objectWith(t, section)
	o, err := libbpf.NewEmbedded(string(object), crc32.ChecksumIEEE(object)).Open(&backend.Spec{Name: "object", Programs: []string{"program"}}, backend.OpenOptions{})
	if err != nil {
		t.Fatalf("%q: %v", section, err)
	}
	t.Cleanup(o.Close)
	if err := o.Load(); err != nil {
		t.Fatalf("%q: %v", section, err)
	}
	return o.Program(0)
}

// needLibbpf17 skips the test with an older library, whose errors differ.
func needLibbpf17(t testing.TB) {
	t.Helper()
	if libbpf.Version < 107 {
		t.Skip("it compares with libbpf 1.7")
	}
}

func infoOf(p backend.Program) progInfo {
	return in(p.Section(), progInfo{name: p.Name(), kind: p.Type(), attachType: p.AttachType()})
}

// outcome is the result of an attempt to attach, without what differs each time.
type outcome struct {
	attached bool
	link     [112]byte // the kernel's information on it, zeros for a perf event without a link
	err      error
	messages []string
}

// The number of a descriptor, an errno, and what libelf says of a file.
var varying = regexp.MustCompile(`FD \d+|: -?E?[A-Z0-9]+$|( from \S+):.*`)

func outcomeOf(t testing.TB, l backend.Link, err error) (o outcome) {
	t.Helper()
	if l != nil {
		o.link = linkInfo(l.FD())
		testkit.Must(t, l.Destroy())
		o.attached = true
	}
	var e *backend.Error
	if err == nil {
		return o
	} else if !errors.As(err, &e) {
		t.Fatalf("%#v", err)
	}
	o.err = e.Err
	for _, text := range e.Log.Warnings() {
		text = strings.TrimSuffix(strings.TrimSpace(text), ": "+e.Err.Error())
		o.messages = append(o.messages, varying.ReplaceAllString(text, "$1"))
	}
	return o
}

func (o outcome) String() string {
	return fmt.Sprintf("attached %v %x, %v: %q", o.attached, bytes.TrimRight(o.link[:], "\x00"), o.err, o.messages)
}

// linkInfo returns struct bpf_link_info without its id: the functions, offsets and cookies.
func linkInfo(fd int) (info [112]byte) {
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&info)
	var attr [16]byte
	binary.NativeEndian.PutUint32(attr[0:], uint32(fd))
	binary.NativeEndian.PutUint32(attr[4:], uint32(len(info)))
	binary.NativeEndian.PutUint64(attr[8:], uint64(uintptr(mem.Of(info[:])))) // SAFETY: pinned
	// SAFETY: the kernel reads attr during the call, and writes info.
	_, _, _ = unix.Syscall(unix.SYS_BPF, uintptr(uapi.CmdObjGetInfoByFD), uintptr(mem.Of(attr[:])), uintptr(len(attr)))
	clear(info[4:8])
	return info
}

// same compares with libbpf's outcome.
func (o outcome) same(t testing.TB, what string, want outcome) {
	t.Helper()
	if o.attached != want.attached || o.link != want.link || o.err != want.err || !slices.Equal(o.messages, want.messages) {
		t.Errorf("%s:\n%v, libbpf\n%v", what, o, want)
	}
}

// fileWithFunctions is a file with the functions target_one, target_two and main, at
// offsets from which on it has zeros.
func fileWithFunctions(t testing.TB) (path string, one uint64) {
	t.Helper()
	path, one = t.TempDir()+"/target", 0x4010
	data := elfWith(binary.NativeEndian, true, function("target_one", one), function("target_two", 0x4020), function("main", 0x4030), function("printf", 0).in(""))
	data = append(data, make([]byte, 0x5000-len(data))...)
	testkit.Must(t, os.WriteFile(path, data, 0o600))
	return path, one
}

// archiveWithProgram is an archive that has a program with the function f.
func archiveWithProgram(t testing.TB) string {
	t.Helper()
	program := elfWith(binary.NativeEndian, true, function("f", 0x1010))
	packed := bytes.Repeat([]byte{0}, 32)
	var data bytes.Buffer
	w := zip.NewWriter(&data)
	for _, f := range []struct {
		name   string
		method uint16
		data   []byte
	}{{"text", zip.Store, []byte("text")}, {"program", zip.Store, program}, {"packed", zip.Deflate, packed}} {
		// Sizes before the data, without which libbpf does not see the file.
		part, err := w.CreateRaw(&zip.FileHeader{
			Name: f.name, Method: f.method, CRC32: crc32.ChecksumIEEE(f.data), CompressedSize64: uint64(len(f.data)), UncompressedSize64: uint64(len(f.data)),
		})
		testkit.Must(t, err)
		_, err = part.Write(f.data)
		testkit.Must(t, err)
	}
	testkit.Must(t, w.Close())
	path := t.TempDir() + "/archive"
	testkit.Must(t, os.WriteFile(path, data.Bytes(), 0o600))
	return path
}

// Each section means to us what it means to libbpf: the same attachment, or the same
// error with the same messages.
func TestSectionsMeanWhatTheyMeanToLibbpf(t *testing.T) {
	needLibbpf17(t)
	file, _ := fileWithFunctions(t)
	relative := "libnot.so.7"
	var sections []string
	add := func(kinds []string, rests ...string) {
		if testing.Short() && strings.HasPrefix(kinds[0], "uprobe") { // guests are slow
			kinds = kinds[:2]
		}
		for _, kind := range kinds {
			for _, rest := range rests {
				sections = append(sections, kind+rest)
			}
		}
	}
	add([]string{"socket", "tc", "tc/ingress", "tcx/egress", "action", "xdp", "xdp/devmap", "perf_event", "syscall", "sockops", "sk_skb", "sk_msg",
		"cgroup_skb/ingress", "cgroup/skb", "cgroup/dev", "sk_lookup", "netfilter", "lwt_in", "flow_dissector", "sk_reuseport"}, "")
	add([]string{"tp", "tracepoint"}, "", "/", "/raw_syscalls", "/raw_syscalls/", "/raw_syscalls/sys_enter", "/raw_syscalls/sys_enter/more", "/no/such", "//x")
	add([]string{"raw_tp", "raw_tracepoint", "raw_tp.w", "raw_tracepoint.w"}, "", "/", "/sys_enter", "/no_such", "/sys_enter/more", "/sys enter")
	add([]string{"kprobe", "kretprobe"}, "", "/", "/vfs_open", "/vfs_open+0x10", "/vfs_open+16", "/vfs_open+010", "/vfs_open+ 7", "/vfs_open+-7", "/vfs_open+x",
		"/vfs_open+", "/vfs_open+0", "/vfs_open+0x", "/vfs_open+0xg", "/vfs_open+0x10more", "/+0x10", "/vfs_open more", "/vfs-open", "/ vfs_open", "/vfs_open.part.0+08",
		"/vfs_open+99999999999999999999", "/vfs_open+0xffffffffffffffffff", "/vfs_open++4", "/vfs_open+1+2")
	add([]string{"ksyscall", "kretsyscall"}, "", "/", "/getppid", "/no_such", "/get ppid")
	add([]string{"kprobe.multi", "kretprobe.multi", "kprobe.session"}, "", "/", "/vfs_open", "/no_such_function", "/no_such_*", "/ vfs*", "/-", "/vfs_open more")
	add([]string{"uprobe", "uretprobe", "uprobe.s", "uretprobe.s"}, "", "/", "/:", "/:target_one", "/"+file, "/"+file+":", "/"+file+":target_one", "/"+file+":target_one+0x1",
		"/"+file+":target_one+0", "/"+file+":target_one+", "/"+file+":target_one+x", "/"+file+":target_one+1x", "/"+file+":+", "/"+file+":+0", "/"+file+":no_such",
		"/"+file+":main@", "/"+file+":target_one@@X", "/"+file+":target_one\nmore", "/"+file+"\n:target_one", "/"+relative+":f", "/no_such_program:f", "//no/such/file:f", "//:f",
		"//etc/passwd:f", "//dev/null:f", "/"+file+":printf")
	add([]string{"uprobe.multi", "uretprobe.multi", "uprobe.session", "uprobe.multi.s", "uretprobe.multi.s", "uprobe.session.s"}, "", "/", "/:x", "/"+file, "/"+file+":",
		"/"+file+":target_one", "/"+file+":target_*", "/"+file+":*_?ne", "/"+file+":no_such*", "//no/such/file:f*", "/"+relative+":f*", "//etc/passwd:f*", "//:f*")
	for _, section := range sections {
		if section == "netfilter" && !testkit.KernelHas(t, 6, 4) {
			continue
		}
		p := libbpfProgram(t, section)
		before := resourcesNow(t)
		l, err := p.Attach()
		want := outcomeOf(t, l, err)
		l, err = attachBySection(p.FD(), infoOf(p))
		outcomeOf(t, l, err).same(t, section, want)
		if !want.attached {
			l, err = p.AutoAttach()
			want = outcomeOf(t, l, err)
			l, err = autoAttach(p.FD(), infoOf(p))
			outcomeOf(t, l, err).same(t, section+", attached with others", want)
		}
		checkResources(t, before)
	}
	t.Logf("%d sections", len(sections))
}

// For valid and invalid targets, the attachment or the error equals libbpf's.
func TestTargetsMeanWhatTheyMeanToLibbpf(t *testing.T) {
	needLibbpf17(t)
	file, one := fileWithFunctions(t)
	archive := archiveWithProgram(t)
	list := func(n ...uint64) []uint64 { return n }
	type targets = backend.Targets
	for section, all := range map[string][]any{
		"tp": {
			backend.Tracepoint{Category: "raw_syscalls", Name: "sys_enter", Cookie: 1}, backend.Tracepoint{Category: "raw_syscalls"},
			backend.Tracepoint{Category: "../../..", Name: "x"}, backend.Tracepoint{},
		},
		"kprobe": {
			backend.Kprobe{Function: "vfs_open"}, backend.Kprobe{Function: "vfs_open", Offset: 1 << 40, Return: true},
			backend.Kprobe{Function: "no_such_function"}, backend.Kprobe{Function: "no_such_function", Return: true}, backend.Kprobe{Function: "vfs_open", Mode: modePerf, Cookie: 1},
			backend.Kprobe{Function: "vfs_open", Mode: modeLink}, backend.Kprobe{Function: "vfs_open", Mode: 4}, backend.Kprobe{Function: "vfs_open", Mode: -1},
			backend.Ksyscall{Name: "getppid"}, backend.Ksyscall{Name: "no_such"}, backend.Ksyscall{},
			backend.Tracepoint{Category: "raw_syscalls", Name: "sys_enter"},
		},
		"uprobe": {
			backend.Uprobe{PID: -1, Path: file, Function: "target_one"}, backend.Uprobe{PID: -1, Path: file, Function: "target_one", Offset: 1 << 40},
			backend.Uprobe{PID: -1, Path: file, Offset: one}, backend.Uprobe{PID: -1, Path: file, Offset: one + 1<<20}, backend.Uprobe{PID: 1 << 22, Path: file, Offset: one},
			backend.Uprobe{PID: -1, Path: file, Offset: one, Mode: modePerf, Cookie: 1}, backend.Uprobe{PID: -1, Path: file, Offset: one, Mode: modeLegacy, RefCounter: 1},
			backend.Uprobe{PID: -1, Path: file, Offset: one, Mode: modeLegacy, Cookie: 1}, backend.Uprobe{PID: -1, Path: file, Offset: one, Mode: 9},
			backend.Uprobe{PID: -1, Path: file, Offset: one, RefCounter: 1 << 32}, backend.Uprobe{PID: -1, Path: file, Offset: one, RefCounter: 3},
			backend.Uprobe{PID: -1, Path: "true", Offset: 1}, backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "malloc"}, backend.Uprobe{PID: -1, Path: "/", Offset: 1},
			backend.Uprobe{PID: -1}, backend.Uprobe{PID: -1, Path: file + "!/x", Function: "f"}, backend.Uprobe{PID: -1, Path: "/no/such!/x", Function: "f"},
			backend.Uprobe{PID: -1, Path: archive + "!/program", Function: "f"}, backend.Uprobe{PID: -1, Path: archive + "!/program", Function: "g"},
			backend.Uprobe{PID: -1, Path: archive + "!/none", Function: "f"}, backend.Uprobe{PID: -1, Path: archive + "!/", Function: "f"},
			backend.Uprobe{PID: -1, Path: archive + "!/packed", Function: "f"}, backend.Uprobe{PID: -1, Path: archive + "!/text", Function: "f"},
			backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "memcpy"}, backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "memcpy@GLIBC_2.14"},
			backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "realpath"}, backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "realpath@GLIBC_2.3"},
			backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "realpath@@GLIBC_2.2.5"}, backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "realpath@GLIBC_9"},
			backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "realpath@"}, backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "@GLIBC_2.2.5"},
			backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "real"}, backend.Uprobe{PID: -1, Path: "libc.so.6", Function: "_exit"},
		},
		"kprobe.multi": {
			backend.KprobeMulti{}, backend.KprobeMulti{Pattern: "vfs_open"}, backend.KprobeMulti{Pattern: "no_such_*"}, backend.KprobeMulti{Pattern: "vfs_open", Targets: targets{Unique: true}},
			backend.KprobeMulti{Pattern: "vfs_open", Targets: targets{Names: []string{"vfs_open"}}}, backend.KprobeMulti{Targets: targets{Names: []string{"vfs_open"}}},
			backend.KprobeMulti{Targets: targets{Names: []string{"no_such"}}}, backend.KprobeMulti{Targets: targets{Names: []string{"a", "b"}, Locations: list(1, 2)}},
			backend.KprobeMulti{Targets: targets{Names: []string{"a", "b"}, Cookies: list(1)}}, backend.KprobeMulti{Targets: targets{Locations: list(1), Cookies: list(1)}},
			backend.KprobeMulti{Targets: targets{Cookies: list(1)}}, backend.KprobeMulti{Targets: targets{Locations: list(1), Unique: true}},
			backend.KprobeMulti{Pattern: "vfs_open", Targets: targets{Return: true, Session: true}}, backend.KprobeMulti{Targets: targets{Locations: list(1), Return: true}},
		},
		"uprobe.multi": {
			backend.UprobeMulti{PID: -1, Path: file, Pattern: "target_*"}, backend.UprobeMulti{PID: -1, Path: file}, backend.UprobeMulti{PID: -1, Pattern: "x"},
			backend.UprobeMulti{PID: -1, Path: file, Pattern: "no_such_*"}, backend.UprobeMulti{PID: 1 << 22, Path: file, Pattern: "target_*"},
			backend.UprobeMulti{PID: -1, Path: file, Targets: targets{Names: []string{"target_one", "target_two"}}},
			backend.UprobeMulti{PID: -1, Path: file, Targets: targets{Locations: list(one), RefCounters: list(3)}},
			backend.UprobeMulti{PID: -1, Path: file, Targets: targets{Locations: list(1 << 40)}},
			backend.UprobeMulti{PID: -1, Path: file, Pattern: "target_*", Targets: targets{Locations: list(one)}},
			backend.UprobeMulti{PID: -1, Path: file, Targets: targets{Locations: list(one), Names: []string{"target_one"}}},
			backend.UprobeMulti{PID: -1, Path: file, Targets: targets{Locations: list(one), Cookies: list(1, 2)}},
			backend.UprobeMulti{PID: -1, Path: file, Targets: targets{RefCounters: list(1)}},
			backend.UprobeMulti{PID: -1, Path: file, Pattern: "target_*", Targets: targets{Return: true, Session: true}},
			backend.UprobeMulti{PID: -1, Path: file, Pattern: "target_*", Targets: targets{Return: true}},
			backend.UprobeMulti{PID: -1, Path: "libc.so.6", Pattern: "real*"}, backend.UprobeMulti{PID: -1, Path: "libc.so.6", Targets: targets{Locations: list(1)}},
			backend.UprobeMulti{PID: -1, Path: "libnot.so.7", Pattern: "real*"}, backend.UprobeMulti{PID: -1, Path: "libnot.so.7", Targets: targets{Names: []string{"f"}}},
		},
		"xdp": {backend.Tracepoint{Category: "raw_syscalls", Name: "sys_enter"}, backend.Uprobe{PID: -1, Path: file, Offset: one}, backend.UprobeMulti{PID: -1, Path: file, Pattern: "target_*"}},
	} {
		p := libbpfProgram(t, section)
		for _, target := range all {
			before := resourcesNow(t)
			l, err := p.(libbpf.Program).AttachTo(target)
			want := outcomeOf(t, l, err)
			l, err = attachTo(p.FD(), infoOf(p), probing(target))
			outcomeOf(t, l, err).same(t, fmt.Sprintf("%s: %T%+v", section, target, target), want)
			checkResources(t, before)
		}
	}
}

// libbpf registers its own implementation of filters when it is linked, and so does this
// package, which comes after it.
var libbpfTC = func() backend.TC {
	registered, err := backend.RegisteredTC()
	if _, ours := registered.(tc); err == nil && !ours {
		return registered
	}
	return nil
}()

// Each operation on a filter returns the same result and the same error text as libbpf.
func TestTCEqualsLibbpf(t *testing.T) {
	needLibbpf17(t)
	if libbpfTC == nil {
		t.Fatal("libbpf's implementation was not found")
	}
	first, id := classifier(t, "first")
	second, _ := classifier(t, "second")
	var ours, theirs map[string]string
	inNetwork(t, func(int) { ours = runTC(tc{}, first, second, id) })
	inNetwork(t, func(int) { theirs = runTC(libbpfTC, first, second, id) })
	for _, s := range tcSteps {
		if ours[s.name] != theirs[s.name] {
			t.Errorf("%s: %s, libbpf: %s", s.name, ours[s.name], theirs[s.name])
		}
	}
}
