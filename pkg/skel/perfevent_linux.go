package skel

import "golang.org/x/sys/unix"

func setEventProgram(event, program int) error {
	return unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_SET_BPF, program)
}

func enableEvent(event int, on bool) error {
	if on {
		return unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_ENABLE, 0)
	}
	return unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_DISABLE, 0)
}
