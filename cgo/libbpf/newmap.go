//go:build linux

package libbpf

/*
#include <stdlib.h>
#include "shim_skel.h"
*/
import "C"

import "unsafe"

// NewMap is all that a map is created with. Sizes are in bytes.
type NewMap struct {
	Name                                  string // what is above 15 bytes is cut
	Type                                  uint32 // enum bpf_map_type
	KeySize, ValueSize, MaxEntries, Flags uint32
	NUMANode, Ifindex                     uint32
	Extra                                 uint64 // map_extra
	// BTF is a file descriptor, 0 for none, of which the types of keys and values
	// are. Values with locks, timers, pointers or lists need it.
	BTF                    int
	KeyTypeID, ValueTypeID uint32
}

// CreateMap creates a map (bpf_map_create). The caller closes it. Like libbpf's
// own loader it tries again without BTF that the kernel refuses.
func CreateMap(m NewMap) (int, error) {
	cname := C.CString(m.Name)
	defer C.free(unsafe.Pointer(cname)) // SAFETY: C memory of our own
	c := C.struct_bpfskel_new_map{
		name: cname, _type: C.uint32_t(m.Type), key_size: C.uint32_t(m.KeySize), value_size: C.uint32_t(m.ValueSize),
		max_entries: C.uint32_t(m.MaxEntries), flags: C.uint32_t(m.Flags), numa_node: C.uint32_t(m.NUMANode),
		ifindex: C.uint32_t(m.Ifindex), extra: C.uint64_t(m.Extra), btf_fd: C.int(m.BTF),
		key_type: C.uint32_t(m.KeyTypeID), value_type: C.uint32_t(m.ValueTypeID),
	}
	var log C.struct_bpfskel_log
	fd := C.bpfskel_map_create(&c, &log)
	return int(fd), result("create", fd, takeLog(&log))
}

// BTFFD is the file descriptor of the object's BTF, 0 where it has none in the
// kernel. The object owns it (bpf_object__btf_fd).
func (s *Skeleton) BTFFD() int { return max(int(C.bpf_object__btf_fd(*s.s.obj)), 0) }

// BTFByID opens BTF by its id, which takes CAP_SYS_ADMIN (bpf_btf_get_fd_by_id).
// The caller closes it.
func BTFByID(id uint32) (int, error) {
	fd := C.bpf_btf_get_fd_by_id(C.__u32(id))
	return int(fd), result("open BTF by id", fd, nil)
}
