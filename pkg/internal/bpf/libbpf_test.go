//go:build linux && cgo

package bpf

import (
	"errors"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/oracle"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Tests in this file compare results with libbpf's results for the same calls.

// sameErrno fails the test unless both calls ended with the same errno.
func sameErrno(t *testing.T, what string, ours, libbpfs error) {
	t.Helper()
	var a, b syscall.Errno
	errors.As(ours, &a)
	errors.As(libbpfs, &b)
	if a != b || (ours == nil) != (libbpfs == nil) {
		t.Errorf("%s: %v, libbpf %v", what, ours, libbpfs)
	}
}

func TestElementsAreLibbpfs(t *testing.T) {
	needRoot(t)
	commands := []uapi.Cmd{uapi.CmdMapLookupElem, uapi.CmdMapGetNextKey, uapi.CmdMapUpdateElem, uapi.CmdMapLookupElem,
		uapi.CmdMapGetNextKey, uapi.CmdMapLookupAndDeleteElem, uapi.CmdMapDeleteElem, uapi.CmdMapDeleteElem}
	for kind, spec := range mapSpecs {
		if kind == uapi.MapTypeCPUMap {
			continue // whose elements are threads, made and gone in their own time
		}
		t.Run(kind.String(), func(t *testing.T) {
			spec.Type = kind
			ourMap, err := CreateMap(&spec)
			if err != nil {
				t.Log(err) // this kernel lacks it
				return
			}
			closeAtEnd(t)(ourMap, nil)
			theirMap := newMap(t, &spec)
			for step, cmd := range commands {
				for _, flags := range []uapi.ElemFlags{0, uapi.ElemExist, uapi.ElemLock, 1 << 40} {
					var ours, theirs [4][64]byte
					value, libValue := at(&ours[1]), at(&theirs[1])
					switch cmd { // libbpf passes no more than this
					case uapi.CmdMapDeleteElem:
						value = nil
					case uapi.CmdMapGetNextKey:
						flags = 0
					}
					a := elemsOf(ourMap, &spec).Call(cmd, keyOf(spec, &ours), value, flags)
					b := oracle.MapElem(uintptr(cmd), theirMap, keyOf(spec, &theirs), libValue, uint64(flags))
					if a != b || ours != theirs {
						t.Errorf("step %d: %v with flags %v: %v, libbpf %v; the same bytes: %v", step, cmd, flags, a, b, ours == theirs)
					}
				}
			}
		})
	}
}

// keyOf returns a key of zeros, none for a map without keys.
func keyOf(s MapSpec, room *[4][64]byte) (key unsafe.Pointer) {
	if s.KeySize == 0 {
		return nil
	}
	if s.Type == uapi.MapTypeLPMTrie {
		room[0][0], room[0][3] = 8, 0 // a prefix of 8 bits, whatever the order of bytes
		if bigEndian {
			room[0][0], room[0][3] = 0, 8
		}
	}
	return at(&room[0])
}

func TestBatchesAreLibbpfs(t *testing.T) {
	spec := MapSpec{Type: uapi.MapTypeHash, KeySize: 4, ValueSize: 8, MaxEntries: 6}
	ourMap, theirMap := newMap(t, &spec), newMap(t, &spec)
	// Each step uses count elements from key 0 on, including one more element than
	// fits.
	for step, tc := range []struct {
		cmd   uapi.Cmd
		count int
		flags uapi.ElemFlags
	}{
		{uapi.CmdMapLookupBatch, 4, 0}, {uapi.CmdMapUpdateBatch, 4, 0}, {uapi.CmdMapUpdateBatch, 8, 0},
		{uapi.CmdMapDeleteBatch, 2, 0}, {uapi.CmdMapDeleteBatch, 4, 0}, {uapi.CmdMapUpdateBatch, 4, 1 << 50},
		{uapi.CmdMapLookupBatch, 8, 0}, {uapi.CmdMapLookupAndDeleteBatch, 8, 0}, {uapi.CmdMapLookupBatch, 8, 0},
	} {
		run := func(call func(b *Batch) (int, Errno)) (int, Errno, []uint32) {
			keys, values, out := []uint32{0, 1, 2, 3, 4, 5, 6, 7}, make([]uint64, 8), make([]uint64, 2)
			b := &Batch{Out: mem.Of(out), Keys: mem.Of(keys), Values: mem.Of(values), Count: tc.count, Flags: tc.flags}
			if tc.cmd == uapi.CmdMapUpdateBatch || tc.cmd == uapi.CmdMapDeleteBatch {
				b.Out = nil
			}
			if tc.cmd == uapi.CmdMapDeleteBatch {
				b.Values = nil
			}
			n, errno := call(b)
			slices.Sort(keys[:n]) // each map has its own order
			return n, errno, keys[:n]
		}
		n, errno, keys := run(func(b *Batch) (int, Errno) { return MapBatch(tc.cmd, ourMap, b) })
		libN, libErrno, libKeys := run(func(b *Batch) (int, Errno) {
			n, errno := oracle.MapBatch(uintptr(tc.cmd), theirMap, b.In, b.Out, b.Keys, b.Values, b.Count, uint64(b.Flags))
			if errno != 0 && errno != unix.ENOENT && n == b.Count {
				n = 0 // refused early
			}
			return n, errno
		})
		if n != libN || errno != libErrno || !slices.Equal(keys, libKeys) {
			t.Errorf("step %d: %d %v %v, libbpf %d %v %v", step, n, errno, keys, libN, libErrno, libKeys)
		}
	}
}

func TestMapsAreLibbpfs(t *testing.T) {
	needRoot(t)
	for kind, spec := range mapSpecs {
		spec.Type, spec.Name = kind, "a_map.of_16_byte"
		ours, err := CreateMap(&spec)
		theirs, libErr := oracle.CreateMap(oracle.NewMap{Type: uint32(kind), Name: spec.Name, KeySize: spec.KeySize, ValueSize: spec.ValueSize,
			MaxEntries: spec.MaxEntries, Flags: uint32(spec.Flags), Extra: spec.Extra})
		sameErrno(t, kind.String(), err, libErr)
		if err != nil || libErr != nil {
			continue
		}
		for _, fd := range []int{closeAtEnd(t)(ours, nil), closeAtEnd(t)(theirs, nil)} {
			a, err := InfoOfMap(fd)
			b, libErr := oracle.MapInfoByFD(fd)
			sameErrno(t, kind.String(), err, libErr)
			if a.Name != b.Name || a.ID != b.ID || uint32(a.Type) != uint32(b.Type) || a.KeySize != b.KeySize ||
				a.ValueSize != b.ValueSize || a.MaxEntries != b.MaxEntries || uint32(a.Flags) != uint32(b.Flags) || a.Extra != b.Extra {
				t.Errorf("%+v, libbpf %+v", a, b)
			}
		}
		sameErrno(t, "freeze "+kind.String(), FreezeMap(ours), oracle.MapFreeze(theirs))
		sameErrno(t, "freeze again "+kind.String(), FreezeMap(ours), oracle.MapFreeze(theirs))
	}
	bad := MapSpec{Type: uapi.MapTypeArray, Name: "no name", KeySize: 4, ValueSize: 4, MaxEntries: 1}
	_, err := CreateMap(&bad)
	_, libErr := oracle.CreateMap(oracle.NewMap{Type: uint32(bad.Type), Name: bad.Name, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	sameErrno(t, "a name with a space", err, libErr)
}

func TestProgramInfoIsLibbpfs(t *testing.T) {
	m := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	for _, fd := range []int{
		socketFilter(t, 0), newProgram(t, program{kind: uapi.ProgTypeSocketFilter, name: "maps", code: usesMap(m)}),
		tracingProgram(t), iterProgram(t, "task"),
	} {
		a, err := InfoOfProgram(fd)
		b, libErr := oracle.ProgramInfoByFD(fd)
		sameErrno(t, "info", err, libErr)
		if a.Name != b.Name || uint32(a.Type) != uint32(b.Type) || a.ID != b.ID || a.BTFID != b.BTFID || a.Tag != b.Tag ||
			a.LoadTime != b.LoadTime || a.UID != b.UID || !slices.Equal(a.MapIDs, b.MapIDs) || a.XlatedBytes != b.XlatedBytes ||
			a.JitedBytes != b.JitedBytes || a.Verified != b.Verified || a.GPL != b.GPL || a.AttachObject != b.AttachObject ||
			a.AttachBTF != b.AttachBTF || a.RunTime != b.RunTime || a.RunCount != b.RunCount || a.RecursionMisses != b.RecursionMisses {
			t.Errorf("%+v, libbpf %+v", a, b)
		}
	}
}

func TestLinkInfoIsLibbpfs(t *testing.T) {
	for _, tc := range linkCases {
		t.Run(tc.name, func(t *testing.T) {
			needRoot(t)
			needKernel(t, tc.major, tc.minor, "it has this kind of link")
			link, _ := tc.make(t)
			a, err := InfoOfLink(link)
			b, libErr := oracle.LinkInfoByFD(link)
			if errors.Is(libErr, unix.E2BIG) {
				t.Skip("the binding asks older kernels for names that they do not know")
			}
			sameErrno(t, "info", err, libErr)
			if a.Type == uapi.LinkTypeRawTracepoint || a.Type == uapi.LinkTypeTracing {
				a.Cookie = b.Cookie // which the binding does not read
			}
			if uint32(a.Type) != uint32(b.Type) || a.Type.String() != b.TypeName || a.ID != b.ID || a.ProgramID != b.ProgramID ||
				uint32(a.AttachType) != uint32(b.AttachType) || a.Ifindex != b.Ifindex || a.CgroupID != b.CgroupID ||
				a.NetnsInode != b.NetnsInode || a.MapID != b.MapID || a.TargetObject != b.TargetObject ||
				a.TargetBTF != b.TargetBTF || a.Cookie != b.Cookie || a.Name != b.Name {
				t.Errorf("%+v, libbpf %+v", a, b)
			}
		})
	}
	_, err := InfoOfLink(-1)
	sameErrno(t, "no link", err, unix.EBADF) // libbpf passes on EBADFD
}

func TestRunIsLibbpfs(t *testing.T) {
	cls := newProgram(t, program{kind: uapi.ProgTypeSchedCls, code: returns(42)})
	for name, o := range map[string]RunOptions{
		"packet":                 {Data: packet, DataOut: make([]byte, 100)},
		"twice":                  {Data: packet, DataOut: make([]byte, 100), Repeat: 2},
		"too little room":        {Data: packet, DataOut: make([]byte, 20)},
		"no room":                {Data: packet},
		"nothing":                {},
		"context":                {Data: packet, Context: make([]byte, 192), ContextOut: make([]byte, 192)},
		"context too long":       {Data: packet, Context: slices.Repeat([]byte{1}, 1000)},
		"unknown flag":           {Data: packet, Flags: 1 << 20},
		"batch for a wrong type": {Data: packet, BatchSize: 3},
	} {
		theirs := o
		theirs.DataOut, theirs.ContextOut = slices.Clone(o.DataOut), slices.Clone(o.ContextOut)
		a, err := Run(cls, &o)
		b, libErr := oracle.Run(cls, oracle.RunOptions{Data: theirs.Data, DataOut: theirs.DataOut, Context: theirs.Context,
			ContextOut: theirs.ContextOut, Repeat: o.Repeat, Flags: uint32(o.Flags), CPU: o.CPU, BatchSize: o.BatchSize})
		sameErrno(t, name, err, libErr)
		if a.Return != b.Return || !slices.Equal(a.Data, b.Data) || !slices.Equal(a.Context, b.Context) {
			t.Errorf("%s: %+v, libbpf %+v", name, a, b)
		}
	}
}

func TestDescriptorsAreLibbpfs(t *testing.T) {
	m := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	path := filepath.Join(bpffs(t), "map")
	must(t, oracle.PinFD(m, path))
	sameErrno(t, "pin again", Pin(m, path, PinOptions{}), oracle.PinFD(m, path))
	sameErrno(t, "pin outside", Pin(m, "/tmp/bpfskel-no", PinOptions{}), oracle.PinFD(m, "/tmp/bpfskel-no"))
	sameErrno(t, "pin nowhere", Pin(m, "", PinOptions{}), oracle.PinFD(m, ""))
	for _, p := range []string{path, path + "x", "", "/dev/null"} {
		fd, err := OpenPin(p, PinOptions{})
		libFD, libErr := oracle.OpenPin(p)
		sameErrno(t, "open "+p, err, libErr)
		if err == nil && mapID(t, closeAtEnd(t)(fd, err)) != mapID(t, closeAtEnd(t)(libFD, libErr)) {
			t.Error("another map")
		}
	}
	for _, id := range []uint32{mapID(t, m), 1<<31 - 2} {
		fd, err := OpenByID(KindMap, id, 0, 0)
		libFD, libErr := oracle.MapFDByID(id)
		sameErrno(t, "by id", err, libErr)
		if err == nil && mapID(t, closeAtEnd(t)(fd, err)) != mapID(t, closeAtEnd(t)(libFD, libErr)) {
			t.Error("another map")
		}
	}
	filter := socketFilter(t, 0)
	sameErrno(t, "update no link", UpdateLink(m, LinkUpdate{New: filter}), oracle.UpdateLink(m, filter))
	link := rawTracepoint(t, 0)
	sameErrno(t, "update a raw tracepoint", UpdateLink(link, LinkUpdate{New: filter}), oracle.UpdateLink(link, filter))
	_, err := NewIterator(link)
	_, libErr := oracle.NewIterator(link)
	sameErrno(t, "iterate a raw tracepoint", err, libErr)
	n, err := NumPossibleCPUs()
	want, libErr := oracle.NumPossibleCPUs()
	sameErrno(t, "CPUs", err, libErr)
	if n != want {
		t.Errorf("%d CPUs, libbpf %d", n, want)
	}
}
