//go:build linux

package bpf

import (
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func TestInfoOfProgram(t *testing.T) {
	m := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	btf := newBTF(t)
	btfInfo, err := InfoOfBTF(btf)
	must(t, err)
	before := time.Duration(0)
	var now unix.Timespec
	must(t, unix.ClockGettime(unix.CLOCK_BOOTTIME, &now))
	before = time.Duration(now.Nano())
	p := newProgram(t, program{
		kind: uapi.ProgTypeSocketFilter, name: "fifteen_bytes_x", code: usesMap(m), btf: btf,
		functions: []funcInfo{{0, btfFunc}}, lines: []lineInfo{{0, 1, 1, 1 << 10}, {2, 1, 1, 2 << 10}},
	})
	must(t, unix.ClockGettime(unix.CLOCK_BOOTTIME, &now))
	info, err := InfoOfProgram(p)
	must(t, err)
	if info.Name != "fifteen_bytes_x" || info.Type != uapi.ProgTypeSocketFilter || !info.GPL || info.BTFID != btfInfo.ID ||
		info.UID != 0 || info.Functions != 1 || info.Lines != 2 || info.XlatedBytes != 4*8 ||
		!slices.Equal(info.MapIDs, []uint32{mapID(t, m)}) || info.ID == 0 || info.Tag == [8]byte{} {
		t.Errorf("%+v", info)
	}
	if info.LoadTime < before || info.LoadTime > time.Duration(now.Nano()) {
		t.Errorf("loaded at %v, not from %v to %v", info.LoadTime, before, time.Duration(now.Nano()))
	}
	if kernelHas(t, 5, 16) && info.Verified != 4 && info.Verified != 3 {
		t.Errorf("%d instructions verified", info.Verified)
	}
	_, err = InfoOfProgram(m)
	wantErrno(t, "a map", err, unix.EINVAL)
	_, err = InfoOfMap(p)
	wantErrno(t, "a map's of a program", err, unix.EINVAL)
	_, err = InfoOfLink(p)
	wantErrno(t, "a link's of a program", err, unix.EINVAL)
	_, err = InfoOfProgram(-1)
	wantErrno(t, "nothing", err, unix.EBADF)
	none, err := InfoOfProgram(socketFilter(t, 0))
	if err != nil || len(none.MapIDs) != 0 || none.Functions != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// A program has the maps that were bound to it, once.
func TestBindMap(t *testing.T) {
	needRoot(t)
	m := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	p := socketFilter(t, 0)
	for range 2 {
		must(t, BindMap(p, m))
		info, err := InfoOfProgram(p)
		must(t, err)
		if !slices.Equal(info.MapIDs, []uint32{mapID(t, m)}) {
			t.Errorf("maps %v", info.MapIDs)
		}
	}
	wantErrno(t, "no map", BindMap(p, -1), unix.EBADF)
	wantErrno(t, "no program", BindMap(-1, m), unix.EBADF)
}

func TestStats(t *testing.T) {
	needRoot(t)
	p := newProgram(t, program{kind: uapi.ProgTypeRawTracepoint, code: returns(0)})
	closeAtEnd(t)(LinkRawTracepoint(p, "sys_enter", 0))
	stats, err := EnableStats()
	must(t, err)
	for range 100 {
		unix.Getppid()
	}
	info, err := InfoOfProgram(p)
	must(t, err)
	if info.RunCount < 100 || info.RunTime <= 0 {
		t.Errorf("%d runs in %v", info.RunCount, info.RunTime)
	}
	must(t, unix.Close(stats))
}

func TestInfoOfBTF(t *testing.T) {
	own, err := InfoOfBTF(newBTF(t))
	must(t, err)
	if own.ID == 0 || own.Name != "" || own.Kernel || own.Size == 0 {
		t.Errorf("a program's: %+v", own)
	}
	if !kernelHas(t, 5, 11) {
		return
	}
	kernel, err := InfoOfBTF(closeAtEnd(t)(OpenByID(KindBTF, 1, 0, 0)))
	must(t, err)
	stat, err := os.Stat("/sys/kernel/btf/vmlinux")
	must(t, err)
	if want := (BTFInfo{ID: 1, Name: "vmlinux", Size: int(stat.Size()), Kernel: true}); kernel != want {
		t.Errorf("%+v, want %+v", kernel, want)
	}
	_, err = InfoOfBTF(-1)
	wantErrno(t, "nothing", err, unix.EBADF)
}

// Kernels know fewer bytes of an info than this package asks for, or more.
func TestInfoOfOtherKernels(t *testing.T) {
	m := newMap(t, &MapSpec{Type: uapi.MapTypeArray, Name: "m", KeySize: 4, ValueSize: 4, MaxEntries: 1})
	var larger struct {
		mapInfo
		later [512]byte
	}
	known, errno := getInfo(m, &larger)
	if errno != 0 || known < 80 || known >= 512 || larger.keySize != 4 {
		t.Errorf("%d bytes, %v", known, errno)
	}
	larger.later[500] = 1
	if _, errno := getInfo(m, &larger); errno != unix.E2BIG {
		t.Errorf("a request that no kernel knows: %v", errno)
	}
}
