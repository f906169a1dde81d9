package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// Order is a position among the programs of a hook, in the kernel's terms.
type Order struct {
	Flags uapi.AttachFlags
	// RelativeFD or RelativeID is the program or link that Flags refer to.
	RelativeFD int
	RelativeID uint32
	Revision   uint64 // that the hook must still have; otherwise the error is ESTALE
}

// relative returns RelativeFD or RelativeID, and the matching flags. The error is
// EINVAL if both are set.
func (o *Order) relative() (relative, flags uint32, err error) {
	switch {
	case o.RelativeFD != 0 && o.RelativeID != 0:
		return 0, 0, errInvalid
	case o.RelativeID != 0:
		return o.RelativeID, uint32(o.Flags | uapi.AttachFlagID), nil
	default:
		return uint32(o.RelativeFD), uint32(o.Flags), nil
	}
}
