//go:build reference

package ctest

import (
	"bytes"
	"fmt"
)

// firstDifference describes the first difference between two texts, in one line.
func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(g), len(w)) {
		var a, b []byte
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if !bytes.Equal(a, b) || i >= len(g) || i >= len(w) {
			return fmt.Sprintf("line %d: got %.200q, want %.200q", i+1, a, b)
		}
	}
	return "no difference"
}
