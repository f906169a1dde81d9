//go:build linux && cgo

package uapi_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// namesOfLibbpf prints a line for each number that libbpf has a name for.
const namesOfLibbpf = `
#include <stdio.h>
#include <bpf/libbpf.h>

#define EACH(TYPE, NAME) \
	for (int i = 0; i < 1000; i++) \
		if (NAME(i)) \
			printf(TYPE " %d %s\n", i, NAME(i));

int main(void)
{
	EACH("MapType", libbpf_bpf_map_type_str)
	EACH("ProgType", libbpf_bpf_prog_type_str)
	EACH("AttachType", libbpf_bpf_attach_type_str)
	EACH("LinkType", libbpf_bpf_link_type_str)
	return 0;
}
`

func TestNamesAreLibbpfs(t *testing.T) {
	last := map[string]uint64{}
	for line := range strings.Lines(outputOf(t, namesOfLibbpf)) {
		var typ, name string
		var number uint32
		if _, err := fmt.Sscan(line, &typ, &number, &name); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		last[typ] = uint64(number)
		ours := map[string]fmt.Stringer{
			"MapType": uapi.MapType(number), "ProgType": uapi.ProgType(number),
			"AttachType": uapi.AttachType(number), "LinkType": uapi.LinkType(number),
		}[typ]
		if ours.String() != name {
			t.Errorf("%s %d is %q, in libbpf %q", typ, number, ours, name)
		}
	}
	for _, table := range uapi.Tables {
		for _, n := range table.Numbers {
			// A number that libbpf omits must be newer than libbpf.
			if end, ok := last[table.Type]; ok && n.Value > end && n.Since <= sysRelease {
				t.Errorf("libbpf does not know %s, number %d", n.Name, n.Value)
			}
		}
	}
	if len(last) != 4 {
		t.Errorf("libbpf named numbers of %d types", len(last))
	}
}

// outputOf compiles a C program with the libbpf that the tests are linked with, and runs it.
func outputOf(t *testing.T, source string) string {
	dir := t.TempDir()
	file, program := filepath.Join(dir, "names.c"), filepath.Join(dir, "names")
	if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	flags, err := exec.Command("pkg-config", "--static", "--cflags", "--libs", "libbpf").Output()
	if err != nil {
		t.Fatalf("pkg-config: %v", err)
	}
	args := append([]string{"-o", program, file}, strings.Fields(string(flags))...)
	if out, err := exec.Command(cmp.Or(os.Getenv("CC"), "cc"), args...).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
