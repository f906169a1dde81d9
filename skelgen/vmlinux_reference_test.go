//go:build reference

package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// `make golden` runs this: bpftool has to be downloaded.
func TestKfuncsAreTheSameAsBpftools(t *testing.T) {
	ours := kfuncsOf(kernelHeader(t))
	out, err := exec.Command(os.Getenv("BPFTOOL"), "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c").Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kfuncsOf(string(out)), ours); diff != "" {
		t.Errorf("the kfuncs differ from bpftool's (-theirs +ours):\n%s", diff)
	}
}
