package lighttest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/skel"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// A verdict is how far an object gets by a back end: lines of text, of which the first
// says "open", "load", "loaded", "attach" or "attached".
type verdict string

func (v verdict) step() string {
	step, _, _ := strings.Cut(string(v), ":")
	step, _, _ = strings.Cut(step, "\n")
	return step
}

// judge opens the object by a back end, changes it, loads it, and attaches it if wanted. pins
// is an empty folder for pins.
func (o *object) judge(b backend.Backend, pins string, attach bool, change func(*opened) error) verdict {
	open, err := o.open(b, pins)
	if err != nil {
		return "open: " + describe(err)
	}
	defer open.Close()
	if err := change(open); err != nil {
		return "open: " + withoutTarget(describe(err))
	}
	loaded, err := open.Load()
	if err != nil {
		return "load: " + describe(err)
	}
	defer loaded.Close()
	var kernel strings.Builder
	var ids []uint32
	for _, m := range filled[skel.RawMap](loaded, &o.spec, len(o.spec.Maps)) {
		info, err := m.Info()
		ids = append(ids, info.ID)
		kernel.WriteString(o.describeMap(m, info, err) + "\n")
	}
	for _, p := range filled[skel.Program](loaded, &o.spec, len(o.spec.Programs)) {
		kernel.WriteString(describeProgram(p, ids) + "\n")
	}
	if !attach {
		return verdict("loaded\n" + kernel.String())
	}
	result := verdict("attached")
	if err := loaded.Attach(); err != nil {
		result = "attach: " + describe(err)
	}
	for _, l := range filled[skel.Link](loaded, &o.spec, len(o.spec.Programs)) {
		kernel.WriteString(describeLink(l) + "\n")
	}
	return result + "\n" + verdict(kernel.String())
}

var target = regexp.MustCompile(`target ".*?", `)

// withoutTarget leaves out the target that a setter did not find: only light names it.
func withoutTarget(v verdict) verdict { return verdict(target.ReplaceAllString(string(v), "")) }

// describe says which part failed, and why.
func describe(err error) verdict {
	cause := "no errno"
	var errno syscall.Errno
	var code skel.Code
	switch {
	case errors.As(err, &errno):
		cause = errno.Error()
	case errors.As(err, &code):
		cause = code.Error()
	}
	var v *skel.VerifierError
	var e *skel.Error
	switch {
	case errors.As(err, &v):
		return verdict(fmt.Sprintf("the verifier rejected program %s: %s", v.Program, cause))
	case errors.As(err, &e):
		return verdict(fmt.Sprintf("%s, map %q, program %q, target %q, extern %q: %s", e.Op, e.Map, e.Program, e.Target, e.Extern, cause))
	}
	return verdict(err.Error())
}

// describeMap says what the kernel knows of a map, and what is in a section.
func (o *object) describeMap(m *skel.RawMap, info skel.MapInfo, err error) string {
	if err != nil {
		return fmt.Sprintf("map %s: %s", m.Name(), describe(err))
	}
	info.ID, info.BTFID = 0, min(info.BTFID, 1)
	text := fmt.Sprintf("map %s: %+v", m.Name(), info)
	for i := range o.model.Maps {
		if o.model.Maps[i].Name != m.Name() || !o.model.Maps[i].Internal {
			continue
		}
		value, err := m.Lookup(make([]byte, 4))
		text += fmt.Sprintf(", contents %08x %v", crc32.ChecksumIEEE(value), err)
		if len(value) < 64 {
			text += fmt.Sprintf(" %x", value)
		}
	}
	return text
}

// describeProgram says what the kernel knows of a program, and a hash of its instructions
// after CO-RE and the verifier. maps are the ids of the object's maps. The kernel's own tag
// depends on how a loader names maps, and is left out.
func describeProgram(p *skel.Program, maps []uint32) string {
	if p.FD() < 0 {
		return fmt.Sprintf("program %s: not loaded", p.Name())
	}
	info, err := p.Info()
	if err != nil {
		return fmt.Sprintf("program %s: %s", p.Name(), describe(err))
	}
	insns, err := instructions(p.FD(), info.XlatedBytes, maps)
	if err != nil {
		return fmt.Sprintf("program %s: instructions: %v", p.Name(), err)
	}
	return fmt.Sprintf("program %s: %s %v, %d instructions %08x, %d maps, %d functions, %d lines, %d verified, GPL %v, BTF %v, attached to %d %d",
		p.Name(), info.Name, info.Type, len(insns)/insnSize, crc32.ChecksumIEEE(insns), len(info.MapIDs), info.Functions, info.Lines,
		info.Verified, info.GPL, info.BTFID != 0, info.AttachObject, info.AttachBTF)
}

const insnSize = 8

// instructions are a program's instructions as the kernel translated them, with the indices
// of maps in place of their ids.
func instructions(program, size int, maps []uint32) ([]byte, error) {
	insns, info := make([]byte, size), make([]byte, 40) // as far as xlated_prog_insns of struct bpf_prog_info
	if size == 0 {
		return nil, errors.New("the kernel does not show them")
	}
	var attr [16]byte
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&insns[0])
	pins.Pin(&info[0])
	// SAFETY: the kernel writes both during the call, for which they are pinned.
	binary.NativeEndian.PutUint32(info[20:], uint32(size))
	binary.NativeEndian.PutUint64(info[32:], uint64(uintptr(unsafe.Pointer(&insns[0]))))
	binary.NativeEndian.PutUint32(attr[0:], uint32(program))
	binary.NativeEndian.PutUint32(attr[4:], uint32(len(info)))
	binary.NativeEndian.PutUint64(attr[8:], uint64(uintptr(unsafe.Pointer(&info[0]))))
	// SAFETY: attr has the fields of BPF_OBJ_GET_INFO_BY_FD.
	if _, _, errno := unix.Syscall(unix.SYS_BPF, uintptr(uapi.CmdObjGetInfoByFD), uintptr(unsafe.Pointer(&attr)), uintptr(len(attr))); errno != 0 {
		return nil, errno
	}
	for at := 0; at < len(insns); at += insnSize {
		const loadImm64, ofMap, inMap = 0x18, 1, 2 // BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE
		if source := insns[at+1] >> 4; insns[at] == loadImm64 && (source == ofMap || source == inMap) {
			id := binary.NativeEndian.Uint32(insns[at+4:])
			binary.NativeEndian.PutUint32(insns[at+4:], uint32(slices.Index(maps, id)))
		}
	}
	return insns, nil
}

func describeLink(l *skel.Link) string {
	if !l.Attached() {
		return "no link"
	}
	info, err := l.Info()
	if err != nil {
		return fmt.Sprintf("a link without information: %s", describe(err))
	}
	info.ID, info.ProgramID, info.TargetObject = 0, 0, min(info.TargetObject, 1)
	return fmt.Sprintf("a link: %+v", info)
}
