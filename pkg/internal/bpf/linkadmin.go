package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// linkUpdateAttr is union bpf_attr of BPF_LINK_UPDATE.
type linkUpdateAttr struct {
	link, replacement uint32
	flags             uapi.AttachFlags
	old               uint32
}

// LinkUpdate replaces the program or map of a link.
type LinkUpdate struct {
	New   int // a program, or a map of struct_ops
	Old   int // the program or map that it must have now, with AttachFlagReplace
	Flags uapi.AttachFlags
}

// UpdateLink replaces a link's program or map atomically (bpf_link_update).
func UpdateLink(link int, u LinkUpdate) error {
	attr := linkUpdateAttr{link: uint32(link), replacement: uint32(u.New), flags: u.Flags, old: uint32(u.Old)}
	_, errno := callAttr(uapi.CmdLinkUpdate, &attr)
	return errnoError(errno)
}

// DetachLink detaches a link and leaves its descriptor open (bpf_link_detach). The
// error is EOPNOTSUPP if the kind of link does not support it.
func DetachLink(link int) error {
	attr := struct{ link uint32 }{uint32(link)}
	_, errno := callAttr(uapi.CmdLinkDetach, &attr)
	return errnoError(errno)
}

// NewIterator opens a file that runs an iterator when it is read (bpf_iter_create).
func NewIterator(link int) (int, error) {
	attr := struct{ link, flags uint32 }{link: uint32(link)}
	return callAttrFD(uapi.CmdIterCreate, &attr)
}
