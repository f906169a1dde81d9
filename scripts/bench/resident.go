package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const residentName = "a tool: binary and memory"

// tools are the programs of bench.sh that load and attach the object core, and print their
// resident memory in kB.
var tools = []struct{ name, file string }{
	{"cilium/ebpf", "resident-cilium"},
	{"bpfskel", "resident-libbpf"},
	{"bpfskel, light", "resident-light"},
}

// weight is what a program needs on disk and in memory, in MB.
type weight struct{ binary, resident float64 }

// compareResident prints the weights of programs, and returns how many targets were missed:
// light has at most half of what cilium/ebpf has.
func compareResident(objects string) (missed int, err error) {
	const target = 0.5
	fmt.Printf("\n| %-34s | %18s | %18s | %-18s |\n|%s|%s:|%s:|%s|\n", residentName, "binary, MB", "resident, MB", "target",
		dashes(36), dashes(19), dashes(19), dashes(20))
	var cilium weight
	for _, tool := range tools {
		w, err := weigh(filepath.Join(objects, tool.file))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", tool.file, err)
		}
		verdict := ""
		switch tool.name {
		case "cilium/ebpf":
			cilium = w
		case "bpfskel, light":
			for _, c := range []struct {
				what  string
				ratio float64
			}{{"binary", w.binary / cilium.binary}, {"resident", w.resident / cilium.resident}} {
				if c.ratio > target {
					missed++
					verdict += fmt.Sprintf("%s: %.3gx, not %.3gx cilium/ebpf; ", c.what, c.ratio, target)
				}
			}
			if verdict == "" {
				verdict = "met"
			}
		}
		fmt.Printf("| %-34s | %18.2f | %18.2f | %-18s |\n", tool.name, w.binary, w.resident, verdict)
	}
	return missed, nil
}

// weigh runs a program a few times; its memory is the median.
func weigh(file string) (w weight, err error) {
	const runs = 11
	info, err := os.Stat(file)
	if err != nil {
		return w, err
	}
	var kB []int
	for range runs {
		out, err := exec.Command(file).Output()
		if err != nil {
			return w, err
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(out)))
		if err != nil {
			return w, err
		}
		kB = append(kB, n)
	}
	slices.Sort(kB)
	return weight{float64(info.Size()) / 1e6, float64(kB[runs/2]) / 1e3}, nil
}
