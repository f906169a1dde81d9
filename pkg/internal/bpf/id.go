package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// idAttr is union bpf_attr of the calls about ids.
type idAttr struct {
	id, next, flags uint32
	tokenFD         int32
}

// idCommands are the commands about ids for each kind.
var idCommands = [...]struct{ next, open uapi.Cmd }{
	KindMap:     {uapi.CmdMapGetNextID, uapi.CmdMapGetFDByID},
	KindProgram: {uapi.CmdProgGetNextID, uapi.CmdProgGetFDByID},
	KindLink:    {uapi.CmdLinkGetNextID, uapi.CmdLinkGetFDByID},
	KindBTF:     {uapi.CmdBTFGetNextID, uapi.CmdBTFGetFDByID},
}

// NextID returns the lowest id above the given one; after 0, the first
// (bpf_map_get_next_id and its sisters). The error is ENOENT after the last. It
// requires CAP_SYS_ADMIN.
func NextID(k Kind, after uint32) (uint32, error) {
	if !k.hasIDs() {
		return 0, errInvalid
	}
	attr := idAttr{id: after}
	_, errno := callAttr(idCommands[k].next, &attr)
	return attr.next, errnoError(errno)
}

// OpenByID opens the object with the given id (bpf_map_get_fd_by_id_opts and its
// sisters), a map with MapFlagReadOnly, MapFlagWriteOnly or no flag. The error is
// ENOENT if it does not exist, EAGAIN if it is just being created. It requires
// CAP_SYS_ADMIN, or for a BTF a token with MapFlagTokenFD.
func OpenByID(k Kind, id uint32, flags uapi.MapFlags, tokenFD int) (int, error) {
	if !k.hasIDs() {
		return -1, errInvalid
	}
	attr := idAttr{id: id, flags: uint32(flags), tokenFD: int32(tokenFD)}
	return callAttrFD(idCommands[k].open, &attr)
}

func (k Kind) hasIDs() bool { return int(k) < len(idCommands) && idCommands[k].open != 0 }
