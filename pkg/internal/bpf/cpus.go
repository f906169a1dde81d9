package bpf

import (
	"strconv"
	"strings"
	"sync/atomic"
)

const possibleCPUsFile = "/sys/devices/system/cpu/possible"

var possibleCPUs atomic.Int64

// NumPossibleCPUs returns the number of CPUs for which the kernel keeps per-CPU values
// (libbpf_num_possible_cpus). It reads /sys; the number never changes and is cached, an
// error is not.
func NumPossibleCPUs() (int, error) {
	if n := possibleCPUs.Load(); n > 0 {
		return int(n), nil
	}
	list, err := readKernelFile(possibleCPUsFile)
	if err != nil {
		return 0, err
	}
	n, err := countCPUs(string(list))
	if err != nil {
		return 0, err
	}
	possibleCPUs.Store(int64(n))
	return n, nil
}

// countCPUs counts the CPUs of a list such as "0-3,8". The error is EINVAL if it is not
// such a list in rising order.
func countCPUs(list string) (int, error) {
	n, next := 0, 0
	for _, part := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' }) {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		first, err1 := strconv.Atoi(low)
		last, err2 := strconv.Atoi(high)
		if err1 != nil || err2 != nil || first < next || last < first {
			return 0, errInvalid
		}
		n += last - first + 1
		next = last + 1
	}
	if n == 0 {
		return 0, errInvalid
	}
	return n, nil
}
