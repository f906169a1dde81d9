//go:build linux

package bpf

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Every created object is found by its id, and by walking through all ids.
func TestIDs(t *testing.T) {
	m := newMap(t, &MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	mapInfo, err := InfoOfMap(m)
	must(t, err)
	programInfo, err := InfoOfProgram(socketFilter(t, 0))
	must(t, err)
	btfInfo, err := InfoOfBTF(newBTF(t))
	must(t, err)
	linkInfo, err := InfoOfLink(rawTracepoint(t, 0))
	must(t, err)
	for kind, id := range map[Kind]uint32{
		KindMap: mapInfo.ID, KindProgram: programInfo.ID, KindBTF: btfInfo.ID, KindLink: linkInfo.ID,
	} {
		if next, err := NextID(kind, id-1); next != id || err != nil {
			t.Errorf("%v after %d: %d, %v", kind, id-1, next, err)
		}
		must(t, CheckKind(closeAtEnd(t)(OpenByID(kind, id, 0, 0)), kind))
		_, err := NextID(kind, 1<<31-2)
		wantErrno(t, "after the last", err, unix.ENOENT)
		_, err = OpenByID(kind, 1<<31-2, 0, 0)
		wantErrno(t, "an id that there is not", err, unix.ENOENT)
	}
	readOnly := closeAtEnd(t)(OpenByID(KindMap, mapInfo.ID, uapi.MapFlagReadOnly, 0))
	var key, value uint32
	if errno := NewElems(readOnly, MapShape{}).Call(uapi.CmdMapUpdateElem, at(&key), at(&value), 0); errno != unix.EPERM {
		t.Errorf("update through a read-only descriptor: %v", errno)
	}
	for _, kind := range []Kind{KindOther, KindPerfEvent, 200} {
		_, err := NextID(kind, 0)
		wantErrno(t, "ids of another kind", err, unix.EINVAL)
		_, err = OpenByID(kind, 1, 0, 0)
		wantErrno(t, "an id of another kind", err, unix.EINVAL)
	}
}
