package uapi

// AttachType is the place in the kernel where a program is attached. (enum
// bpf_attach_type, libbpf_bpf_attach_type_str)
type AttachType uint32

const (
	AttachTypeCgroupInetIngress AttachType = iota
	AttachTypeCgroupInetEgress
	AttachTypeCgroupInetSockCreate
	AttachTypeCgroupSockOps
	AttachTypeSkSkbStreamParser
	AttachTypeSkSkbStreamVerdict
	AttachTypeCgroupDevice
	AttachTypeSkMsgVerdict
	AttachTypeCgroupInet4Bind
	AttachTypeCgroupInet6Bind
	AttachTypeCgroupInet4Connect
	AttachTypeCgroupInet6Connect
	AttachTypeCgroupInet4PostBind
	AttachTypeCgroupInet6PostBind
	AttachTypeCgroupUDP4SendMsg
	AttachTypeCgroupUDP6SendMsg
	AttachTypeLIRCMode2
	AttachTypeFlowDissector
	AttachTypeCgroupSysctl
	AttachTypeCgroupUDP4RecvMsg
	AttachTypeCgroupUDP6RecvMsg
	AttachTypeCgroupGetSockOpt
	AttachTypeCgroupSetSockOpt
	AttachTypeTraceRawTP
	AttachTypeTraceFentry
	AttachTypeTraceFexit
	AttachTypeModifyReturn
	AttachTypeLSMMac
	AttachTypeTraceIter
	AttachTypeCgroupInet4GetPeerName
	AttachTypeCgroupInet6GetPeerName
	AttachTypeCgroupInet4GetSockName
	AttachTypeCgroupInet6GetSockName
	AttachTypeXDPDevMap
	AttachTypeCgroupInetSockRelease
	AttachTypeXDPCPUMap
	AttachTypeSkLookup
	AttachTypeXDP
	AttachTypeSkSkbVerdict
	AttachTypeSkReuseportSelect
	AttachTypeSkReuseportSelectOrMigrate
	AttachTypePerfEvent
	AttachTypeTraceKprobeMulti
	AttachTypeLSMCgroup
	AttachTypeStructOps
	AttachTypeNetfilter
	AttachTypeTCXIngress
	AttachTypeTCXEgress
	AttachTypeTraceUprobeMulti
	AttachTypeCgroupUnixConnect
	AttachTypeCgroupUnixSendMsg
	AttachTypeCgroupUnixRecvMsg
	AttachTypeCgroupUnixGetPeerName
	AttachTypeCgroupUnixGetSockName
	AttachTypeNetkitPrimary
	AttachTypeNetkitPeer
	AttachTypeTraceKprobeSession
	AttachTypeTraceUprobeSession
	AttachTypeTraceFSession
	AttachTypeTraceFentryMulti
	AttachTypeTraceFexitMulti
	AttachTypeTraceFSessionMulti
)

