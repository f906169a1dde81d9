package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// progAttachAttr is union bpf_attr of BPF_PROG_ATTACH and BPF_PROG_DETACH.
type progAttachAttr struct {
	target, program, attachType, flags uint32
	replace, relative                  uint32
	revision                           uint64
}

// ProgramAttach attaches a program without a link: it stays attached until it is detached
// or its target is removed.
type ProgramAttach struct {
	Program    int
	Target     int // the descriptor of a cgroup, map or namespace, or an ifindex
	AttachType uapi.AttachType
	ReplaceFD  int   // the program that it replaces, with AttachFlagReplace
	Order      Order // whose flags are the flags of the call, including AttachFlagAllowMulti and others
}

// AttachProgram attaches (bpf_prog_attach_opts).
func AttachProgram(a ProgramAttach) error { return a.call(uapi.CmdProgAttach) }

// DetachProgram detaches (bpf_prog_detach_opts). Some targets do not need Program.
func DetachProgram(a ProgramAttach) error { return a.call(uapi.CmdProgDetach) }

func (a *ProgramAttach) call(cmd uapi.Cmd) error {
	relative, flags, err := a.Order.relative()
	if err != nil {
		return err
	}
	attr := progAttachAttr{
		target: uint32(a.Target), program: uint32(a.Program), attachType: uint32(a.AttachType), flags: flags,
		replace: uint32(a.ReplaceFD), relative: relative, revision: a.Order.Revision,
	}
	_, errno := callAttr(cmd, &attr)
	return errnoError(errno)
}

// BindMap makes a program keep a map that its instructions do not use
// (bpf_prog_bind_map).
func BindMap(program, m int) error {
	attr := struct{ program, mapFD, flags uint32 }{program: uint32(program), mapFD: uint32(m)}
	_, errno := callAttr(uapi.CmdProgBindMap, &attr)
	return errnoError(errno)
}

// EnableStats makes the kernel count and time the runs of all programs, until the
// result is closed (bpf_enable_stats).
func EnableStats() (int, error) {
	attr := struct{ kind uapi.StatsType }{uapi.StatsRunTime}
	return callAttrFD(uapi.CmdEnableStats, &attr)
}
