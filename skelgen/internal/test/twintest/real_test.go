//go:build reference

package twintest

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRealObjects takes the objects of the folder REAL_OBJECTS, which "make
// test-real" fills.
func TestRealObjects(t *testing.T) {
	compareTwins(t, twins(t, filepath.Join(os.Getenv("REAL_OBJECTS"), "*.bpf.o")))
}
