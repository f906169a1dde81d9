package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// Order is a place among the programs of a hook, in the kernel's terms.
type Order struct {
	Flags uapi.AttachFlags
	// RelativeFD or RelativeID is the program or link that Flags are about.
	RelativeFD int
	RelativeID uint32
	Revision   uint64 // that the hook must still have, else ESTALE
}

// relative is RelativeFD or RelativeID, and the flags that go with it. The error is
// EINVAL if both are given.
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
