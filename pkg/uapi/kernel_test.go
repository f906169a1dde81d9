//go:build linux && cgo

package uapi_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// enumOf names an enumerator of the kernel's enum that a table is about; most of these enums have no name.
var enumOf = map[string]string{
	"MapType": "BPF_MAP_TYPE_HASH", "ProgType": "BPF_PROG_TYPE_XDP", "AttachType": "BPF_CGROUP_INET_INGRESS",
	"LinkType": "BPF_LINK_TYPE_CGROUP", "Cmd": "BPF_MAP_CREATE", "BTFKind": "BTF_KIND_INT", "BTFLinkage": "BTF_FUNC_STATIC",
	"CgroupIterOrder": "BPF_CGROUP_ITER_SELF_ONLY", "StatsType": "BPF_STATS_RUN_TIME",
	"MapFlags": "BPF_F_NO_PREALLOC", "ElemFlags": "BPF_NOEXIST",
	"NFProto": "NFPROTO_IPV4", "NFHook": "NF_INET_LOCAL_IN",
}

// macros are tables about macros, which BTF does not have.
var macros = map[string]bool{
	"ProgFlags": true, "RunFlags": true, "LogLevel": true, "AttachFlags": true, "XDPFlags": true, "NetfilterFlags": true,
}

// sysRelease is the release of Linux whose enums golang.org/x/sys/unix has, or a later one.
const sysRelease = 606

func TestNumbersEqualTheKernels(t *testing.T) {
	btf, err := libbpf.KernelBTF()
	if err != nil {
		t.Skip("this kernel shows no BTF")
	}
	defer btf.Close()
	enums, release := enumsOf(t, btf), kernelRelease(t)
	for _, table := range uapi.Tables {
		if macros[table.Type] {
			continue
		}
		t.Run(table.Type, func(t *testing.T) {
			kernel := enums[enumOf[table.Type]]
			if kernel == nil && release < sysRelease {
				t.Logf("Linux %d.%d has no such enum", release/100, release%100)
			}
			compare(t, table, kernel, release)
		})
	}
}

// compare holds a table against the kernel's enum, both ways.
func compare(t *testing.T, table uapi.Table, kernel map[string]uint64, release int) {
	names, values := map[string]uint64{}, map[uint64]bool{}
	for _, n := range table.Numbers {
		names[n.Name] = n.Value
	}
	for name, value := range kernel {
		if isEnd(name) {
			continue
		}
		values[value] = true
		ours, ok := names[name]
		switch {
		case ok && ours != value:
			t.Errorf("%s is %d, in the kernel %d", name, ours, value)
		case ok:
		case release > uapi.Newest:
			t.Logf("this kernel is newer than the tables, which lack %s = %d", name, value)
		default:
			t.Errorf("the table lacks %s = %d", name, value)
		}
	}
	for _, n := range table.Numbers {
		if since := max(n.Since, sysRelease); release >= since && !values[n.Value] {
			t.Errorf("%s = %d is not in this kernel, Linux %d.%d", n.Name, n.Value, release/100, release%100)
		}
	}
}

// isEnd reports whether an enumerator only marks the end of its enum, or is unused since it lost its meaning.
func isEnd(name string) bool {
	switch name {
	case "NR_BTF_KINDS", "NF_INET_NUMHOOKS", "NFPROTO_NUMPROTO", "NFPROTO_DECNET":
		return true
	}
	return strings.Contains(name, "MAX")
}

// enumsOf finds the enums that the tables are about, by the enumerators of enumOf.
func enumsOf(t *testing.T, btf *libbpf.BTF) map[string]map[string]uint64 {
	wanted := map[string]bool{}
	for _, name := range enumOf {
		wanted[name] = true
	}
	found := map[string]map[string]uint64{}
	for id := 1; id < btf.Len(); id++ {
		typ, err := btf.Type(uint32(id))
		if err != nil {
			t.Fatal(err)
		}
		if kind := uapi.BTFKind(typ.Kind); kind != uapi.BTFKindEnum && kind != uapi.BTFKindEnum64 {
			continue
		}
		values := map[string]uint64{}
		for i := range typ.Vlen {
			item, err := btf.Item(uint32(id), i)
			if err != nil {
				t.Fatal(err)
			}
			values[item.Name] = item.Value
		}
		for name := range values {
			if wanted[name] {
				found[name] = values
			}
		}
	}
	return found
}

func kernelRelease(t *testing.T) int {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(text), "%d.%d", &major, &minor); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return 100*major + minor
}
