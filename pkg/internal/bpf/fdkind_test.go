//go:build linux

package bpf

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// mapSpecs are maps of all types that only need sizes.
var mapSpecs = map[uapi.MapType]MapSpec{
	uapi.MapTypeHash:               {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeArray:              {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeProgArray:          {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypePerfEventArray:     {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypePerCPUHash:         {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypePerCPUArray:        {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeStackTrace:         {KeySize: 4, ValueSize: 64, MaxEntries: 4},
	uapi.MapTypeCgroupArray:        {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeLRUHash:            {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeLPMTrie:            {KeySize: 8, ValueSize: 4, MaxEntries: 4, Flags: uapi.MapFlagNoPrealloc},
	uapi.MapTypeSockMap:            {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeQueue:              {ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeStack:              {ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeRingBuf:            {MaxEntries: 4096},
	uapi.MapTypeUserRingBuf:        {MaxEntries: 4096},
	uapi.MapTypeBloomFilter:        {ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeArena:              {MaxEntries: 4, Flags: uapi.MapFlagMmapable},
	uapi.MapTypeCPUMap:             {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeDevMap:             {KeySize: 4, ValueSize: 4, MaxEntries: 4},
	uapi.MapTypeInsnArray:          {KeySize: 4, ValueSize: 16, MaxEntries: 4},
	uapi.MapTypeReuseportSockArray: {KeySize: 4, ValueSize: 8, MaxEntries: 4},
}

// /proc and the calls that work without it return the same kind for every object that
// can be made here, and change nothing.
func TestKinds(t *testing.T) {
	needRoot(t)
	null := closeAtEnd(t)(unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0))
	link := rawTracepoint(t, 7)
	check := func(what string, fd int, want Kind) {
		t.Helper()
		if k, err := KindOf(fd); k != want || err != nil {
			t.Errorf("%s: by /proc %v, %v", what, k, err)
		}
		if k, err := kindByCalls(fd); k != want || err != nil {
			t.Errorf("%s: by calls %v, %v", what, k, err)
		}
	}
	made := 0
	for kind, spec := range mapSpecs {
		spec.Type = kind
		fd, err := CreateMap(&spec)
		if err != nil {
			t.Logf("%v: %v", kind, err)
			continue
		}
		made++
		check(kind.String()+", empty", fd, KindMap)
		var key, value [64]byte
		if elemsOf(fd, &spec).Call(uapi.CmdMapUpdateElem, at(&key), at(&value), 0) == 0 {
			check(kind.String()+" with an element", fd, KindMap)
		}
		unix.Close(fd)
	}
	if made < 15 {
		t.Errorf("only %d types of map could be made", made)
	}
	check("a program", socketFilter(t, 0), KindProgram)
	check("a link", link, KindLink)
	check("BTF", newBTF(t), KindBTF)
	check("a perf event", softwareEvent(t), KindPerfEvent)
	check("a device", null, KindOther)
	check("an iterator", iterator(t), KindOther)

	for _, f := range []func(int) (Kind, error){KindOf, kindByCalls} {
		for _, fd := range []int{-1, 1 << 30} {
			_, err := f(fd)
			wantErrno(t, "a descriptor that is not open", err, unix.EBADF)
		}
	}
	if info, err := InfoOfLink(link); err != nil || info.Cookie != 7 && kernelHas(t, 6, 17) {
		t.Errorf("the link afterwards: %+v, %v", info, err)
	}
	err := CheckKind(link, KindMap)
	wantErrno(t, "a link for a map", err, unix.EINVAL)
	if !strings.HasSuffix(err.Error(), "is a link, not a map") {
		t.Error(err)
	}
	if err := CheckKind(null, KindProgram); err == nil || !strings.HasSuffix(err.Error(), "is another file, not a program") {
		t.Error(err)
	}
}
