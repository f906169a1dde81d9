package uapi

// ProgType is a kind of program. (enum bpf_prog_type, libbpf_bpf_prog_type_str)
type ProgType uint32

const (
	ProgTypeUnspec ProgType = iota
	ProgTypeSocketFilter
	ProgTypeKprobe
	ProgTypeSchedCls
	ProgTypeSchedAct
	ProgTypeTracepoint
	ProgTypeXDP
	ProgTypePerfEvent
	ProgTypeCgroupSkb
	ProgTypeCgroupSock
	ProgTypeLWTIn
	ProgTypeLWTOut
	ProgTypeLWTXmit
	ProgTypeSockOps
	ProgTypeSkSkb
	ProgTypeCgroupDevice
	ProgTypeSkMsg
	ProgTypeRawTracepoint
	ProgTypeCgroupSockAddr
	ProgTypeLWTSeg6Local
	ProgTypeLIRCMode2
	ProgTypeSkReuseport
	ProgTypeFlowDissector
	ProgTypeCgroupSysctl
	ProgTypeRawTracepointWritable
	ProgTypeCgroupSockOpt
	ProgTypeTracing
	ProgTypeStructOps
	ProgTypeExt
	ProgTypeLSM
	ProgTypeSkLookup
	ProgTypeSyscall
	ProgTypeNetfilter
)

var progTypes = enum[ProgType]{"prog_type", "BPF_PROG_TYPE_", []row[ProgType]{
	{ProgTypeUnspec, "unspec", 0},
	{ProgTypeSocketFilter, "socket_filter", 0},
	{ProgTypeKprobe, "kprobe", 0},
	{ProgTypeSchedCls, "sched_cls", 0},
	{ProgTypeSchedAct, "sched_act", 0},
	{ProgTypeTracepoint, "tracepoint", 0},
	{ProgTypeXDP, "xdp", 0},
	{ProgTypePerfEvent, "perf_event", 0},
	{ProgTypeCgroupSkb, "cgroup_skb", 0},
	{ProgTypeCgroupSock, "cgroup_sock", 0},
	{ProgTypeLWTIn, "lwt_in", 0},
	{ProgTypeLWTOut, "lwt_out", 0},
	{ProgTypeLWTXmit, "lwt_xmit", 0},
	{ProgTypeSockOps, "sock_ops", 0},
	{ProgTypeSkSkb, "sk_skb", 0},
	{ProgTypeCgroupDevice, "cgroup_device", 0},
	{ProgTypeSkMsg, "sk_msg", 0},
	{ProgTypeRawTracepoint, "raw_tracepoint", 0},
	{ProgTypeCgroupSockAddr, "cgroup_sock_addr", 0},
	{ProgTypeLWTSeg6Local, "lwt_seg6local", 0},
	{ProgTypeLIRCMode2, "lirc_mode2", 0},
	{ProgTypeSkReuseport, "sk_reuseport", 0},
	{ProgTypeFlowDissector, "flow_dissector", 0},
	{ProgTypeCgroupSysctl, "cgroup_sysctl", 0},
	{ProgTypeRawTracepointWritable, "raw_tracepoint_writable", 0},
	{ProgTypeCgroupSockOpt, "cgroup_sockopt", 0},
	{ProgTypeTracing, "tracing", 0},
	{ProgTypeStructOps, "struct_ops", 0},
	{ProgTypeExt, "ext", 0},
	{ProgTypeLSM, "lsm", 0},
	{ProgTypeSkLookup, "sk_lookup", 0},
	{ProgTypeSyscall, "syscall", 0},
	{ProgTypeNetfilter, "netfilter", 0},
}}

// String returns libbpf's name, such as "xdp"; "prog_type(99)" for an unknown number.
func (t ProgType) String() string { return progTypes.text(t) }
