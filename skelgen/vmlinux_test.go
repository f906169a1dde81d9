package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// kernelHeader is vmlinux.h of the running kernel. It skips the test on a kernel whose
// BTF does not mark the functions that programs may call (before Linux 6.10).
func kernelHeader(t *testing.T) string {
	t.Helper()
	btf, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if err != nil {
		t.Skip("needs a kernel with BTF:", err)
	}
	if !bytes.Contains(btf, []byte("\x00bpf_kfunc\x00")) {
		t.Skip("needs a kernel whose BTF marks kfuncs, of Linux 6.10 or newer")
	}
	stdout, stderr, status := invoke(t, ".", "vmlinux")
	if status != 0 {
		t.Fatal(stderr)
	}
	return stdout
}

var kfuncLine = regexp.MustCompile(`(?m)^extern .* __weak __ksym;$`)

func kfuncsOf(header string) []string { return kfuncLine.FindAllString(header, -1) }

// A program calls a kernel function that only vmlinux.h declares.
func TestVmlinuxDeclaresKfuncs(t *testing.T) {
	header := kernelHeader(t)
	if n := len(kfuncsOf(header)); n < 50 {
		t.Errorf("only %d kfuncs", n)
	}
	for _, want := range []string{
		"\nextern void bpf_rcu_read_lock(void) __weak __ksym;\n",
		"\nextern __bpf_fastcall void *bpf_cast_to_kern_ctx(void *obj) __weak __ksym;\n",
		"\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n",
	} {
		if !strings.Contains(header, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "vmlinux.h"), header)
	compile(t, `#include "vmlinux.h"
__attribute__((section("tp_btf/sched_switch"), used)) int run(void *ctx)
{
	if (bpf_rcu_read_lock && bpf_rcu_read_unlock) {
		bpf_rcu_read_lock();
		bpf_rcu_read_unlock();
	}
	return 0;
}
char _license[] __attribute__((section("license"))) = "GPL";
`, filepath.Join(dir, "x.bpf.o"))
	stdout, stderr, status := invoke(t, dir, "inspect", "x.bpf.o")
	if status != 0 || !strings.Contains(stdout, "run") {
		t.Errorf("%s%s", stdout, stderr)
	}
}
