package ident

import (
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

func TestObjectC(t *testing.T) {
	for _, c := range []struct{ name, file, want, err string }{
		{"as clang writes it", "/some/where/x.bpf.o", "x_bpf", ""},
		{"other characters", "odd-name+v2.é.o", "odd_name_v2___", ""},
		{"no .o", "thing", "thing", ""},
		{"only the last .o is removed", "a.o.o", "a_o", ""},
		{"as long as bpftool keeps", strings.Repeat("a", 61) + ".o", strings.Repeat("a", 61), ""},
		{"one byte longer, which bpftool cuts", strings.Repeat("a", 62) + ".o", "", "more than 63 bytes"},
		{"nothing but .o", ".o", "", "empty"},
		{"a digit first", "9p.bpf.o", "", "not a C identifier"},
		{"a keyword", "int.o", "", "C keyword"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ObjectC(c.file)
			if got != c.want || !errorHas(err, c.err) {
				t.Errorf("ObjectC(%q) = %q, %v; want %q, error with %q", c.file, got, err, c.want, c.err)
			}
		})
	}
}

func TestCheckObjectC(t *testing.T) {
	for _, c := range []struct{ name, err string }{
		{"minimal_bpf", ""},
		{strings.Repeat("x", 63), ""},
		{strings.Repeat("x", 64), "more than 63 bytes"},
		{"", "empty"},
		{"a-b", "not a C identifier"},
		{"a$b", "not a C identifier"},
		{"1a", "not a C identifier"},
		{"struct", "C keyword"},
		{"class", ""},
	} {
		if err := CheckObjectC(c.name); !errorHas(err, c.err) {
			t.Errorf("CheckObjectC(%q) = %v, want error with %q", c.name, err, c.err)
		}
	}
}

func errorHas(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), text)
}

// The two rules agree on common names and differ on odd ones.
func TestMapCAndDatasecC(t *testing.T) {
	for _, c := range []struct{ name, section, mapC, datasecC string }{
		{"plain section", ".data", "data", "data"},
		{"custom section", ".rodata.limits", "rodata_limits", "rodata_limits"},
		{"odd characters", ".bss.a-b.c", "bss_a_b_c", "bss_a_b_c"},
		{"strings of the compiler", ".rodata.str1.1", "rodata_str1_1", "rodata_str1_1"},
		{"kernel configuration", ".kconfig", "kconfig", "kconfig"},
		{"one section's name in another's", ".rodata.data.x", "data_x", "rodata_data_x"},
		{"two of them: the first of the list counts", ".bss.rodata.y", "rodata_y", "bss_rodata_y"},
		{"arena", ".addr_space.1", "", "arena"},
		{"another address space", ".addr_space.2", "", ""},
		{"no data section", ".maps", "", ""},
		{"the name inside only", "x.data", "data", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := MapC(c.section, true); got != c.mapC || ok != (c.mapC != "") {
				t.Errorf("MapC(%q) = %q, %v, want %q", c.section, got, ok, c.mapC)
			}
			if got, ok := DatasecC(c.section); got != c.datasecC || ok != (c.datasecC != "") {
				t.Errorf("DatasecC(%q) = %q, %v, want %q", c.section, got, ok, c.datasecC)
			}
		})
	}
	if got, ok := MapC("minimal.rodata", true); got != "rodata" || !ok {
		t.Errorf("MapC of a map with the object's name before the section's = %q, %v", got, ok)
	}
	if got, ok := MapC("my.data", false); got != "my.data" || !ok {
		t.Errorf("MapC of a declared map = %q, %v, want its name", got, ok)
	}
}

func TestNamesAreCutWhereBpftoolCutsThem(t *testing.T) {
	long := strings.Repeat("v", 300)
	if got := VarC(long); got != long[:255] {
		t.Errorf("VarC has %d bytes", len(got))
	}
	if got, _ := DatasecC(".data." + long); len(got) != 255 {
		t.Errorf("DatasecC has %d bytes", len(got))
	}
	if got, _ := MapC(long, false); len(got) != 255 {
		t.Errorf("MapC has %d bytes", len(got))
	}
}

func TestGuardC(t *testing.T) {
	if got := GuardC("x_Bpf9", "SKEL_H"); got != "__X_BPF9_SKEL_H__" {
		t.Errorf("GuardC = %q", got)
	}
}

func TestIsC(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "_": true, "a9": true, "a$b": true, "é": true,
		"": false, "9a": false, "a.b": false, "a b": false, "a-b": false,
	} {
		if IsC(name) != want {
			t.Errorf("IsC(%q) = %v", name, !want)
		}
	}
}

func TestSectionC(t *testing.T) {
	for _, c := range []struct {
		name string
		m    model.Map
		want string
	}{
		{"data", model.Map{Name: "x.data", Internal: true, Flags: uapi.MapFlagMmapable}, "data"},
		{"read-only data", model.Map{Name: ".rodata.a", Internal: true, Flags: uapi.MapFlagMmapable | uapi.MapFlagReadOnlyProg}, "rodata_a"},
		{"data that cannot be mapped", model.Map{Name: ".rodata.str1.1", Internal: true}, ""},
		{"a declared map that can be mapped", model.Map{Name: "x.data", Flags: uapi.MapFlagMmapable}, ""},
		{"an arena with variables", model.Map{Name: "heap", Type: uapi.MapTypeArena, HasData: true}, "arena"},
		{"an arena without", model.Map{Name: "heap", Type: uapi.MapTypeArena}, ""},
	} {
		if got, ok := SectionC(&c.m); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: SectionC = %q, %v, want %q", c.name, got, ok, c.want)
		}
	}
}
