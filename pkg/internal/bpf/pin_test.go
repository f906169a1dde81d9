//go:build linux

package bpf

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func TestPins(t *testing.T) {
	dir := bpffs(t)
	spec := MapSpec{Type: uapi.MapTypeArray, KeySize: 4, ValueSize: 4, MaxEntries: 1}
	fd := newMap(t, &spec)
	path := filepath.Join(dir, "map")
	must(t, Pin(fd, path, PinOptions{}))
	wantErrno(t, "pin again", Pin(fd, path, PinOptions{}), unix.EEXIST)
	wantErrno(t, "pin elsewhere", Pin(fd, filepath.Join(os.TempDir(), "bpfskel-no-bpffs"), PinOptions{}), unix.EPERM)
	wantErrno(t, "pin nothing", Pin(-1, filepath.Join(dir, "nothing"), PinOptions{}), unix.EINVAL)
	wantErrno(t, "a path that is cut", Pin(fd, path+"\x00x", PinOptions{}), unix.EINVAL)
	wantErrno(t, "no path", Pin(fd, "", PinOptions{}), unix.ENOENT)

	opened := closeAtEnd(t)(OpenPin(path, PinOptions{}))
	was, err := InfoOfMap(fd)
	must(t, err)
	is, err := InfoOfMap(opened)
	must(t, err)
	if is != was {
		t.Errorf("%+v, want %+v", is, was)
	}
	readOnly := closeAtEnd(t)(OpenPin(path, PinOptions{Flags: uapi.MapFlagReadOnly}))
	var key, value uint32
	e := elemsOf(readOnly, &spec)
	if errno := e.Call(uapi.CmdMapUpdateElem, at(&key), at(&value), 0); errno != unix.EPERM {
		t.Errorf("update through a read-only descriptor: %v", errno)
	}
	if errno := e.Call(uapi.CmdMapLookupElem, at(&key), at(&value), 0); errno != 0 {
		t.Errorf("look up through a read-only descriptor: %v", errno)
	}
	_, err = OpenPin(filepath.Join(dir, "nothing"), PinOptions{})
	wantErrno(t, "open nothing", err, unix.ENOENT)
	_, err = OpenPin("", PinOptions{})
	wantErrno(t, "open no path", err, unix.ENOENT)
	must(t, os.Remove(path))
}

func TestPinRelativeToFolder(t *testing.T) {
	needKernel(t, 6, 5, "paths of pins may be relative to a folder")
	dir := bpffs(t)
	folder := closeAtEnd(t)(unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0))
	o := PinOptions{Flags: uapi.MapFlagPathFD, DirFD: folder}
	must(t, Pin(socketFilter(t, 0), "program", o))
	if _, err := os.Stat(filepath.Join(dir, "program")); err != nil {
		t.Error(err)
	}
	must(t, CheckKind(closeAtEnd(t)(OpenPin("program", o)), KindProgram))
}
