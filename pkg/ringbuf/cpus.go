package ringbuf

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Lists of CPUs, such as 0-3,5.
const (
	onlineCPUs   = "/sys/devices/system/cpu/online"
	possibleCPUs = "/sys/devices/system/cpu/possible"
)

func readCPUs(file string) ([]int, error) {
	list, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the list of CPUs: %w", err)
	}
	cpus, err := parseCPUs(strings.TrimSpace(string(list)))
	if err != nil {
		return nil, fmt.Errorf("read the list of CPUs in %s: %w", file, err)
	}
	return cpus, nil
}

func parseCPUs(list string) (cpus []int, err error) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.ParseUint(from, 10, 16)
		last := first
		if err == nil && isRange {
			last, err = strconv.ParseUint(to, 10, 16)
		}
		if err != nil || last < first {
			return nil, fmt.Errorf("%w: %q is not a list of CPUs", syscall.EINVAL, list)
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, int(cpu))
		}
	}
	return cpus, nil
}

// checkPerfMap refuses a map that does not have an entry for every CPU.
func checkPerfMap(name string, entries uint32) error {
	possible, err := readCPUs(possibleCPUs)
	if err != nil {
		return err
	}
	if need := slices.Max(possible) + 1; uint64(entries) < uint64(need) {
		return fmt.Errorf("%w: %s has %d entries, but the machine has %d CPUs: records of the other CPUs would be lost; remove max_entries, and libbpf sets it", syscall.EINVAL, name, entries, need)
	}
	return nil
}

// How often a loop that is busy with records looks for CPUs that have come online, and how
// often it reads the list of CPUs, in case a message is missing.
const (
	lookInterval    = 100 * time.Millisecond
	compareInterval = time.Second
)

// cpuWatch finds CPUs that come online for a perf reader. Only the loop uses it.
type cpuWatch struct {
	messages   *hotplug     // nil if they cannot be received
	hasRing    map[int]bool // the CPUs that have a ring; false for one that is offline
	lookedAt   time.Time
	comparedAt time.Time
}

// newCPUs returns the CPUs that came online and need a ring. now is false for a busy loop,
// which looks only every lookInterval.
func (w *cpuWatch) newCPUs(now bool) (cpus []int, err error) {
	at := time.Now()
	if !now && at.Sub(w.lookedAt) < lookInterval {
		return nil, nil
	}
	w.lookedAt = at
	lost := false
	if w.messages != nil {
		cpus, lost = w.messages.newlyOnline()
	}
	if lost || at.Sub(w.comparedAt) >= compareInterval {
		w.comparedAt = at
		more, err := w.compare(lost)
		if err != nil {
			return nil, err
		}
		cpus = append(cpus, more...)
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// compare returns the CPUs that are up and do not have a ring, or were down at the last
// comparison. If messages were lost, it returns all CPUs that are up, since each may
// have been down.
func (w *cpuWatch) compare(all bool) (cpus []int, err error) {
	online, err := readCPUs(onlineCPUs)
	if err != nil {
		return nil, err
	}
	for cpu := range w.hasRing {
		if !slices.Contains(online, cpu) {
			w.hasRing[cpu] = false
		}
	}
	for _, cpu := range online {
		if all || !w.hasRing[cpu] {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}
