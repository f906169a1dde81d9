// Bench compares bpfskel with C libbpf, cilium/ebpf and libbpfgo: they do the same work with the same BPF objects, in
// turn, in one process. It prints medians, and their ratios to C's.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"
)

// The contenders, in the order of the table's columns.
const (
	inC = iota
	ours
	viaCilium
	viaLibbpfgo
	viaLight
	contenders
)

var names = [contenders]string{"C libbpf", "bpfskel", "cilium/ebpf", "libbpfgo", "bpfskel, light"}

// work does a task n times and returns the time that it took, without preparation.
type work func(n int) (time.Duration, error)

// comparison is one line of the table. work is nil for a contender that cannot do the task.
type comparison struct {
	name string
	unit time.Duration // of the times in the table
	n    int           // repetitions per round
	each int           // items per repetition; the table has the time per item
	work [contenders]work
	// limits are the largest times allowed for bpfskel, as multiples of the others' times.
	limits [contenders]float64
	// lightLimits are those of bpfskel's back end light.
	lightLimits [contenders]float64
}

func main() {
	objects := flag.String("objects", "build/bench", "folder of the BPF objects")
	rounds := flag.Int("rounds", 41, "number of rounds; the results are medians over them")
	only := flag.String("run", "", "run only the comparisons whose name matches `regexp`")
	strict := flag.Bool("strict", false, "exit with status 1 if a target is missed")
	flag.Parse()
	missed, err := run(*objects, *rounds, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if *strict && missed > 0 {
		os.Exit(1)
	}
}

func run(objects string, rounds int, only string) (missed int, err error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	c, err := openAll(filepath.Join(objects, "bench.bpf.o"))
	if err != nil {
		return 0, err
	}
	defer c.close()
	var all []comparison
	for _, make := range []func(*loadedObjects) ([]comparison, error){rings, perfBuffers, maps, globals} {
		some, err := make(c)
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
	}
	for _, make := range []func(string) ([]comparison, error){loads, lifecycles} {
		some, err := make(objects)
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
	}
	printHead()
	for _, cmp := range all {
		if !pattern.MatchString(cmp.name) {
			continue
		}
		medians, err := measure(cmp, rounds)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", cmp.name, err)
		}
		missed += printLine(cmp, medians)
	}
	runtime.KeepAlive(&sum)
	if pattern.MatchString(residentName) {
		tooHeavy, err := compareResident(objects)
		if err != nil {
			return 0, err
		}
		missed += tooHeavy
	}
	return missed, nil
}

// measure runs the contenders in turn, so that other load of the machine affects all of
// them.
func measure(c comparison, rounds int) (medians [contenders]float64, err error) {
	var times [contenders][]float64
	for round := range rounds + 1 {
		for who := range contenders {
			if c.work[who] == nil {
				continue
			}
			took, err := c.work[who](c.n)
			if err != nil {
				return medians, fmt.Errorf("%s: %w", names[who], err)
			}
			if round > 0 { // the first round warms up
				times[who] = append(times[who], float64(took)/float64(c.n)/float64(max(c.each, 1)))
			}
		}
	}
	for who, t := range times {
		if len(t) > 0 {
			slices.Sort(t)
			medians[who] = t[len(t)/2]
		}
	}
	return medians, nil
}

func printHead() {
	fmt.Printf("| %-34s |", "")
	for _, name := range names {
		fmt.Printf(" %18s |", name)
	}
	fmt.Printf(" %-18s |\n|%s|", "target", dashes(36))
	for range contenders {
		fmt.Printf("%s:|", dashes(19))
	}
	fmt.Printf("%s|\n", dashes(20))
}

func dashes(n int) string { return string(slices.Repeat([]byte{'-'}, n)) }

// printLine prints a comparison and returns how many targets were missed.
func printLine(c comparison, medians [contenders]float64) (missed int) {
	fmt.Printf("| %-34s |", c.name)
	for who, ns := range medians {
		if ns == 0 {
			fmt.Printf(" %18s |", "")
			continue
		}
		text := fmt.Sprintf("%.*f", digits(ns/float64(c.unit)), ns/float64(c.unit))
		if who != inC && medians[inC] > 0 {
			text = fmt.Sprintf("%s (%.2fx)", text, ns/medians[inC])
		}
		fmt.Printf(" %18s |", text)
	}
	verdict := ""
	check := func(us int, limits [contenders]float64) {
		for who, limit := range limits {
			if limit == 0 || medians[who] == 0 || medians[us] == 0 {
				continue
			}
			if got := medians[us] / medians[who]; got > limit {
				missed++
				verdict += fmt.Sprintf("%s: %.3gx, not %.3gx %s; ", names[us], got, limit, names[who])
			}
		}
	}
	check(ours, c.limits)
	check(viaLight, c.lightLimits)
	if verdict == "" && (c.limits != [contenders]float64{} || c.lightLimits != [contenders]float64{}) {
		verdict = "met"
	}
	fmt.Printf(" %-18s |\n", verdict)
	return missed
}

func digits(v float64) int {
	switch {
	case v < 10:
		return 2
	case v < 100:
		return 1
	}
	return 0
}
