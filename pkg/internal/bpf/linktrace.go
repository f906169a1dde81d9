package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// TraceTarget is the target of LinkTracing. The zero value is the target that the
// program was loaded for.
type TraceTarget struct {
	FD     int    // a program, of freplace
	BTF    uint32 // the id of the function in that program's BTF
	Cookie uint64 // returned by bpf_get_attach_cookie, from Linux 5.19 on
}

// LinkTracing attaches a program of type tracing, lsm or ext. attachType is the one
// that it was loaded with. Before Linux 5.18, the link is a raw tracepoint without a
// name (bpf_link_create).
func LinkTracing(program int, attachType uapi.AttachType, t TraceTarget) (int, error) {
	attr := linkTracingAttr{
		linkAttr:  linkAttr{program: uint32(program), target: uint32(t.FD), attachType: attachType},
		targetBTF: t.BTF, cookie: t.Cookie,
	}
	fd, err := callAttrFD(uapi.CmdLinkCreate, &attr)
	if err == errInvalid && t == (TraceTarget{}) && attachesAsRawTracepoint(attachType) {
		return LinkRawTracepoint(program, "", 0)
	}
	return fd, err
}

// attachesAsRawTracepoint reports whether kernels before 5.18 attach such a program by
// BPF_RAW_TRACEPOINT_OPEN.
func attachesAsRawTracepoint(attachType uapi.AttachType) bool {
	switch attachType {
	case uapi.AttachTypeTraceRawTP, uapi.AttachTypeTraceFentry, uapi.AttachTypeTraceFexit, uapi.AttachTypeModifyReturn, uapi.AttachTypeLSMMac:
		return true
	}
	return false
}

// rawTracepointAttr is union bpf_attr of BPF_RAW_TRACEPOINT_OPEN.
type rawTracepointAttr struct {
	name       ptr64
	program, _ uint32
	cookie     uint64
}

// LinkRawTracepoint attaches to a raw tracepoint, such as "sched_switch"
// (bpf_raw_tracepoint_open_opts). A cookie requires Linux 6.10.
func LinkRawTracepoint(program int, name string, cookie uint64) (int, error) {
	at, err := cString(name)
	if err != nil {
		return -1, err
	}
	attr := rawTracepointAttr{name: at, program: uint32(program), cookie: cookie}
	return callAttrFD(uapi.CmdRawTracepointOpen, &attr)
}
