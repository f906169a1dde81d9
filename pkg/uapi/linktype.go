package uapi

// LinkType is a kind of link. (enum bpf_link_type, libbpf_bpf_link_type_str)
type LinkType uint32

const (
	LinkTypeUnspec LinkType = iota
	LinkTypeRawTracepoint
	LinkTypeTracing
	LinkTypeCgroup
	LinkTypeIter
	LinkTypeNetns
	LinkTypeXDP
	LinkTypePerfEvent
	LinkTypeKprobeMulti
	LinkTypeStructOps
	LinkTypeNetfilter
	LinkTypeTCX
	LinkTypeUprobeMulti
	LinkTypeNetkit
	LinkTypeSockMap
	LinkTypeTracingMulti
)

var linkTypes = enum[LinkType]{"link_type", "BPF_LINK_TYPE_", []row[LinkType]{
	{LinkTypeUnspec, "unspec", 0},
	{LinkTypeRawTracepoint, "raw_tracepoint", 0},
	{LinkTypeTracing, "tracing", 0},
	{LinkTypeCgroup, "cgroup", 0},
	{LinkTypeIter, "iter", 0},
	{LinkTypeNetns, "netns", 0},
	{LinkTypeXDP, "xdp", 0},
	{LinkTypePerfEvent, "perf_event", 0},
	{LinkTypeKprobeMulti, "kprobe_multi", 0},
	{LinkTypeStructOps, "struct_ops", 0},
	{LinkTypeNetfilter, "netfilter", 0},
	{LinkTypeTCX, "tcx", 0},
	{LinkTypeUprobeMulti, "uprobe_multi", 0},
	{LinkTypeNetkit, "netkit", 607},
	{LinkTypeSockMap, "sockmap", 610},
	{LinkTypeTracingMulti, "tracing_multi", 702},
}}

// String returns libbpf's name, such as "perf_event"; "link_type(99)" for an unknown number.
func (t LinkType) String() string { return linkTypes.text(t) }
