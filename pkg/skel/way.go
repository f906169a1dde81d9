package skel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// way is a way to attach a program.
type way struct {
	op string
	// types are the program types that can be attached this way, nil for any.
	types []uapi.ProgType
}

var (
	wayAny         = &way{"attach", nil}
	wayPerfEvent   = &way{"attach perf event", []uapi.ProgType{uapi.ProgTypePerfEvent, uapi.ProgTypeKprobe, uapi.ProgTypeTracepoint}}
	wayKprobe      = &way{"attach kprobe", []uapi.ProgType{uapi.ProgTypeKprobe}}
	wayKprobeMulti = &way{"attach kprobe multi", []uapi.ProgType{uapi.ProgTypeKprobe}}
	wayKsyscall    = &way{"attach ksyscall", []uapi.ProgType{uapi.ProgTypeKprobe}}
	wayUprobe      = &way{"attach uprobe", []uapi.ProgType{uapi.ProgTypeKprobe}}
	wayUprobeMulti = &way{"attach uprobe multi", []uapi.ProgType{uapi.ProgTypeKprobe}}
	wayUSDT        = &way{"attach usdt", []uapi.ProgType{uapi.ProgTypeKprobe}}
	wayTracepoint  = &way{"attach tracepoint", []uapi.ProgType{uapi.ProgTypeTracepoint}}
	wayRawTP       = &way{"attach raw tracepoint", []uapi.ProgType{uapi.ProgTypeRawTracepoint, uapi.ProgTypeRawTracepointWritable}}
	wayTrace       = &way{"attach trace", []uapi.ProgType{uapi.ProgTypeTracing, uapi.ProgTypeLSM, uapi.ProgTypeExt}}
	wayLSM         = &way{"attach lsm", []uapi.ProgType{uapi.ProgTypeLSM}}
	wayFreplace    = &way{"attach freplace", []uapi.ProgType{uapi.ProgTypeExt}}
	wayIter        = &way{"attach iter", []uapi.ProgType{uapi.ProgTypeTracing}}
	wayCgroup      = &way{"attach cgroup", []uapi.ProgType{uapi.ProgTypeCgroupSkb, uapi.ProgTypeCgroupSock, uapi.ProgTypeSockOps, uapi.ProgTypeCgroupDevice, uapi.ProgTypeCgroupSockAddr, uapi.ProgTypeCgroupSysctl, uapi.ProgTypeCgroupSockOpt, uapi.ProgTypeLSM}}
	wayTCX         = &way{"attach tcx", []uapi.ProgType{uapi.ProgTypeSchedCls}}
	wayTC          = &way{"attach tc", []uapi.ProgType{uapi.ProgTypeSchedCls, uapi.ProgTypeSchedAct}}
	wayNetkit      = &way{"attach netkit", []uapi.ProgType{uapi.ProgTypeSchedCls}}
	wayNetns       = &way{"attach netns", []uapi.ProgType{uapi.ProgTypeFlowDissector, uapi.ProgTypeSkLookup}}
	waySockmap     = &way{"attach sockmap", []uapi.ProgType{uapi.ProgTypeSkSkb, uapi.ProgTypeSkMsg}}
	wayXDP         = &way{"attach xdp", []uapi.ProgType{uapi.ProgTypeXDP}}
	wayNetfilter   = &way{"attach netfilter", []uapi.ProgType{uapi.ProgTypeNetfilter}}
	sectionWays    = map[string]*way{
		"tp": wayTracepoint, "tracepoint": wayTracepoint, "raw_tp": wayRawTP, "raw_tracepoint": wayRawTP,
		"raw_tp.w": wayRawTP, "raw_tracepoint.w": wayRawTP,
		"kprobe": wayKprobe, "kretprobe": wayKprobe, "ksyscall": wayKsyscall, "kretsyscall": wayKsyscall,
		"kprobe.multi": wayKprobeMulti, "kretprobe.multi": wayKprobeMulti, "kprobe.session": wayKprobeMulti,
		"uprobe": wayUprobe, "uretprobe": wayUprobe, "uprobe.multi": wayUprobeMulti, "uretprobe.multi": wayUprobeMulti,
		"uprobe.session": wayUprobeMulti, "usdt": wayUSDT,
		"fentry": wayTrace, "fexit": wayTrace, "fmod_ret": wayTrace, "fsession": wayTrace, "tp_btf": wayTrace,
		"freplace": wayFreplace, "lsm": wayLSM, "iter": wayIter,
	}
)

// refuses returns a hint about a program whose type cannot be attached this way.
func (w *way) refuses(kind uapi.ProgType) string {
	if w.types == nil || slices.Contains(w.types, kind) {
		return ""
	}
	var names []string
	for _, t := range w.types {
		names = append(names, t.String())
	}
	return fmt.Sprintf("the program is of type %s, but this attaches type %s", kind, strings.Join(names, ", "))
}

// attempt is one try to attach a program, as errors and hints see it.
type attempt struct {
	op     string
	way    *way
	target string // as errors name it
	// The parts of target, as far as the way has them.
	symbol string // a function or system call of the kernel or of path, a tracepoint, a USDT
	path   string
	onLink bool // on the network interface ifindex
	index  int
	fd     int // of a cgroup
}

func attemptAt(w *way, target string) attempt {
	return attempt{op: w.op, way: w, target: target, symbol: target, fd: -1}
}

// attemptIn returns an attempt at a function, USDT or offset of a file.
func attemptIn(w *way, path, symbol, offset string) attempt {
	a := attemptAt(w, path+":"+symbol+offset)
	a.path, a.symbol = path, symbol
	return a
}

func attemptOn(w *way, ifindex int) attempt {
	a := attemptAt(w, fmt.Sprintf("interface %d", ifindex))
	a.onLink, a.index = true, ifindex
	return a
}

func attemptFD(w *way, fd int) attempt {
	a := attemptAt(w, fdName(fd))
	a.fd = fd
	return a
}

// sectionAttempt returns the attempt that a program's section describes.
func sectionAttempt(section string) attempt {
	section = strings.TrimPrefix(section, "?")
	kind, target, _ := strings.Cut(section, "/")
	w := sectionWays[kind]
	if w == nil {
		w = sectionWays[strings.TrimSuffix(kind, ".s")]
	}
	var a attempt
	switch {
	case w == nil:
		a = attemptAt(wayAny, target)
	case w == wayUprobe || w == wayUprobeMulti || w == wayUSDT:
		path, symbol, _ := strings.Cut(target, ":")
		symbol, offset := cutOffset(symbol)
		a = attemptIn(w, path, symbol, offset)
	default:
		symbol, offset := cutOffset(target)
		a = attemptAt(w, symbol)
		a.target += offset
	}
	a.op = wayAny.op
	return a
}

// cutOffset separates a function from the "+offset" behind it.
func cutOffset(s string) (symbol, offset string) {
	if i := strings.LastIndexByte(s, '+'); i > 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// plus formats an offset as targets write it.
func plus(offset uint64) string {
	if offset == 0 {
		return ""
	}
	return fmt.Sprintf("+%#x", offset)
}
