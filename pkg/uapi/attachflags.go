package uapi

// AttachFlags control how a program is attached to a hook that takes several, and its
// position among the others.
type AttachFlags uint32

const (
	AttachFlagAllowOverride AttachFlags = 1 << 0  // cgroup: programs of descendants take precedence
	AttachFlagAllowMulti    AttachFlags = 1 << 1  // cgroup: programs of descendants run too
	AttachFlagReplace       AttachFlags = 1 << 2  // replace the named program
	AttachFlagBefore        AttachFlags = 1 << 3  // before the relative; without one, first
	AttachFlagAfter         AttachFlags = 1 << 4  // after the relative; without one, last
	AttachFlagID            AttachFlags = 1 << 5  // the relative is given by id, not by file descriptor
	AttachFlagPreorder      AttachFlags = 1 << 6  // cgroup: before the programs of descendants
	AttachFlagLink          AttachFlags = 1 << 13 // the relative is a link, not a program
)

var attachFlags = []row[AttachFlags]{
	{AttachFlagAllowOverride, "BPF_F_ALLOW_OVERRIDE", 0},
	{AttachFlagAllowMulti, "BPF_F_ALLOW_MULTI", 0},
	{AttachFlagReplace, "BPF_F_REPLACE", 0},
	{AttachFlagBefore, "BPF_F_BEFORE", 0},
	{AttachFlagAfter, "BPF_F_AFTER", 0},
	{AttachFlagID, "BPF_F_ID", 0},
	{AttachFlagPreorder, "BPF_F_PREORDER", 0},
	{AttachFlagLink, "BPF_F_LINK", 0},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f AttachFlags) String() string { return flagText(attachFlags, f) }

// XDPFlags control how an XDP program is attached to an interface. (linux/if_link.h)
type XDPFlags uint32

const (
	XDPFlagUpdateIfNoExist XDPFlags = 1 << 0 // fail if there is a program
	XDPFlagSkbMode         XDPFlags = 1 << 1 // in the network stack
	XDPFlagDriverMode      XDPFlags = 1 << 2 // in the driver
	XDPFlagHardwareMode    XDPFlags = 1 << 3 // in the device
	XDPFlagReplace         XDPFlags = 1 << 4 // replace the named program
)

var xdpFlags = []row[XDPFlags]{
	{XDPFlagUpdateIfNoExist, "XDP_FLAGS_UPDATE_IF_NOEXIST", 0},
	{XDPFlagSkbMode, "XDP_FLAGS_SKB_MODE", 0},
	{XDPFlagDriverMode, "XDP_FLAGS_DRV_MODE", 0},
	{XDPFlagHardwareMode, "XDP_FLAGS_HW_MODE", 0},
	{XDPFlagReplace, "XDP_FLAGS_REPLACE", 0},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f XDPFlags) String() string { return flagText(xdpFlags, f) }

// NetfilterFlags are the flags of a netfilter link.
type NetfilterFlags uint32

const NetfilterFlagIPDefrag NetfilterFlags = 1 << 0

var netfilterFlags = []row[NetfilterFlags]{
	{NetfilterFlagIPDefrag, "BPF_F_NETFILTER_IP_DEFRAG", 0},
}

// String returns the kernel's names of the flags that are set, joined by "|".
func (f NetfilterFlags) String() string { return flagText(netfilterFlags, f) }
