package uapi

// CgroupIterOrder is the order in which an iterator walks through cgroups. (enum
// bpf_cgroup_iter_order)
type CgroupIterOrder uint32

const (
	CgroupIterOrderUnspec     CgroupIterOrder = iota
	CgroupIterSelfOnly                        // only this cgroup
	CgroupIterDescendantsPre                  // this cgroup, then its descendants
	CgroupIterDescendantsPost                 // descendants, then this cgroup
	CgroupIterAncestorsUp                     // this cgroup, then its ancestors
	CgroupIterChildren                        // only the children
)

var cgroupIterOrders = enum[CgroupIterOrder]{"cgroup_iter_order", "BPF_CGROUP_ITER_", []row[CgroupIterOrder]{
	{CgroupIterOrderUnspec, "order_unspec", 0},
	{CgroupIterSelfOnly, "self_only", 0},
	{CgroupIterDescendantsPre, "descendants_pre", 0},
	{CgroupIterDescendantsPost, "descendants_post", 0},
	{CgroupIterAncestorsUp, "ancestors_up", 0},
	{CgroupIterChildren, "children", 700},
}}

// String returns the kernel's name without "BPF_CGROUP_ITER_", in lower case: "self_only".
func (t CgroupIterOrder) String() string { return cgroupIterOrders.text(t) }
