package uapi_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func TestString(t *testing.T) {
	for _, c := range []struct {
		number fmt.Stringer
		want   string
	}{
		{uapi.MapTypeHash, "hash"},
		{uapi.MapTypePerCPUArray, "percpu_array"},
		{uapi.MapTypeRHash, "rhash"},
		{uapi.MapTypeCgroupStorage, "cgroup_storage"},
		{uapi.MapType(99), "map_type(99)"},
		{uapi.ProgTypeSchedCls, "sched_cls"},
		{uapi.ProgType(99), "prog_type(99)"},
		{uapi.AttachTypeTraceFentry, "trace_fentry"},
		{uapi.AttachType(1000), "attach_type(1000)"},
		{uapi.LinkTypeTCX, "tcx"},
		{uapi.LinkType(99), "link_type(99)"},
		{uapi.CmdProgTestRun, "prog_test_run"},
		{uapi.CmdProgLoad | uapi.CmdCommonAttrs, "prog_load|common_attrs"},
		{uapi.Cmd(999), "cmd(999)"},
		{uapi.BTFKindVoid, "void"},
		{uapi.BTFKindFuncProto, "func_proto"},
		{uapi.CgroupIterDescendantsPre, "descendants_pre"},
		{uapi.NFProtoIPv6, "ipv6"},
		{uapi.NFHookLocalIn, "local_in"},
		{uapi.StatsRunTime, "run_time"},
		{uapi.MapFlags(0), "0"},
		{uapi.MapFlagReadOnlyProg | uapi.MapFlagMmapable, "BPF_F_RDONLY_PROG|BPF_F_MMAPABLE"},
		{uapi.MapFlagMmapable | 1<<30, "BPF_F_MMAPABLE|0x40000000"},
		{uapi.MapFlags(1 << 31), "0x80000000"},
		{uapi.ElemAny, "BPF_ANY"},
		{uapi.ElemExist | uapi.ElemLock, "BPF_EXIST|BPF_F_LOCK"},
		{uapi.ElemCPU | 3<<32, "BPF_F_CPU|0x300000000"},
		{uapi.AttachFlagBefore | uapi.AttachFlagLink, "BPF_F_BEFORE|BPF_F_LINK"},
		{uapi.XDPFlagDriverMode, "XDP_FLAGS_DRV_MODE"},
		{uapi.RunOnCPU, "BPF_F_TEST_RUN_ON_CPU"},
		{uapi.LogLevel2 | uapi.LogStats, "BPF_LOG_LEVEL2|BPF_LOG_STATS"},
	} {
		if got := c.number.String(); got != c.want {
			t.Errorf("%T %d: %q, want %q", c.number, c.number, got, c.want)
		}
	}
}

// TestEveryConstantHasAName compares the tables with the constants of the package's source, in number.
func TestEveryConstantHasAName(t *testing.T) {
	constants := constantsByType(t)
	for _, table := range uapi.Tables {
		values := map[uint64]bool{}
		for _, n := range table.Numbers {
			values[n.Value] = true
		}
		if len(values) != constants[table.Type] {
			t.Errorf("%s: %d constants, %d of them with a name", table.Type, constants[table.Type], len(values))
		}
		delete(constants, table.Type)
	}
	if len(constants) > 0 {
		t.Errorf("types without a table: %v", constants)
	}
}

// constantsByType counts the exported constants of each type.
func constantsByType(t *testing.T) map[string]int {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			typ := "" // of the line above, as with iota
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				if value.Type != nil {
					typ = value.Type.(*ast.Ident).Name
				}
				if value.Names[0].IsExported() {
					count[typ]++
				}
			}
		}
	}
	return count
}
