package ctest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestHeadersAreTheGoldenOnes(t *testing.T) {
	for _, f := range fixtures(t) {
		for _, k := range f.forms() {
			t.Run(f.name+"/"+k.name, func(t *testing.T) {
				got := k.header(t, f.object)
				path := filepath.Join(f.dir, k.golden)
				if *update {
					if err := os.WriteFile(path, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s differs: %s", path, firstDifference(got, want))
				}
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
