package uapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// notInSys lists the types whose numbers golang.org/x/sys/unix does not have at all.
var notInSys = map[string]bool{"BTFKind": true, "BTFLinkage": true, "LogLevel": true}

// sysPrefixes are prefixes of names in golang.org/x/sys/unix. Our tables must have every name that begins with one.
var sysPrefixes = []string{
	"BPF_MAP_TYPE_", "BPF_PROG_TYPE_", "BPF_LINK_TYPE_", "BPF_CGROUP_ITER_", "BPF_STATS_", "XDP_FLAGS_", "NF_INET_", "NFPROTO_",
}

// notOurs lists names that are exempt: masks and ends of enums, and flags of calls that nothing here makes.
var notOurs = map[string]bool{
	"XDP_FLAGS_MASK": true, "XDP_FLAGS_MODES": true, "NF_INET_NUMHOOKS": true, "NFPROTO_NUMPROTO": true,
	"NFPROTO_DECNET": true, "BPF_F_REDIRECT_FLAGS": true, "BPF_F_QUERY_EFFECTIVE": true,
}

// notInSysYet lists old numbers that golang.org/x/sys/unix leaves out.
var notInSysYet = map[string]bool{"NF_INET_INGRESS": true}

func TestNumbersEqualSysUnix(t *testing.T) {
	enums, macros := sysConstants(t, "ztypes_linux.go"), sysConstants(t, "zerrors_linux.go")
	ours := map[string]bool{}
	for _, table := range uapi.Tables {
		for _, n := range table.Numbers {
			ours[n.Name] = true
			value, ok := enums[n.Name]
			if !ok {
				value, ok = macros[n.Name]
			}
			switch {
			case ok && n.Since != 0:
				t.Errorf("%s: x/sys/unix has it now: its row needs no version", n.Name)
			case ok && value != n.Value:
				t.Errorf("%s is %d, in x/sys/unix %d", n.Name, n.Value, value)
			case !ok && n.Since == 0 && !notInSys[table.Type] && !notInSysYet[n.Name]:
				t.Errorf("%s: x/sys/unix lacks it: its row needs the version of Linux that brought it", n.Name)
			}
		}
	}
	for name := range enums {
		if hasPrefix(name, sysPrefixes) && !ours[name] && !notOurs[name] {
			t.Errorf("the tables lack %s", name)
		}
	}
	for name := range macros {
		if hasPrefix(name, append(sysPrefixes, "BPF_F_")) && !ours[name] && !notOurs[name] {
			t.Errorf("the tables lack %s", name)
		}
	}
}

func hasPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// sysConstants reads a file of golang.org/x/sys/unix, of the version that go.mod names. The package itself has these
// constants for Linux only, and no list of them.
func sysConstants(t *testing.T, name string) map[string]uint64 {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), name), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]uint64{}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			constant := spec.(*ast.ValueSpec)
			if len(constant.Values) != 1 {
				continue
			}
			if literal, ok := constant.Values[0].(*ast.BasicLit); ok && literal.Kind == token.INT {
				if v, err := strconv.ParseUint(literal.Value, 0, 64); err == nil {
					values[constant.Names[0].Name] = v
				}
			}
		}
	}
	if len(values) == 0 {
		t.Fatalf("no constants in %s", name)
	}
	return values
}
