//go:build reference

package main

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

// `make golden` runs this: bpftool takes a download.
func TestKfuncsAreThoseOfTheReference(t *testing.T) {
	ours := kfuncsOf(kernelHeader(t))
	out, err := exec.Command(os.Getenv("BPFTOOL"), "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c").Output()
	if err != nil {
		t.Fatal(err)
	}
	if theirs := kfuncsOf(string(out)); !slices.Equal(ours, theirs) {
		t.Errorf("%d kfuncs, bpftool has %d, or others", len(ours), len(theirs))
	}
}
