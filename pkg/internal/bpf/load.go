package bpf

import (
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// ProgramSpec describes a program to be loaded. Tables are the kernel's structs, one
// after another.
type ProgramSpec struct {
	Type       uapi.ProgType
	AttachType uapi.AttachType
	Name       string // cut to 15 bytes
	License    string
	Insns      []byte // 8 bytes each
	Flags      uapi.ProgFlags
	Ifindex    uint32
	BTFFD      int // of the object's BTF, 0 for none
	// FuncInfo, LineInfo and Relocations are struct bpf_func_info, bpf_line_info and
	// bpf_core_relo.
	FuncInfo, LineInfo, Relocations Table
	// AttachBTF is the id of the target in the BTF behind TargetFD: a module's BTF, or the
	// program that is the target; 0 for vmlinux.
	AttachBTF uint32
	TargetFD  int
	// FDs are the descriptors that instructions name by index, 4 bytes each.
	FDs []byte
	// Log receives the verifier's log if LogLevel is not 0.
	Log      []byte
	LogLevel uapi.LogLevel
}

// Table is a table of Count structs of RecordSize bytes each.
type Table struct {
	Data              []byte
	RecordSize, Count uint32
}

// progLoadAttr is union bpf_attr of BPF_PROG_LOAD.
type progLoadAttr struct {
	kind, insnCount           uint32
	insns, license            ptr64
	logLevel, logSize         uint32
	log                       ptr64
	_, flags                  uint32
	name                      [nameLen]byte
	ifindex, attachType, btf  uint32
	funcInfoSize              uint32
	funcInfo                  ptr64
	funcInfoCount             uint32
	lineInfoSize              uint32
	lineInfo                  ptr64
	lineInfoCount, attachBTF  uint32
	targetFD, relocationCount uint32
	fds, relocations          ptr64
	relocationSize            uint32
	_                         uint32
}

// loadAttempts limits the attempts to load a program while the kernel returns EAGAIN. It is
// libbpf's limit.
const loadAttempts = 5

// LoadProgram loads a program (bpf_prog_load). It defers signals, because the kernel aborts
// a load that a signal interrupts. It sets attributes up to those of Linux 5.17. An older
// kernel returns E2BIG for an attribute that it does not know.
func LoadProgram(s *ProgramSpec) (int, error) {
	attr, err := s.attr()
	if err != nil {
		return -1, err
	}
	fd := -1
	withoutSignals(func() {
		for range loadAttempts {
			if fd, err = callAttrFD(uapi.CmdProgLoad, &attr); err != errAgain {
				return
			}
		}
	})
	return fd, err
}

func (s *ProgramSpec) attr() (attr progLoadAttr, err error) {
	attr = progLoadAttr{
		kind: uint32(s.Type), insnCount: uint32(len(s.Insns) / 8), insns: ptr64{p: mem.Of(s.Insns)},
		logLevel: uint32(s.LogLevel), flags: uint32(s.Flags), ifindex: s.Ifindex, attachType: uint32(s.AttachType),
		btf: uint32(s.BTFFD), attachBTF: s.AttachBTF, targetFD: uint32(s.TargetFD),
		funcInfoSize: s.FuncInfo.RecordSize, funcInfoCount: s.FuncInfo.Count, funcInfo: ptr64{p: mem.Of(s.FuncInfo.Data)},
		lineInfoSize: s.LineInfo.RecordSize, lineInfoCount: s.LineInfo.Count, lineInfo: ptr64{p: mem.Of(s.LineInfo.Data)},
		fds: ptr64{p: mem.Of(s.FDs)},
	}
	if s.Relocations.Count > 0 {
		attr.relocationSize, attr.relocationCount = s.Relocations.RecordSize, s.Relocations.Count
		attr.relocations = ptr64{p: mem.Of(s.Relocations.Data)}
	}
	for _, t := range []Table{s.FuncInfo, s.LineInfo, s.Relocations} {
		if uint64(t.RecordSize)*uint64(t.Count) > uint64(len(t.Data)) {
			return attr, errFault
		}
	}
	copy(attr.name[:nameLen-1], s.Name)
	if s.License == "" {
		attr.license = ptr64{p: mem.Of([]byte{0})}
	} else if attr.license, err = cString(s.License); err != nil {
		return attr, err
	}
	if s.LogLevel != 0 {
		attr.log, attr.logSize, err = bytesPointer(s.Log)
	}
	return attr, err
}

// btfLoadAttr is union bpf_attr of BPF_BTF_LOAD.
type btfLoadAttr struct {
	data, log               ptr64
	size, logSize, logLevel uint32
	_                       uint32
}

// LoadBTF loads types in the format of .BTF (bpf_btf_load). log receives the kernel's log
// if it is not empty.
func LoadBTF(data, log []byte) (int, error) {
	at, size, err := bytesPointer(data)
	if err != nil {
		return -1, err
	}
	attr := btfLoadAttr{data: at, size: size}
	if attr.log, attr.logSize, err = bytesPointer(log); err != nil {
		return -1, err
	}
	if len(log) > 0 {
		attr.logLevel = 1
	}
	return callAttrFD(uapi.CmdBTFLoad, &attr)
}

// DataOfBTF returns the types of the BTF behind fd, in the format of .BTF.
func DataOfBTF(fd int) ([]byte, error) {
	var info btfInfo
	if _, errno := getInfo(fd, &info); errno != 0 {
		return nil, errno
	}
	data := make([]byte, info.size)
	info = btfInfo{data: ptr64{p: mem.Of(data)}, size: uint32(len(data))}
	_, errno := getInfo(fd, &info)
	return data, errnoError(errno)
}
