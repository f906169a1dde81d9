//go:build linux

package libbpf

/*
#include "shim_prog.h"
*/
import "C"

import (
	"syscall"
	"time"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

// KernelProgram is what the kernel says of a program.
type KernelProgram struct {
	Name      string // cut to 15 bytes by the kernel
	Type      uint32 // enum bpf_prog_type
	ID, BTFID uint32
	Tag       [8]byte       // a hash of the instructions
	LoadTime  time.Duration // after boot
	UID       uint32        // of who loaded it
	MapIDs    []uint32
	// XlatedBytes and JitedBytes are the sizes of its instructions, the kernel's
	// and the machine's.
	XlatedBytes, JitedBytes int
	Verified                uint32 // instructions that the verifier went through
	GPL                     bool
	// AttachObject and AttachBTF are what a program of type tracing is for.
	AttachObject, AttachBTF uint32
	// RunTime and RunCount are kept while somebody asks for them.
	RunTime         time.Duration
	RunCount        uint64
	RecursionMisses uint64 // runs that did not take place
}

// ProgramInfoByFD asks the kernel (bpf_prog_get_info_by_fd).
func ProgramInfoByFD(fd int) (KernelProgram, error) {
	if err := CheckFD(fd, ProgramFD); err != nil {
		return KernelProgram{}, err
	}
	var c C.struct_bpf_prog_info
	if err := programInfo(fd, &c, nil); err != nil {
		return KernelProgram{}, err
	}
	ids := make([]uint32, c.nr_map_ids)
	if len(ids) > 0 {
		if err := programInfo(fd, &c, ids); err != nil {
			return KernelProgram{}, err
		}
	}
	// SAFETY: the kernel ends the name with a NUL.
	info := KernelProgram{
		Name: C.GoString((*C.char)(unsafe.Pointer(&c.name))), Type: uint32(c._type), ID: uint32(c.id), BTFID: uint32(c.btf_id),
		LoadTime: time.Duration(c.load_time), UID: uint32(c.created_by_uid), MapIDs: ids,
		XlatedBytes: int(c.xlated_prog_len), JitedBytes: int(c.jited_prog_len),
		Verified: uint32(c.verified_insns), GPL: bool(C.bpfskel_prog_gpl(&c)),
		AttachObject: uint32(c.attach_btf_obj_id), AttachBTF: uint32(c.attach_btf_id),
		RunTime: time.Duration(c.run_time_ns), RunCount: uint64(c.run_cnt), RecursionMisses: uint64(c.recursion_misses),
	}
	for i := range info.Tag {
		info.Tag[i] = byte(c.tag[i])
	}
	return info, nil
}

func programInfo(fd int, c *C.struct_bpf_prog_info, ids []uint32) error {
	// The kernel writes at most len(ids) words there, during the call.
	at := (*C.uint8_t)(mem.Of(ids))
	return result("get info", C.bpfskel_prog_info(C.int(fd), c, at, C.uint32_t(len(ids))), nil)
}

// EnableStats makes the kernel count and time the runs of all programs, until the
// caller closes the fd (bpf_enable_stats).
func EnableStats() (int, error) {
	fd := C.bpf_enable_stats(C.BPF_STATS_RUN_TIME)
	return int(fd), result("enable statistics", fd, nil)
}

// ProgramInfoByID asks the kernel for a program by its id, which takes CAP_SYS_ADMIN
// (bpf_prog_get_fd_by_id).
func ProgramInfoByID(id uint32) (KernelProgram, error) {
	fd := C.bpf_prog_get_fd_by_id(C.uint32_t(id))
	if err := result("open", fd, nil); err != nil {
		return KernelProgram{}, err
	}
	defer syscall.Close(int(fd))
	return ProgramInfoByFD(int(fd))
}
