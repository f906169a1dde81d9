package skel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// attachMethod is a way to attach a program. Most have a method Attach* of Program, and a
// function bpf_program__attach_* of libbpf.
type attachMethod struct {
	op string
	// types are the program types that it attaches, nil for any.
	types []uapi.ProgType
}

var (
	methodAny         = &attachMethod{"attach", nil}
	methodPerfEvent   = &attachMethod{"attach perf event", []uapi.ProgType{uapi.ProgTypePerfEvent, uapi.ProgTypeKprobe, uapi.ProgTypeTracepoint}}
	methodKprobe      = &attachMethod{"attach kprobe", []uapi.ProgType{uapi.ProgTypeKprobe}}
	methodKprobeMulti = &attachMethod{"attach kprobe multi", []uapi.ProgType{uapi.ProgTypeKprobe}}
	methodKsyscall    = &attachMethod{"attach ksyscall", []uapi.ProgType{uapi.ProgTypeKprobe}}
	methodUprobe      = &attachMethod{"attach uprobe", []uapi.ProgType{uapi.ProgTypeKprobe}}
	methodUprobeMulti = &attachMethod{"attach uprobe multi", []uapi.ProgType{uapi.ProgTypeKprobe}}
	methodUSDT        = &attachMethod{"attach usdt", []uapi.ProgType{uapi.ProgTypeKprobe}}
	methodTracepoint  = &attachMethod{"attach tracepoint", []uapi.ProgType{uapi.ProgTypeTracepoint}}
	methodRawTP       = &attachMethod{"attach raw tracepoint", []uapi.ProgType{uapi.ProgTypeRawTracepoint, uapi.ProgTypeRawTracepointWritable}}
	methodTrace       = &attachMethod{"attach trace", []uapi.ProgType{uapi.ProgTypeTracing, uapi.ProgTypeLSM, uapi.ProgTypeExt}}
	methodLSM         = &attachMethod{"attach lsm", []uapi.ProgType{uapi.ProgTypeLSM}}
	methodFreplace    = &attachMethod{"attach freplace", []uapi.ProgType{uapi.ProgTypeExt}}
	methodIter        = &attachMethod{"attach iter", []uapi.ProgType{uapi.ProgTypeTracing}}
	methodCgroup      = &attachMethod{"attach cgroup", []uapi.ProgType{uapi.ProgTypeCgroupSkb, uapi.ProgTypeCgroupSock, uapi.ProgTypeSockOps, uapi.ProgTypeCgroupDevice, uapi.ProgTypeCgroupSockAddr, uapi.ProgTypeCgroupSysctl, uapi.ProgTypeCgroupSockOpt, uapi.ProgTypeLSM}}
	methodTCX         = &attachMethod{"attach tcx", []uapi.ProgType{uapi.ProgTypeSchedCls}}
	methodTC          = &attachMethod{"attach tc", []uapi.ProgType{uapi.ProgTypeSchedCls, uapi.ProgTypeSchedAct}}
	methodNetkit      = &attachMethod{"attach netkit", []uapi.ProgType{uapi.ProgTypeSchedCls}}
	methodNetns       = &attachMethod{"attach netns", []uapi.ProgType{uapi.ProgTypeFlowDissector, uapi.ProgTypeSkLookup}}
	methodSockmap     = &attachMethod{"attach sockmap", []uapi.ProgType{uapi.ProgTypeSkSkb, uapi.ProgTypeSkMsg}}
	methodXDP         = &attachMethod{"attach xdp", []uapi.ProgType{uapi.ProgTypeXDP}}
	methodNetfilter   = &attachMethod{"attach netfilter", []uapi.ProgType{uapi.ProgTypeNetfilter}}
)

