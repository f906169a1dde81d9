//go:build linux

package light

import (
	"encoding/binary"
	"hash/maphash"
	"os"
	"strings"
	"sync"
	"syscall"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// kernelTypes is the BTF of the kernel, or of a module or program.
type kernelTypes struct {
	types, text []byte
	first       uint32 // id of the first type
	firstText   uint32 // offset of the first own byte of text: what is before is the base's
	base        *kernelTypes
	count       uint32

	lock sync.Mutex // of scan and index
	// index is a hash table of the ids of all types that have names; 0 is empty. It is
	// made by the first look-up.
	index []uint32
	at    []uint32 // offset of each type in types
	seed  maphash.Seed
}

const vmlinuxFile = "/sys/kernel/btf/vmlinux"

// vmlinux holds the kernel's types as long as anybody uses them.
var vmlinux struct {
	sync.Mutex
	types weak.Pointer[kernelTypes]
}

// vmlinuxTypes returns the kernel's own types.
func vmlinuxTypes() (*kernelTypes, error) {
	vmlinux.Lock()
	defer vmlinux.Unlock()
	if t := vmlinux.types.Value(); t != nil {
		return t, nil
	}
	data, err := os.ReadFile(vmlinuxFile)
	if err != nil {
		return nil, err
	}
	t, err := parseTypes(data, nil)
	if err == nil {
		vmlinux.types = weak.Make(t)
	}
	return t, err
}

// parseTypes finds the parts of a BTF, which may continue base.
func parseTypes(data []byte, base *kernelTypes) (*kernelTypes, error) {
	const header, magic = 24, 0xeb9f
	if len(data) < header || binary.NativeEndian.Uint16(data) != magic {
		return nil, syscall.EINVAL
	}
	word := func(at int) uint64 { return uint64(binary.NativeEndian.Uint32(data[at:])) }
	start := word(4)
	part := func(at int) []byte {
		from, size := start+word(at), word(at+4)
		if from+size > uint64(len(data)) {
			return nil
		}
		return data[from : from+size]
	}
	t := &kernelTypes{types: part(8), text: part(16), first: 1, base: base}
	if base != nil {
		base.scan()
		t.first, t.firstText = base.first+base.count, base.firstText+uint32(len(base.text))
	}
	if t.types == nil || t.text == nil {
		return nil, syscall.EINVAL
	}
	return t, nil
}

// The sizes of what follows struct btf_type, and of each member.
var typeSizes = [...]struct{ fixed, member uint8 }{
	uapi.BTFKindInt: {4, 0}, uapi.BTFKindArray: {12, 0}, uapi.BTFKindStruct: {0, 12}, uapi.BTFKindUnion: {0, 12},
	uapi.BTFKindEnum: {0, 8}, uapi.BTFKindFuncProto: {0, 8}, uapi.BTFKindVar: {4, 0}, uapi.BTFKindDatasec: {0, 12},
	uapi.BTFKindDeclTag: {4, 0}, uapi.BTFKindEnum64: {0, 12},
}

// scan finds the offset of each type. It stops at a type that it does not know.
func (t *kernelTypes) scan() {
	if t.at != nil {
		return
	}
	const header = 12
	t.at = make([]uint32, 0, len(t.types)/24)
	for at := 0; at+header <= len(t.types); {
		info := binary.NativeEndian.Uint32(t.types[at+4:])
		kind, members := info>>24&0x1f, int(info&0xffff)
		if int(kind) >= len(typeSizes) {
			break
		}
		t.at = append(t.at, uint32(at))
		size := typeSizes[kind]
		at += header + int(size.fixed) + members*int(size.member)
	}
	t.count = uint32(len(t.at))
}

// name returns the name of the type at an offset, without copying it.
func (t *kernelTypes) name(at uint32) []byte {
	offset := binary.NativeEndian.Uint32(t.types[at:])
	text := t.text
	if t.base != nil {
		if offset < t.firstText {
			text = t.base.text
		} else {
			offset -= t.firstText
		}
	}
	if uint64(offset) >= uint64(len(text)) {
		return nil
	}
	text = text[offset:]
	for i, c := range text {
		if c == 0 {
			return text[:i]
		}
	}
	return nil
}

func (t *kernelTypes) kind(at uint32) uapi.BTFKind {
	return uapi.BTFKind(binary.NativeEndian.Uint32(t.types[at+4:]) >> 24 & 0x1f)
}

// indexed reports whether look-ups ask for types of a kind: functions, variables, and the
// typedefs that stand for tracepoints.
func indexed(kind uapi.BTFKind) bool {
	return kind == uapi.BTFKindFunc || kind == uapi.BTFKindVar || kind == uapi.BTFKindTypedef
}

// find returns the id of the type with the given name and kind.
func (t *kernelTypes) find(name string, kind uapi.BTFKind) (id uint32, ok bool) {
	t.scan()
	if !indexed(kind) {
		for i, at := range t.at {
			if t.kind(at) == kind && string(t.name(at)) == name {
				return t.first + uint32(i), true
			}
		}
		return 0, false
	}
	t.makeIndex()
	mask := uint64(len(t.index) - 1)
	for slot := maphash.String(t.seed, name) & mask; t.index[slot] != 0; slot = (slot + 1) & mask {
		i := t.index[slot] - 1
		if at := t.at[i]; t.kind(at) == kind && string(t.name(at)) == name {
			return t.first + i, true
		}
	}
	return 0, false
}

func (t *kernelTypes) makeIndex() {
	if t.index != nil {
		return
	}
	names := 0
	for _, at := range t.at {
		if indexed(t.kind(at)) {
			names++
		}
	}
	size := 2
	for size < 2*names {
		size *= 2
	}
	index, mask := make([]uint32, size), uint64(size-1)
	t.seed = maphash.MakeSeed()
	for i, at := range t.at {
		if !indexed(t.kind(at)) {
			continue
		}
		slot := maphash.Bytes(t.seed, t.name(at)) & mask
		for index[slot] != 0 {
			slot = (slot + 1) & mask
		}
		index[slot] = uint32(i) + 1
	}
	t.index = index
}

// findKernelType finds a type of the kernel, or of one of its modules: then fd is the
// module's BTF, which the caller closes. A name may begin with its module: "nf_nat:f". The
// error is ESRCH if no BTF has it that the process may see.
func findKernelType(name string, kind uapi.BTFKind) (id uint32, fd int, err error) {
	kernel, err := vmlinuxTypes()
	if err != nil {
		return 0, 0, err
	}
	module, inModule, qualified := strings.Cut(name, ":")
	if !qualified {
		kernel.lock.Lock()
		id, ok := kernel.find(name, kind)
		kernel.lock.Unlock()
		if ok {
			return id, 0, nil
		}
		module, inModule = "", name
	}
	return findInModules(kernel, module, inModule, kind)
}

// findInModules finds a type in a module, or in any of them.
func findInModules(kernel *kernelTypes, module, name string, kind uapi.BTFKind) (id uint32, fd int, err error) {
	for btf := uint32(0); ; {
		btf, err = bpf.NextID(bpf.KindBTF, btf)
		switch err {
		case nil:
		case syscall.ENOENT, syscall.EPERM: // after the last, and without CAP_SYS_ADMIN
			return 0, 0, syscall.ESRCH
		default:
			return 0, 0, err
		}
		fd, err = bpf.OpenByID(bpf.KindBTF, btf, 0, 0)
		if err == syscall.ENOENT {
			continue // unloaded meanwhile
		}
		if err != nil {
			return 0, 0, err
		}
		info, err := bpf.InfoOfBTF(fd)
		if err == nil {
			err = syscall.ESRCH
			if info.Kernel && info.Name != "vmlinux" && (module == "" || info.Name == module) {
				id, err = findBehind(kernel, fd, name, kind)
			}
		}
		if err == nil {
			return id, fd, nil
		}
		unix.Close(fd)
		if err != syscall.ESRCH {
			return 0, 0, err
		}
	}
}

// findBehind finds a type in the BTF behind fd. The error is ESRCH if it does not have it.
func findBehind(base *kernelTypes, fd int, name string, kind uapi.BTFKind) (id uint32, err error) {
	data, err := bpf.DataOfBTF(fd)
	if err != nil {
		return 0, err
	}
	if base != nil {
		base.lock.Lock()
		defer base.lock.Unlock()
	}
	types, err := parseTypes(data, base)
	if err != nil {
		return 0, err
	}
	id, ok := types.find(name, kind)
	if !ok {
		return 0, syscall.ESRCH
	}
	return id, nil
}

// functionOf returns the id of a function in the BTF of the program behind fd.
func functionOf(program int, name string) (uint32, error) {
	info, err := bpf.InfoOfProgram(program)
	if err != nil {
		return 0, err
	}
	fd, err := bpf.OpenByID(bpf.KindBTF, info.BTFID, 0, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return findBehind(nil, fd, name, uapi.BTFKindFunc)
}
