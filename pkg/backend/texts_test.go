//go:build linux && cgo

package backend_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/backend"
)

// The messages of the linked libbpf, with each conversion of printf replaced by its
// number: "prog '<1>': bad map relo against '<2>'".
func messages(t *testing.T) (all []string) {
	const prefix = "libbpf: "
	conversion := regexp.MustCompile(`%[-+ #0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z]`)
	for _, path := range linkedFiles(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range bytes.Split(data, []byte{0}) {
			// A string may follow something else that is not text.
			i := bytes.LastIndex(s, []byte(prefix))
			if i < 0 {
				continue
			}
			n := 0
			text := conversion.ReplaceAllStringFunc(string(s[i+len(prefix):]), func(string) string {
				n++
				return fmt.Sprintf("<%d>", n)
			})
			all = append(all, strings.TrimSuffix(text, "\n"))
		}
	}
	if len(all) < 500 {
		t.Fatalf("found %d messages of libbpf %s", len(all), libbpf.LinkedVersion())
	}
	return all
}

// linkedFiles are this program, and libbpf if it is a shared library.
func linkedFiles(t *testing.T) []string {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"/proc/self/exe"}
	if shared := regexp.MustCompile(`/\S*libbpf\.so\S*`).Find(maps); shared != nil {
		files = append(files, string(shared))
	}
	return files
}

// Each text that is matched is in a message of the linked libbpf, and the name that it
// surrounds is an argument of that message. Tests of pkg/skel, such as
// TestHintsOfAttach and TestSubjectOfALoadFailure, make libbpf print them.
func TestTextsAreInTheLinkedLibbpf(t *testing.T) {
	all := messages(t)
	for _, part := range backend.NoReason() {
		if !slices.ContainsFunc(all, func(m string) bool { return strings.Contains(m, part) }) {
			t.Errorf("libbpf %s has no message with %q", libbpf.LinkedVersion(), part)
		}
	}
	argument := regexp.MustCompile(`^<\d>$`)
	for text, find := range backend.Surroundings() {
		if !slices.ContainsFunc(all, func(m string) bool { name, ok := find(m); return ok && argument.MatchString(name) }) {
			t.Errorf("libbpf %s has no message like %q", libbpf.LinkedVersion(), text)
		}
	}
	for topic, n := range backend.Topics() {
		if n == 0 {
			t.Errorf("topic %d has no text", topic)
		}
	}
	for what, find := range map[string]func(backend.Log) string{
		"<1>": backend.Log.Refused,
		"<2>": func(l backend.Log) string { return l.VerifierLog("<1>") },
	} {
		if !slices.ContainsFunc(all, func(m string) bool { return find(backend.Log{{Level: backend.LevelWarn, Text: m}}) == what }) {
			t.Errorf("libbpf %s has no message about a refused program whose %s is found", libbpf.LinkedVersion(), what)
		}
	}
}
