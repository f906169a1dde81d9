//go:build linux

package bpf

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// The kernel reports the properties with which a map was created.
func TestCreateMap(t *testing.T) {
	needRoot(t)
	btf := newBTF(t)
	btfInfo, err := InfoOfBTF(btf)
	must(t, err)
	inner := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 2})
	for name, tc := range map[string]struct {
		spec         MapSpec
		major, minor int
	}{
		"hash without preallocation": {spec: MapSpec{Type: uapi.MapTypeHash, Name: "plain", KeySize: 4, ValueSize: 8, MaxEntries: 3, Flags: uapi.MapFlagNoPrealloc}},
		"array on node 0":            {spec: MapSpec{Type: uapi.MapTypeArray, Name: "numa", KeySize: 4, ValueSize: 8, MaxEntries: 3, Flags: uapi.MapFlagNUMANode}},
		"array with BTF": {spec: MapSpec{Type: uapi.MapTypeArray, Name: "typed", KeySize: 4, ValueSize: 4, MaxEntries: 3,
			BTFFD: btf, BTFKey: btfInt, BTFValue: btfInt}},
		"map of maps":                     {spec: MapSpec{Type: uapi.MapTypeHashOfMaps, Name: "outer", KeySize: 4, ValueSize: 4, MaxEntries: 2, InnerFD: inner}},
		"bloom filter with map_extra":     {spec: MapSpec{Type: uapi.MapTypeBloomFilter, Name: "bloom", ValueSize: 4, MaxEntries: 64, Extra: 3}, major: 5, minor: 16},
		"name of sixteen bytes":           {spec: MapSpec{Type: uapi.MapTypeArray, Name: "sixteen_bytes_in", KeySize: 4, ValueSize: 4, MaxEntries: 1}},
		"ring buffer, without key":        {spec: MapSpec{Type: uapi.MapTypeRingBuf, Name: "ring", MaxEntries: 4096}},
		"array of 16 MiB, locked in 5.10": {spec: MapSpec{Type: uapi.MapTypeArray, Name: "big", KeySize: 4, ValueSize: 1 << 20, MaxEntries: 16}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.major > 0 {
				needKernel(t, tc.major, tc.minor, "it knows this type of map")
			}
			s := tc.spec
			info, err := InfoOfMap(newMap(t, &s))
			must(t, err)
			if info.ID == 0 {
				t.Error("no id")
			}
			want := MapInfo{Name: s.Name[:min(15, len(s.Name))], ID: info.ID, Type: s.Type, KeySize: s.KeySize, ValueSize: s.ValueSize,
				MaxEntries: s.MaxEntries, Flags: s.Flags, Extra: s.Extra, BTFKey: s.BTFKey, BTFValue: s.BTFValue}
			if s.BTFFD != 0 {
				want.BTFID = btfInfo.ID
			}
			if info != want {
				t.Errorf("%+v, want %+v", info, want)
			}
		})
	}
}

func TestCreateMapRefused(t *testing.T) {
	needRoot(t)
	ok := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1}
	for name, tc := range map[string]struct {
		change func(*MapSpec)
		want   unix.Errno
	}{
		"no entries":                 {func(s *MapSpec) { s.MaxEntries = 0 }, unix.EINVAL},
		"a name that is cut":         {func(s *MapSpec) { s.Name = "a\x00b" }, unix.EINVAL},
		"a name with a space":        {func(s *MapSpec) { s.Name = "a b" }, unix.EINVAL},
		"a node that there is not":   {func(s *MapSpec) { s.Flags, s.NUMANode = uapi.MapFlagNUMANode, 1<<20 }, unix.EINVAL},
		"types without BTF":          {func(s *MapSpec) { s.BTFValue = 1 }, unix.EINVAL},
		"an extra for an array":      {func(s *MapSpec) { s.Extra = 1 }, unix.EINVAL},
		"an inner map for an array":  {func(s *MapSpec) { s.Type, s.InnerFD = uapi.MapTypeArrayOfMaps, 1<<20 }, unix.EBADF},
		"a device that there is not": {func(s *MapSpec) { s.Ifindex = 1 << 20 }, unix.EINVAL},
	} {
		s := ok
		tc.change(&s)
		fd, err := CreateMap(&s)
		if fd >= 0 {
			t.Errorf("%s: made", name)
			unix.Close(fd)
		}
		if name == "a device that there is not" && err == unix.ENODEV {
			continue // since arrays can be kept by a device
		}
		wantErrno(t, name, err, tc.want)
	}
}

func TestTokenAndExclusiveHashArrive(t *testing.T) {
	needRoot(t)
	s := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1}
	token := s
	token.Flags, token.TokenFD = uapi.MapFlagTokenFD, 1<<20
	_, err := CreateMap(&token)
	if kernelHas(t, 6, 9) {
		wantErrno(t, "a token that is not a descriptor", err, unix.EBADF)
	} else {
		wantUnknownFeature(t, "a token", err)
	}
	exclusive := s
	exclusive.ExclusiveHash = []byte(strings.Repeat("h", 32))
	fd, err := CreateMap(&exclusive)
	if !kernelHas(t, 6, 18) {
		wantUnknownFeature(t, "an exclusive map", err)
		return
	}
	closeAtEnd(t)(fd, err)
	_, err = loadProgram(program{kind: uapi.ProgTypeSocketFilter, code: usesMap(fd)})
	wantErrno(t, "another program uses an exclusive map", err, unix.EACCES)
}

// wantUnknownFeature fails the test unless the kernel refused a feature that it does not
// know: bytes beyond its struct, or bytes that it requires to be zero.
func wantUnknownFeature(t *testing.T, what string, err error) {
	t.Helper()
	if err != unix.E2BIG && err != unix.EINVAL {
		t.Errorf("%s for an old kernel: %v", what, err)
	}
}

func TestFreezeMap(t *testing.T) {
	s := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1}
	fd := newMap(t, &s)
	var key, value uint32
	must(t, FreezeMap(fd))
	if errno := elemsOf(fd, &s).Call(uapi.CmdMapUpdateElem, at(&key), at(&value), 0); errno != unix.EPERM {
		t.Errorf("a frozen map: %v", errno)
	}
	if err := FreezeMap(fd); err != unix.EBUSY && err != unix.EPERM { // EPERM since Linux 6.16
		t.Errorf("freeze again: %v", err)
	}
	wantErrno(t, "freeze nothing", FreezeMap(-1), unix.EBADF)
}

// File descriptors 0, 1 and 2 mean something else, so they are never results.
func TestResultsAreNotStandardFiles(t *testing.T) {
	needRoot(t)
	saved, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	must(t, err)
	must(t, unix.Close(0))
	defer func() {
		must(t, unix.Dup3(saved, 0, 0))
		must(t, unix.Close(saved))
	}()
	fd := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	must(t, err)
	if fd < 3 || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("fd %d, flags %#x", fd, flags)
	}
	if _, err := unix.FcntlInt(0, unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("fd 0 was left open: %v", err)
	}
}
