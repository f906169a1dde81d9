//go:build linux && cgo

// Package oracle makes libbpf's own calls on plain descriptors, for the tests that
// compare pkg/internal/bpf with libbpf. Nothing else imports it.
package oracle

/*
#cgo pkg-config: --static libbpf
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"math"
	"syscall"
	"time"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
)

// result returns the errno of a result of libbpf, nil if it is not negative.
func result[Int ~int | ~int32](rc Int) error {
	if rc >= 0 {
		return nil
	}
	return syscall.Errno(-rc)
}

func bytesPtr(b []byte) *C.uint8_t { return (*C.uint8_t)(mem.Of(b)) }

// MapElem makes one call on an element of the map behind fd
// (bpf_map_lookup_elem_flags and its sisters). value is the next key for
// MapNextKey. Both have the sizes that the kernel uses; neither is kept.
func MapElem(op uintptr, fd int, key, value unsafe.Pointer, flags uint64) syscall.Errno {
	return syscall.Errno(-C.bpfskel_oracle_map_elem(C.int(op), C.int(fd), (*C.uint8_t)(key), (*C.uint8_t)(value), C.uint64_t(flags)))
}

// MapBatch makes one call on count elements (bpf_map_lookup_batch and its sisters) and
// returns how many the kernel processed. in and out are positions; in is nil in the
// first call.
func MapBatch(op uintptr, fd int, in, out, keys, values unsafe.Pointer, count int, flags uint64) (int, syscall.Errno) {
	if count < 0 || uint64(count) > math.MaxUint32 {
		return 0, syscall.EINVAL
	}
	n := C.uint32_t(count)
	rc := C.bpfskel_oracle_map_batch(C.int(op), C.int(fd), (*C.uint8_t)(in), (*C.uint8_t)(out), (*C.uint8_t)(keys), (*C.uint8_t)(values), &n, C.uint64_t(flags))
	return int(n), syscall.Errno(-rc)
}

// MapFDByID opens a map by its id (bpf_map_get_fd_by_id). The caller closes it.
func MapFDByID(id uint32) (int, error) {
	fd := C.bpf_map_get_fd_by_id(C.__u32(id))
	return int(fd), result(fd)
}

// MapFreeze forbids changes from user space (bpf_map_freeze).
func MapFreeze(fd int) error { return result(C.bpf_map_freeze(C.int(fd))) }

// PinFD pins the object behind fd (bpf_obj_pin).
func PinFD(fd int, path string) error {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: our own C memory
	return result(C.bpf_obj_pin(C.int(fd), cpath))
}

// OpenPin opens the object that is pinned at path (bpf_obj_get). The caller closes it.
func OpenPin(path string) (int, error) {
	cpath := C.CString(path)
	defer C.free(unsafe.Pointer(cpath)) // SAFETY: our own C memory
	fd := C.bpf_obj_get(cpath)
	return int(fd), result(fd)
}

// NewMap is all properties with which a map is created. Sizes are in bytes.
type NewMap struct {
	Name                                  string // cut to 15 bytes
	Type                                  uint32 // enum bpf_map_type
	KeySize, ValueSize, MaxEntries, Flags uint32
	NUMANode, Ifindex                     uint32
	Extra                                 uint64 // map_extra
	// BTF is the file descriptor of the BTF with the types of keys and values, 0 for
	// none. Values with locks, timers, pointers or lists need it.
	BTF                    int
	KeyTypeID, ValueTypeID uint32
}

// CreateMap creates a map (bpf_map_create). The caller closes it. Like libbpf's own
// loader, it tries again without BTF if the kernel refuses it.
func CreateMap(m NewMap) (int, error) {
	cname := C.CString(m.Name)
	defer C.free(unsafe.Pointer(cname)) // SAFETY: our own C memory
	c := C.struct_bpfskel_oracle_new_map{
		name: cname, _type: C.uint32_t(m.Type), key_size: C.uint32_t(m.KeySize), value_size: C.uint32_t(m.ValueSize),
		max_entries: C.uint32_t(m.MaxEntries), flags: C.uint32_t(m.Flags), numa_node: C.uint32_t(m.NUMANode),
		ifindex: C.uint32_t(m.Ifindex), extra: C.uint64_t(m.Extra), btf_fd: C.int(m.BTF),
		key_type: C.uint32_t(m.KeyTypeID), value_type: C.uint32_t(m.ValueTypeID),
	}
	fd := C.bpfskel_oracle_map_create(&c)
	return int(fd), result(fd)
}

// NumPossibleCPUs is libbpf_num_possible_cpus.
func NumPossibleCPUs() (int, error) {
	n := C.libbpf_num_possible_cpus()
	return int(n), result(n)
}

// KernelProgram is the kernel's information on a program.
type KernelProgram struct {
	Name      string // cut to 15 bytes by the kernel
	Type      uint32 // enum bpf_prog_type
	ID, BTFID uint32
	Tag       [8]byte       // a hash of the instructions
	LoadTime  time.Duration // after boot
	UID       uint32        // of the user who loaded it
	MapIDs    []uint32
	// XlatedBytes and JitedBytes are the sizes of its instructions, the kernel's
	// and the machine's.
	XlatedBytes, JitedBytes int
	Verified                uint32 // instructions that the verifier went through
	GPL                     bool
	// AttachObject and AttachBTF are the target of a program of type tracing.
	AttachObject, AttachBTF uint32
	// RunTime and RunCount grow while statistics are enabled.
	RunTime         time.Duration
	RunCount        uint64
	RecursionMisses uint64 // runs that did not take place
}

// ProgramInfoByFD asks the kernel (bpf_prog_get_info_by_fd).
func ProgramInfoByFD(fd int) (KernelProgram, error) {
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
		Verified: uint32(c.verified_insns), GPL: bool(C.bpfskel_oracle_prog_gpl(&c)),
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
	return result(C.bpfskel_oracle_prog_info(C.int(fd), c, at, C.uint32_t(len(ids))))
}

// EnableStats makes the kernel count and time the runs of all programs, until the
// caller closes the fd (bpf_enable_stats).
func EnableStats() (int, error) {
	fd := C.bpf_enable_stats(C.BPF_STATS_RUN_TIME)
	return int(fd), result(fd)
}

// RunOptions are the inputs of bpf_test_run_opts, RunResult its outputs.
type RunOptions struct {
	Data, Context       []byte // input
	DataOut, ContextOut []byte // room for output
	Repeat              int
	Flags, CPU          uint32
	BatchSize           int
}

// RunResult is the result of a run. Data and Context are the written parts of DataOut
// and ContextOut.
type RunResult struct {
	Return        uint32
	Nanoseconds   uint32 // on average
	Data, Context []byte
}

// Run runs the program behind fd (bpf_prog_test_run_opts).
func Run(fd int, o RunOptions) (RunResult, error) {
	run := C.struct_bpfskel_oracle_run{
		data_size: C.uint32_t(len(o.Data)), data_out_size: C.uint32_t(len(o.DataOut)),
		ctx_size: C.uint32_t(len(o.Context)), ctx_out_size: C.uint32_t(len(o.ContextOut)),
		repeat: C.int32_t(o.Repeat), flags: C.uint32_t(o.Flags), cpu: C.uint32_t(o.CPU), batch_size: C.uint32_t(o.BatchSize),
	}
	rc := C.bpfskel_oracle_prog_run(C.int(fd), &run, bytesPtr(o.Data), bytesPtr(o.DataOut), bytesPtr(o.Context), bytesPtr(o.ContextOut))
	return RunResult{
		Return: uint32(run.retval), Nanoseconds: uint32(run.duration),
		Data:    o.DataOut[:min(int(run.data_out_size), len(o.DataOut))],
		Context: o.ContextOut[:min(int(run.ctx_out_size), len(o.ContextOut))],
	}, result(rc)
}

// KernelMap is the kernel's information on a map.
type KernelMap struct {
	Name                                  string // cut at 15 bytes
	ID, Type                              uint32
	KeySize, ValueSize, MaxEntries, Flags uint32
	Extra                                 uint64 // map_extra
	BTFID, KeyTypeID, ValueTypeID         uint32 // 0 if the kernel does not have BTF of the map
}

// MapInfoByFD asks the kernel for the map behind fd (bpf_map_get_info_by_fd). The error
// is EINVAL for a descriptor of another kind.
func MapInfoByFD(fd int) (KernelMap, error) {
	var info C.struct_bpf_map_info
	rc := C.bpfskel_oracle_map_info(C.int(fd), &info)
	if err := result(rc); err != nil {
		return KernelMap{}, err
	}
	// SAFETY: the kernel ends the name with a NUL.
	return KernelMap{
		Name: C.GoString((*C.char)(unsafe.Pointer(&info.name))), ID: uint32(info.id), Type: uint32(info._type),
		KeySize: uint32(info.key_size), ValueSize: uint32(info.value_size),
		MaxEntries: uint32(info.max_entries), Flags: uint32(info.map_flags), Extra: uint64(info.map_extra),
		BTFID: uint32(info.btf_id), KeyTypeID: uint32(info.btf_key_type_id), ValueTypeID: uint32(info.btf_value_type_id),
	}, nil
}

// UpdateLink makes the link behind fd run the program behind program
// (bpf_link_update).
func UpdateLink(fd, program int) error {
	return result(C.bpf_link_update(C.int(fd), C.int(program), nil))
}

// NewIterator makes a file from which to read the output of the iterator behind fd
// (bpf_iter_create). The caller closes it.
func NewIterator(fd int) (int, error) {
	made := C.bpf_iter_create(C.int(fd))
	return int(made), result(made)
}

// LinkInfo is the kernel's information on a link; fields that its type lacks are zero.
type LinkInfo struct {
	Type      uint32 // enum bpf_link_type
	TypeName  string
	ID        uint32
	ProgramID uint32 // 0 for struct_ops
	// AttachType is an enum bpf_attach_type.
	AttachType uint32
	Ifindex    int    // of xdp, tcx, netkit
	CgroupID   uint64 // of cgroup
	NetnsInode uint32 // of netns
	MapID      uint32 // of struct_ops, sockmap, and iterators of maps
	// TargetObject and TargetBTF are the target of tracing and freplace: the id of a
	// program or BTF, and the id of a type in it.
	TargetObject, TargetBTF uint32
	Cookie                  uint64 // of perf events, kprobes, uprobes and tracepoints
	// Name is a tracepoint, a function, a file, or a kind of iterator.
	Name string
}

// LinkInfoByFD asks the kernel (bpf_link_get_info_by_fd).
func LinkInfoByFD(fd int) (LinkInfo, error) {
	var c C.struct_bpfskel_oracle_link_info
	if err := result(C.bpfskel_oracle_link_info(C.int(fd), &c)); err != nil {
		return LinkInfo{}, err
	}
	// SAFETY: the kernel ends the name with a NUL.
	return LinkInfo{
		Type: uint32(c._type), TypeName: C.GoString(C.libbpf_bpf_link_type_str(uint32(c._type))),
		ID: uint32(c.id), ProgramID: uint32(c.prog_id), AttachType: uint32(c.attach_type),
		Ifindex: int(c.ifindex), CgroupID: uint64(c.cgroup_id), NetnsInode: uint32(c.netns), MapID: uint32(c.map_id),
		TargetObject: uint32(c.target_obj), TargetBTF: uint32(c.target_btf), Cookie: uint64(c.cookie),
		Name: C.GoString((*C.char)(unsafe.Pointer(&c.name))),
	}, nil
}
