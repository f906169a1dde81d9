package bpf

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// callAttr makes a call with attr, a command's part of union bpf_attr, which the kernel
// may change.
func callAttr[T any](cmd uapi.Cmd, attr *T) (int, Errno) {
	// SAFETY: a T of that size, which its caller keeps.
	return call(cmd, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
}

// callAttrFD is callAttr for a call whose result is a file descriptor.
func callAttrFD[T any](cmd uapi.Cmd, attr *T) (int, error) {
	// SAFETY: as in callAttr.
	return callFD(cmd, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
}

// quickCallAttr is callAttr for a call that neither blocks nor takes long.
func quickCallAttr[T any](cmd uapi.Cmd, attr *T) Errno {
	// SAFETY: as in callAttr.
	return quickCall(cmd, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
}

// infoAttr is union bpf_attr of BPF_OBJ_GET_INFO_BY_FD.
type infoAttr struct {
	fd, size uint32
	info     ptr64
}

// getInfo fills in the info of fd, and returns how many bytes of info the kernel knows. The
// kernel returns the info of the descriptor's kind, whatever T is: see CheckKind.
func getInfo[T any](fd int, info *T) (int, Errno) {
	// SAFETY: the kernel writes a T at most, which attr keeps.
	attr := infoAttr{fd: uint32(fd), size: uint32(unsafe.Sizeof(*info)), info: ptr64{p: unsafe.Pointer(info)}}
	_, errno := callAttr(uapi.CmdObjGetInfoByFD, &attr)
	return int(attr.size), errno
}