var attachTypes = enum[AttachType]{"attach_type", "BPF_", []row[AttachType]{
	{AttachTypeCgroupInetIngress, "cgroup_inet_ingress", 0},
	{AttachTypeCgroupInetEgress, "cgroup_inet_egress", 0},
	{AttachTypeCgroupInetSockCreate, "cgroup_inet_sock_create", 0},
	{AttachTypeCgroupSockOps, "cgroup_sock_ops", 0},
	{AttachTypeSkSkbStreamParser, "sk_skb_stream_parser", 0},
	{AttachTypeSkSkbStreamVerdict, "sk_skb_stream_verdict", 0},
	{AttachTypeCgroupDevice, "cgroup_device", 0},
	{AttachTypeSkMsgVerdict, "sk_msg_verdict", 0},
	{AttachTypeCgroupInet4Bind, "cgroup_inet4_bind", 0},
	{AttachTypeCgroupInet6Bind, "cgroup_inet6_bind", 0},
	{AttachTypeCgroupInet4Connect, "cgroup_inet4_connect", 0},
	{AttachTypeCgroupInet6Connect, "cgroup_inet6_connect", 0},
	{AttachTypeCgroupInet4PostBind, "cgroup_inet4_post_bind", 0},
	{AttachTypeCgroupInet6PostBind, "cgroup_inet6_post_bind", 0},
	{AttachTypeCgroupUDP4SendMsg, "cgroup_udp4_sendmsg", 0},
	{AttachTypeCgroupUDP6SendMsg, "cgroup_udp6_sendmsg", 0},
	{AttachTypeLIRCMode2, "lirc_mode2", 0},
	{AttachTypeFlowDissector, "flow_dissector", 0},
	{AttachTypeCgroupSysctl, "cgroup_sysctl", 0},
	{AttachTypeCgroupUDP4RecvMsg, "cgroup_udp4_recvmsg", 0},
	{AttachTypeCgroupUDP6RecvMsg, "cgroup_udp6_recvmsg", 0},
	{AttachTypeCgroupGetSockOpt, "cgroup_getsockopt", 0},
	{AttachTypeCgroupSetSockOpt, "cgroup_setsockopt", 0},
	{AttachTypeTraceRawTP, "trace_raw_tp", 0},
	{AttachTypeTraceFentry, "trace_fentry", 0},
	{AttachTypeTraceFexit, "trace_fexit", 0},
	{AttachTypeModifyReturn, "modify_return", 0},
	{AttachTypeLSMMac, "lsm_mac", 0},
	{AttachTypeTraceIter, "trace_iter", 0},
	{AttachTypeCgroupInet4GetPeerName, "cgroup_inet4_getpeername", 0},
	{AttachTypeCgroupInet6GetPeerName, "cgroup_inet6_getpeername", 0},
	{AttachTypeCgroupInet4GetSockName, "cgroup_inet4_getsockname", 0},
	{AttachTypeCgroupInet6GetSockName, "cgroup_inet6_getsockname", 0},
	{AttachTypeXDPDevMap, "xdp_devmap", 0},
	{AttachTypeCgroupInetSockRelease, "cgroup_inet_sock_release", 0},
	{AttachTypeXDPCPUMap, "xdp_cpumap", 0},
	{AttachTypeSkLookup, "sk_lookup", 0},
	{AttachTypeXDP, "xdp", 0},
	{AttachTypeSkSkbVerdict, "sk_skb_verdict", 0},
	{AttachTypeSkReuseportSelect, "sk_reuseport_select", 0},
	{AttachTypeSkReuseportSelectOrMigrate, "sk_reuseport_select_or_migrate", 0},
	{AttachTypePerfEvent, "perf_event", 0},
	{AttachTypeTraceKprobeMulti, "trace_kprobe_multi", 0},
	{AttachTypeLSMCgroup, "lsm_cgroup", 0},
	{AttachTypeStructOps, "struct_ops", 0},
	{AttachTypeNetfilter, "netfilter", 0},
	{AttachTypeTCXIngress, "tcx_ingress", 0},
	{AttachTypeTCXEgress, "tcx_egress", 0},
	{AttachTypeTraceUprobeMulti, "trace_uprobe_multi", 0},
	{AttachTypeCgroupUnixConnect, "cgroup_unix_connect", 607},
	{AttachTypeCgroupUnixSendMsg, "cgroup_unix_sendmsg", 607},
	{AttachTypeCgroupUnixRecvMsg, "cgroup_unix_recvmsg", 607},
	{AttachTypeCgroupUnixGetPeerName, "cgroup_unix_getpeername", 607},
	{AttachTypeCgroupUnixGetSockName, "cgroup_unix_getsockname", 607},
	{AttachTypeNetkitPrimary, "netkit_primary", 607},
	{AttachTypeNetkitPeer, "netkit_peer", 607},
	{AttachTypeTraceKprobeSession, "trace_kprobe_session", 610},
	{AttachTypeTraceUprobeSession, "trace_uprobe_session", 613},
	{AttachTypeTraceFSession, "trace_fsession", 700},
	{AttachTypeTraceFentryMulti, "trace_fentry_multi", 702},
	{AttachTypeTraceFexitMulti, "trace_fexit_multi", 702},
	{AttachTypeTraceFSessionMulti, "trace_fsession_multi", 702},
}}

// String returns libbpf's name, such as "trace_fentry"; "attach_type(99)" for an unknown number.
func (t AttachType) String() string { return attachTypes.text(t) }
