package functions

import "testing"

func TestNamesWithVersions(t *testing.T) {
	f := &elfFunc{name: "f", version: "V2"}
	for wanted, want := range map[string]bool{
		"f": true, "f@V2": true, "f@@V2": true, "f@V1": false, "g": false, "f@": true, "": false,
	} {
		if f.matches(wanted) != want {
			t.Errorf("%q: not %v", wanted, want)
		}
	}
	if !(&elfFunc{name: "a.b@c"}).matches("a.b@c") {
		t.Error("a name with an @ is not its own symbol name")
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"*", "abc", true}, {"a*", "abc", true},
		{"*c", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abcd", false}, {"?", "a", true}, {"?", "", false},
		{"a?c", "abc", true}, {"**b**", "abc", true}, {"a*b*c", "a-b-b-c", true}, {"abc", "abc", true}, {"[a]", "a", false},
	} {
		if glob(c.pattern, c.name) != c.want {
			t.Errorf("%q, %q: not %v", c.pattern, c.name, c.want)
		}
	}
}

func TestNamesAreFoundWhereLibbpfLooks(t *testing.T) {
	if path := resolvePath("sh"); path == "sh" {
		t.Error("no sh in PATH")
	}
	for _, path := range []string{"./libc.so.6", "/bin/sh", "no-such-program-is-here"} {
		if resolvePath(path) != path {
			t.Errorf("%s became %s", path, resolvePath(path))
		}
	}
}
