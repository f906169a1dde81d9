package load

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The messages are strings of this program, or of the shared library that it uses.
func TestRemediesAreForMessagesOfTheLinkedLibbpf(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"/proc/self/exe"}
	if shared := regexp.MustCompile(`/\S*libbpf\.so\S*`).Find(maps); shared != nil {
		files = append(files, string(shared))
	}
	var messages []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range bytes.Split(data, []byte{0}) {
			if i := bytes.LastIndex(s, []byte("libbpf: ")); i >= 0 && len(s)-i < 400 { // longer ones are Go's
				messages = append(messages, string(s[i:]))
			}
		}
	}
	for _, r := range remedies {
		found := false // one text has the argument in it
		for _, m := range messages {
			found = found || strings.Contains(strings.ReplaceAll(m, "%s", "static"), r.message)
		}
		if !found {
			t.Errorf("none of libbpf's %d messages has %q", len(messages), r.message)
		}
	}
}