// sectionMethods are the methods that kinds of section select. It is searched one by one: a
// map would be made by code, in every program.
var sectionMethods = [...]struct {
	kind   string
	method *attachMethod
}{
	{"tp", methodTracepoint}, {"tracepoint", methodTracepoint}, {"raw_tp", methodRawTP}, {"raw_tracepoint", methodRawTP},
	{"raw_tp.w", methodRawTP}, {"raw_tracepoint.w", methodRawTP},
	{"kprobe", methodKprobe}, {"kretprobe", methodKprobe}, {"ksyscall", methodKsyscall}, {"kretsyscall", methodKsyscall},
	{"kprobe.multi", methodKprobeMulti}, {"kretprobe.multi", methodKprobeMulti}, {"kprobe.session", methodKprobeMulti},
	{"uprobe", methodUprobe}, {"uretprobe", methodUprobe}, {"uprobe.multi", methodUprobeMulti}, {"uretprobe.multi", methodUprobeMulti},
	{"uprobe.session", methodUprobeMulti}, {"usdt", methodUSDT},
	{"fentry", methodTrace}, {"fexit", methodTrace}, {"fmod_ret", methodTrace}, {"fsession", methodTrace}, {"tp_btf", methodTrace},
	{"freplace", methodFreplace}, {"lsm", methodLSM}, {"iter", methodIter},
}

// sectionMethod returns the method that a kind of section selects, with or without ".s";
// nil if there is none.
func sectionMethod(kind string) *attachMethod {
	kind = strings.TrimSuffix(kind, ".s")
	for i := range sectionMethods {
		if sectionMethods[i].kind == kind {
			return sectionMethods[i].method
		}
	}
	return nil
}

// typeHint is about a program of a type that the method does not attach.
func (m *attachMethod) typeHint(kind uapi.ProgType) string {
	if m.types == nil || slices.Contains(m.types, kind) {
		return ""
	}
	var names []string
	for _, t := range m.types {
		names = append(names, t.String())
	}
	return fmt.Sprintf("the program has type %s, but this method attaches only type %s", kind, strings.Join(names, ", "))
}

// attachRequest is a call that attaches a program, as errors and hints describe it.
type attachRequest struct {
	op     string
	method *attachMethod
	target string // the name of the target in errors
	// The parts of target; those that the method does not have are zero.
	symbol      string // a function or system call of the kernel or of path, a tracepoint, a USDT
	path        string
	onInterface bool // the target is the network interface ifindex
	ifindex     int
	fd          int // of a cgroup
}

func newRequest(m *attachMethod, target string) attachRequest {
	return attachRequest{op: m.op, method: m, target: target, symbol: target, fd: -1}
}

// fileRequest returns the request to attach to a function, USDT or offset of a file.
func fileRequest(m *attachMethod, path, symbol, offset string) attachRequest {
	a := newRequest(m, path+":"+symbol+offset)
	a.path, a.symbol = path, symbol
	return a
}

func interfaceRequest(m *attachMethod, ifindex int) attachRequest {
	a := newRequest(m, fmt.Sprintf("interface %d", ifindex))
	a.onInterface, a.ifindex = true, ifindex
	return a
}

func fdRequest(m *attachMethod, fd int) attachRequest {
	a := newRequest(m, fdName(fd))
	a.fd = fd
	return a
}

// parseSection returns the request that a program's section describes.
func parseSection(section string) attachRequest {
	section = strings.TrimPrefix(section, "?")
	kind, target, _ := strings.Cut(section, "/")
	m := sectionMethod(kind)
	var a attachRequest
	switch {
	case m == nil:
		a = newRequest(methodAny, target)
	case m == methodUprobe || m == methodUprobeMulti || m == methodUSDT:
		path, symbol, _ := strings.Cut(target, ":")
		symbol, offset := cutOffset(symbol)
		a = fileRequest(m, path, symbol, offset)
	default:
		symbol, offset := cutOffset(target)
		a = newRequest(m, symbol)
		a.target += offset
	}
	a.op = methodAny.op
	return a
}

// cutOffset separates a function from the "+offset" behind it.
func cutOffset(s string) (symbol, offset string) {
	if i := strings.LastIndexByte(s, '+'); i > 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// formatOffset formats an offset as part of a target: "+0x10", "" for 0.
func formatOffset(offset uint64) string {
	if offset == 0 {
		return ""
	}
	return fmt.Sprintf("+%#x", offset)
}
