package bpf

import (
	"time"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// ProgramInfo is the kernel's information on a program. Without CAP_BPF and CAP_PERFMON
// some fields are zero.
type ProgramInfo struct {
	Name      string // cut to 15 bytes by the kernel
	Type      uapi.ProgType
	ID, BTFID uint32
	Tag       [8]byte       // a hash of the instructions
	LoadTime  time.Duration // after boot
	UID       uint32        // of the user who loaded it
	MapIDs    []uint32
	Ifindex   uint32 // of the device that runs it
	// XlatedBytes and JitedBytes are the sizes of its instructions, the kernel's
	// and the machine's.
	XlatedBytes, JitedBytes int
	// Functions and Lines are the numbers of its records of func_info and line_info.
	Functions, Lines int
	Verified         uint32 // instructions that the verifier went through
	GPL              bool
	// AttachObject and AttachBTF are the BTF, and the type in it, that a program of
	// type tracing attaches to.
	AttachObject, AttachBTF uint32
	// RunTime and RunCount grow while EnableStats is on for any process.
	RunTime         time.Duration
	RunCount        uint64
	RecursionMisses uint64 // runs that would have interrupted another
}

// programInfo is struct bpf_prog_info. The lists without a name here are not requested:
// only their lengths are passed.
type programInfo struct {
	kind, id                             uint32
	tag                                  [8]byte
	jitedSize, xlatedSize                uint32
	_, _                                 ptr64 // instructions
	loadTime                             uint64
	uid, mapCount                        uint32
	mapIDs                               ptr64
	name                                 [nameLen]byte
	ifindex                              uint32
	gpl                                  uint32    // one bit; which one depends on the byte order
	netns                                [2]uint64 // device and inode
	_, _                                 uint32    // symbols of the machine's code, and lengths
	_, _                                 ptr64
	btfID, _                             uint32
	_                                    ptr64 // functions
	functions, lines                     uint32
	_, _                                 ptr64 // lines, and lines of the machine's code
	_, _, _                              uint32
	_                                    uint32 // tags
	tagsAt                               ptr64
	runTime, runCount, recursionMisses   uint64
	verified, attachObject, attachBTF, _ uint32
}

// InfoOfProgram asks the kernel (bpf_prog_get_info_by_fd).
func InfoOfProgram(fd int) (ProgramInfo, error) {
	if err := CheckKind(fd, KindProgram); err != nil {
		return ProgramInfo{}, err
	}
	var ids []uint32
	for {
		var c programInfo
		if len(ids) > 0 {
			// SAFETY: the kernel writes at most mapCount words there, which c keeps.
			c.mapIDs.p, c.mapCount = mem.Of(ids), uint32(len(ids))
		}
		if _, errno := getInfo(fd, &c); errno != 0 {
			return ProgramInfo{}, errno
		}
		// The number has grown if a map was bound since.
		if int(c.mapCount) <= len(ids) {
			return c.toInfo(ids[:c.mapCount]), nil
		}
		ids = make([]uint32, c.mapCount)
	}
}

func (c *programInfo) toInfo(ids []uint32) ProgramInfo {
	return ProgramInfo{
		Name: goString(c.name[:]), Type: uapi.ProgType(c.kind), ID: c.id, BTFID: c.btfID, Tag: c.tag,
		LoadTime: time.Duration(c.loadTime), UID: c.uid, MapIDs: ids, Ifindex: c.ifindex,
		XlatedBytes: int(c.xlatedSize), JitedBytes: int(c.jitedSize),
		Functions: int(c.functions), Lines: int(c.lines), Verified: c.verified, GPL: c.gpl != 0,
		AttachObject: c.attachObject, AttachBTF: c.attachBTF,
		RunTime: time.Duration(c.runTime), RunCount: c.runCount, RecursionMisses: c.recursionMisses,
	}
}
