//go:build linux

package libbpf

/*
#include "shim_skel.h"
*/
import "C"

import "sync/atomic"

var possibleCPUs atomic.Int64 // 0 until it is known

// NumPossibleCPUs is the number of CPUs that the kernel keeps per-CPU values for
// (libbpf_num_possible_cpus). It is read from /sys once; a failure is not
// remembered.
func NumPossibleCPUs() (int, error) {
	if n := possibleCPUs.Load(); n > 0 {
		return int(n), nil
	}
	var log C.struct_bpfskel_log
	n := C.bpfskel_num_possible_cpus(&log)
	if err := result("count the possible CPUs", n, takeLog(&log)); err != nil {
		return 0, err
	}
	possibleCPUs.Store(int64(n))
	return int(n), nil
}
