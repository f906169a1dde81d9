package ctest

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/golden"
)

func TestGoldenHeaders(t *testing.T) {
	for _, f := range fixtures(t) {
		for _, k := range f.forms() {
			t.Run(f.name+"/"+k.name, func(t *testing.T) {
				golden.File(t, filepath.Join(f.dir, k.golden), k.header(t, f.object))
			})
		}
	}
}

func TestTheSameObjectGivesTheSameHeader(t *testing.T) {
	for _, f := range fixtures(t) {
		for _, k := range f.forms() {
			if !bytes.Equal(k.header(t, f.object), k.header(t, f.object)) {
				t.Errorf("%s of %s differs from one run to the next", k.name, f.name)
			}
		}
	}
}
