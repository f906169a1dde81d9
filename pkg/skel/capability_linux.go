package skel

import (
	"errors"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// requiredCapabilities are the capabilities that loading and attaching require; from Linux
// 5.8 on, CAP_SYS_ADMIN includes all of them.
var requiredCapabilities = []struct {
	number int
	name   string
}{
	{unix.CAP_BPF, "CAP_BPF"},
	{unix.CAP_PERFMON, "CAP_PERFMON"},
}

// capabilityHint names the capabilities that this thread lacks if that may explain the
// kernel's EPERM.
func capabilityHint(err error) string {
	if !errors.Is(err, syscall.EPERM) {
		return ""
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return ""
	}
	return missingCapabilitiesHint(uint64(data[1].Effective)<<32 | uint64(data[0].Effective))
}

func missingCapabilitiesHint(effective uint64) string {
	has := func(number int) bool { return effective>>number&1 != 0 }
	if has(unix.CAP_SYS_ADMIN) {
		return ""
	}
	var missing []string
	for _, c := range requiredCapabilities {
		if !has(c.number) {
			missing = append(missing, c.name)
		}
	}
	if missing == nil {
		return ""
	}
	return "the process lacks " + strings.Join(missing, " and ")
}
