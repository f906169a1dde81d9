//go:build reference

package lighttest

import (
	"os"
	"path/filepath"
	"testing"
)

// TestTools loads bcc's libbpf-tools, which "make test-real" compiles.
func TestTools(t *testing.T) {
	dir := "../../../../build/real"
	if _, err := os.Stat(filepath.Join(dir, "complete")); err != nil {
		t.Fatal("make test-real compiles the tools, and runs this")
	}
	const tools = 57
	if objects := objectsIn(t, filepath.Join(dir, "*.bpf.o")); len(objects) != tools {
		t.Errorf("%d tools, not %d", len(objects), tools)
	} else {
		compare(t, objects)
	}
}
