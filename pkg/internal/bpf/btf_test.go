//go:build linux

package bpf

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Types of the BTF that tests load.
const (
	btfInt  = 1
	btfFunc = 3
)

// newBTF loads a BTF with int, and a function "main" without parameters that returns one.
func newBTF(t testing.TB) int {
	t.Helper()
	needRoot(t)
	var b []byte
	words := func(list ...uint32) {
		for _, w := range list {
			b = binary.NativeEndian.AppendUint32(b, w)
		}
	}
	const text = "\x00int\x00main\x00"
	const types = 16 + 12 + 12
	b = binary.NativeEndian.AppendUint16(b, 0xeb9f)
	b = append(b, 1, 0)
	words(24, 0, types, types, uint32(len(text)))
	kind := func(k uapi.BTFKind) uint32 { return uint32(k) << 24 }
	words(1, kind(uapi.BTFKindInt), 4, 1<<24|32)
	words(0, kind(uapi.BTFKindFuncProto), btfInt)
	words(5, kind(uapi.BTFKindFunc)|uint32(uapi.BTFLinkageGlobal), 2)
	b = append(b, text...)
	log := make([]byte, 4096)
	fd, err := LoadBTF(b, log)
	if err != nil {
		t.Fatalf("%v: %s", err, goString(log))
	}
	data, err := DataOfBTF(fd)
	must(t, err)
	if !bytes.Equal(data, b) {
		t.Fatalf("%x, want %x", data, b)
	}
	return closeAtEnd(t)(fd, nil)
}

// kernelType finds a type in the running kernel's BTF.
func kernelType(t testing.TB, want uapi.BTFKind, name string) uint32 {
	t.Helper()
	data, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	must(t, err)
	word := func(at uint32) uint32 { return binary.NativeEndian.Uint32(data[at:]) }
	header := word(4)
	types, size, text := header+word(8), word(12), header+word(16)
	id := uint32(1)
	for at := types; at < types+size; id++ {
		info := word(at + 4)
		kind, count := uapi.BTFKind(info>>24&0x1f), info&0xffff
		if kind == want && goString(data[text+word(at):]) == name {
			return id
		}
		at += 12 + btfExtra(kind, count)
	}
	t.Skipf("the kernel has no %v %s", want, name)
	return 0
}

// btfExtra is how many bytes follow a type.
func btfExtra(kind uapi.BTFKind, count uint32) uint32 {
	switch kind {
	case uapi.BTFKindInt, uapi.BTFKindVar, uapi.BTFKindDeclTag:
		return 4
	case uapi.BTFKindArray:
		return 12
	case uapi.BTFKindStruct, uapi.BTFKindUnion, uapi.BTFKindDatasec, uapi.BTFKindEnum64:
		return 12 * count
	case uapi.BTFKindEnum, uapi.BTFKindFuncProto:
		return 8 * count
	}
	return 0
}
